package dev.tidemark.repository;

import java.io.IOException;

/** No repository where one is to be opened. */
public final class RepositoryMissingException extends IOException {
  RepositoryMissingException(String place) {
    super(
        ("No repository at %s: it holds no tidemark.json. Check the path and that its disk is"
                + " mounted; `tidemark up` or `tidemark store` makes a new repository.")
            .formatted(place));
  }
}
