package dev.tidemark.repository;

import java.io.IOException;

/** A repository is to be created where one is. */
public final class RepositoryExistsException extends IOException {
  RepositoryExistsException(String place, String what) {
    super(
        "Cannot create a repository at %s: %s. Open the one that is there, or name another folder."
            .formatted(place, what));
  }
}
