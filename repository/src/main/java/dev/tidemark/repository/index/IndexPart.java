package dev.tidemark.repository.index;

import dev.tidemark.repository.blob.BlobName;
import dev.tidemark.repository.blob.BlobStore;
import java.io.IOException;
import java.lang.ref.SoftReference;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * An index blob that is read when it is asked. A small one is read whole, and checked, at the first
 * question. Of a large one the first questions read what they need; when they have read a good part
 * of it, it is viewed whole, and checked, too. What was read may be let go where memory is short.
 * Thread-safe.
 */
final class IndexPart {
  /** Reading more of it at once than a search reads of a large one would be no gain. */
  private static final int SMALL_BYTES = 128 << 10;

  /** The part of a blob, as 1 / n, that is read for single questions before it is read whole. */
  private static final int WORTH_READING_WHOLE = 16;

  private final BlobStore store;
  private final BlobName name;
  private final long bytes;
  private @Nullable IndexRanges ranges;

  /** Set if the blob is in memory only: it could not be put. */
  private final @Nullable IndexBlob kept;

  private SoftReference<@Nullable IndexBlob> read = new SoftReference<>(null);

  private IndexPart(BlobStore store, BlobName name, long bytes, @Nullable IndexBlob kept) {
    this.store = store;
    this.name = name;
    this.bytes = bytes;
    this.kept = kept;
  }

  /** A blob that the store lists. */
  static IndexPart listed(BlobStore store, BlobName name, long bytes) {
    return new IndexPart(store, name, bytes, null);
  }

  /** A blob that may be nowhere but in memory. */
  static IndexPart inMemory(BlobStore store, IndexBlob blob) {
    return new IndexPart(store, blob.name(), 0, blob);
  }

  BlobName name() {
    return name;
  }

  /** Length of the blob. */
  long bytes() {
    return bytes;
  }

  /**
   * All of it, checked.
   *
   * @throws dev.tidemark.repository.blob.BlobMissingException if it was merged away meanwhile
   */
  synchronized IndexBlob whole() throws IOException {
    IndexBlob blob = inMemory();
    if (blob == null) {
      blob = IndexBlob.open(store, name);
      read = new SoftReference<>(blob);
      ranges = null;
    }
    return blob;
  }

  private @Nullable IndexBlob inMemory() {
    return kept == null ? read.get() : kept;
  }

  /** Where a chunk lies; any one place if there are several. */
  Optional<ChunkLocation> find(IdKey id) throws IOException {
    Optional<IndexRanges> inPlace = inPlace();
    return inPlace.isPresent() ? inPlace.get().find(id) : whole().find(id);
  }

  /** Adds every place where a chunk lies. */
  void findAll(IdKey id, List<ChunkLocation> into) throws IOException {
    Optional<IndexRanges> inPlace = inPlace();
    if (inPlace.isPresent()) {
      inPlace.get().findAll(id, into);
    } else {
      whole().findAll(id, into);
    }
  }

  /** Empty once it is better read whole. */
  private synchronized Optional<IndexRanges> inPlace() throws IOException {
    if (bytes <= SMALL_BYTES || inMemory() != null) {
      return Optional.empty();
    }
    if (ranges == null) {
      ranges = IndexRanges.open(store, name, bytes);
    }
    return ranges.readBytes() > bytes / WORTH_READING_WHOLE
        ? Optional.empty()
        : Optional.of(ranges);
  }
}
