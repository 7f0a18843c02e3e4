package dev.tidemark.repository.history;

/** An instant of a tree's history. */
public sealed interface At {
  /** After the change of this sequence. */
  record Sequence(long sequence) implements At {}

  /** After the last change whose effective log time, in milliseconds, is not later. */
  record Time(long logTimeMillis) implements At {}

  /** After the last sealed change. */
  record Newest() implements At {}
}
