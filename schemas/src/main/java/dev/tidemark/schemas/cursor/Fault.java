package dev.tidemark.schemas.cursor;

import dev.tidemark.schemas.change.NodePath;
import dev.tidemark.schemas.chunk.ChunkId;
import java.util.List;

/**
 * Why a tree cannot go on, and where it stopped.
 *
 * @param sequence at which the tree stands
 * @param offset of the record that showed the fault
 * @param path MISSING_CHUNK: the path that names the chunks
 * @param chunks MISSING_CHUNK: their ids, as far as they are known
 */
public record Fault(
    Kind kind, long sequence, long offset, String detail, NodePath path, List<ChunkId> chunks) {
  public static final Fault NONE = new Fault(Kind.NONE, 0, -1, "");

  /** What is wrong. */
  public enum Kind {
    NONE,
    /** A number was skipped. Nothing is accepted until the writer begins a new epoch. */
    GAP,
    /**
     * The writer knows more acknowledged than the log holds. Stands until a full scan completes.
     */
    LOST_TAIL,
    /** Offsets that were not read are gone from the log. Stands until a full scan completes. */
    LOST_RANGE,
    /** A frame that a change needs is not in the repository and never will be. */
    MISSING_CHUNK,
    /** A change came too long after its oldest frame. */
    STALE_FRAME,
    /** Two records of the repository or the log tell different things of one sequence. */
    DISAGREEMENT
  }

  public Fault {
    chunks = List.copyOf(chunks);
  }

  public Fault(Kind kind, long sequence, long offset, String detail) {
    this(kind, sequence, offset, detail, NodePath.ROOT, List.of());
  }

  public boolean isNone() {
    return kind == Kind.NONE;
  }

  /** Whether only a full scan takes this fault away. */
  boolean needsFullScan() {
    return kind == Kind.LOST_TAIL || kind == Kind.LOST_RANGE;
  }
}
