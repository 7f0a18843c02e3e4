package dev.tidemark.repository;

import dev.tidemark.repository.blob.BlobStore;
import dev.tidemark.repository.blob.LocalBlobStore;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.regex.Pattern;

/** Finds the store that a repository's address names. */
final class StoreUrl {
  private static final Pattern SCHEME =
      Pattern.compile("[A-Za-z][A-Za-z0-9+.-]*:.*", Pattern.DOTALL);

  private StoreUrl() {}

  static BlobStore open(String url) throws IOException {
    if (url.isBlank()) {
      throw new IllegalArgumentException(
          "the repository's address is empty: expected a folder, or file:///folder");
    }
    if (!SCHEME.matcher(url).matches()) {
      return LocalBlobStore.open(Path.of(url));
    }
    if (url.startsWith("file:")) {
      return LocalBlobStore.open(folder(url));
    }
    throw new IllegalArgumentException(
        ("repository address \"%s\": only folders can be used so far; give a path, or"
                + " file:///folder. A folder whose name holds ':' is given as ./name.")
            .formatted(url));
  }

  private static Path folder(String url) {
    try {
      return Path.of(URI.create(url));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "repository address \"%s\": expected file:///folder with an absolute path".formatted(url),
          e);
    }
  }
}
