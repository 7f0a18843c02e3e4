package dev.tidemark.schemas.cursor;

/** What a reader does with one record, and where it stands after it. */
public sealed interface Verdict {
  Cursor next();

  /** Counted: apply it. Its sequence and effective log time are those of {@link #next()}. */
  record Accepted(Cursor next) implements Verdict {}

  /** A sign of life of the current writer. Nothing to apply, nothing to seal. */
  record Alive(Cursor next) implements Verdict {}

  /**
   * A heartbeat of no epoch: nothing to apply. A writer that has not begun learns by it, in the
   * head that comes behind it, what stands in the log.
   */
  record Asked(Cursor next) implements Verdict {}

  /** Seen before: drop it. */
  record Repeated(Cursor next) implements Verdict {}

  /** Of a fenced writer, a ghost, or behind a gap: drop and count it. */
  record Rejected(Cursor next, String reason) implements Verdict {}

  /** A number is missing: the tree is faulty from here on. */
  record Gapped(Cursor next) implements Verdict {}
}
