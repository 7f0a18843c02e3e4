package dev.tidemark.schemas.change;

import dev.tidemark.schemas.chunk.ChunkId;
import dev.tidemark.schemas.frame.Frame;

/** A run of a file's bytes, in file order. */
public sealed interface Extent {
  /** Bytes of the file that this extent covers. */
  long bytes();

  /**
   * Bytes held by one chunk.
   *
   * @param plainBytes length of the chunk's plain bytes
   * @param position where its frame was last seen acknowledged; a hint, never an identity
   */
  record Chunk(ChunkId id, int plainBytes, FramePosition position) implements Extent {
    public Chunk {
      if (plainBytes < 1 || plainBytes > Frame.MAX_PLAIN_BYTES) {
        throw new IllegalArgumentException(
            "chunk %s of %d bytes: expected 1 to %d"
                .formatted(id, plainBytes, Frame.MAX_PLAIN_BYTES));
      }
    }

    @Override
    public long bytes() {
      return plainBytes;
    }
  }

  /** Bytes never written, which read as zero. */
  record Hole(long bytes) implements Extent {
    public Hole {
      if (bytes < 1) {
        throw new IllegalArgumentException("hole of %d bytes".formatted(bytes));
      }
    }
  }

  /**
   * A part of the extents themselves, kept in a chunk: its plain bytes are an encoded list of
   * extents.
   */
  record Nested(Chunk list, long bytes) implements Extent {
    public Nested {
      if (bytes < 1) {
        throw new IllegalArgumentException("list %s covers %d bytes".formatted(list.id(), bytes));
      }
    }
  }
}
