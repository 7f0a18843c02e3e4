package dev.tidemark.repository.history;

import dev.tidemark.schemas.change.Node;

/** A moment at which what stands at a path became another. */
public sealed interface PathEvent {
  /** The change, or the snapshot, that shows it first. */
  long sequence();

  /** Effective log time of that change. */
  long logTimeMillis();

  /** From then on this stood there. */
  record Stands(long sequence, long logTimeMillis, Node node) implements PathEvent {}

  /** From then on nothing stood there. */
  record Gone(long sequence, long logTimeMillis) implements PathEvent {}
}
