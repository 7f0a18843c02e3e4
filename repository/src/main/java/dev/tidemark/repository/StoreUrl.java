package dev.tidemark.repository;

import dev.tidemark.repository.blob.BlobStore;
import dev.tidemark.repository.blob.LocalBlobStore;
import dev.tidemark.repository.blob.s3.S3BlobStore;
import dev.tidemark.repository.blob.s3.S3Location;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Pattern;

/** Finds the store that a repository's address names. */
final class StoreUrl {
  private static final Pattern SCHEME =
      Pattern.compile("[A-Za-z][A-Za-z0-9+.-]*:.*", Pattern.DOTALL);

  private StoreUrl() {}

  static BlobStore open(String url) throws IOException {
    Optional<Path> folder = findFolder(url);
    return folder.isPresent()
        ? LocalBlobStore.open(folder.get())
        : S3BlobStore.open(S3Location.parse(url));
  }

  /** Empty for a bucket. */
  static Optional<Path> findFolder(String url) {
    if (url.isBlank()) {
      throw new IllegalArgumentException(
          "the repository's address is empty: expected a folder, file:///folder or"
              + " s3://bucket/prefix");
    }
    if (S3Location.isMeantBy(url)) {
      return Optional.empty();
    }
    if (!SCHEME.matcher(url).matches()) {
      return Optional.of(Path.of(url));
    }
    if (url.startsWith("file:")) {
      return Optional.of(folder(url));
    }
    throw new IllegalArgumentException(
        ("repository address \"%s\": expected a folder's path, file:///folder or"
                + " s3://bucket/prefix. A folder whose name holds ':' is given as ./name.")
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
