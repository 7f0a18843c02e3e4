package dev.tidemark.repository.pack;

import dev.tidemark.repository.blob.BlobName;
import dev.tidemark.repository.blob.ContentHash;
import java.util.Optional;

/** A pack's identity: SHA-256 of its bytes. */
public record PackId(ContentHash hash) implements Comparable<PackId> {
  /** Under which all packs lie. */
  public static final String FOLDER = "packs/";

  private static final String SUFFIX = ".pack";

  /** {@code packs/<first 2 hex digits>/<64 hex digits>.pack}. */
  public BlobName blobName() {
    return new BlobName(FOLDER + hash.hex().substring(0, 2) + "/" + hash + SUFFIX);
  }

  /** The pack that a blob is, empty if its name is no pack's. */
  public static Optional<PackId> find(BlobName name) {
    String last = name.lastPart();
    if (!last.endsWith(SUFFIX) || last.length() != 64 + SUFFIX.length()) {
      return Optional.empty();
    }
    try {
      PackId id = new PackId(new ContentHash(last.substring(0, 64)));
      return id.blobName().equals(name) ? Optional.of(id) : Optional.empty();
    } catch (IllegalArgumentException foreign) {
      return Optional.empty();
    }
  }

  @Override
  public int compareTo(PackId other) {
    return hash.compareTo(other.hash);
  }

  @Override
  public String toString() {
    return hash.hex();
  }
}
