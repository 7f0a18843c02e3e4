package dev.tidemark.repository;

import java.io.IOException;

/** A repository of a format version that this Tidemark does not read. */
public final class RepositoryFormatException extends IOException {
  RepositoryFormatException(String message) {
    super(message);
  }
}
