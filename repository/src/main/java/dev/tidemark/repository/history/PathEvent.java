package dev.tidemark.repository.history;

import dev.tidemark.schemas.change.Change.Cause;
import dev.tidemark.schemas.change.Node;
import dev.tidemark.schemas.change.NodeAspect;
import dev.tidemark.schemas.change.NodePath;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;

/** A moment at which what stands at a path became another. */
public sealed interface PathEvent {
  /** The change, or the snapshot, that shows it first. */
  long sequence();

  /** Effective log time of that change. */
  long logTimeMillis();

  Means means();

  /** From then on this stood where nothing had. */
  record Appeared(long sequence, long logTimeMillis, Means means, Node node) implements PathEvent {}

  /**
   * From then on this stood there in the place of something else.
   *
   * @param aspects in what it differs, at least one
   */
  record Changed(long sequence, long logTimeMillis, Means means, Node node, Set<NodeAspect> aspects)
      implements PathEvent {
    public Changed {
      aspects = Collections.unmodifiableSet(EnumSet.copyOf(aspects));
    }
  }

  /** From then on nothing stood there. */
  record Gone(long sequence, long logTimeMillis, Means means) implements PathEvent {}

  /** What brought it about. */
  sealed interface Means {
    /** A change that names this path, or one that it lay below. */
    record Written(Writer by) implements Means {}

    /** A move, or an exchange. */
    record MovedFrom(Writer by, NodePath before) implements Means {}

    /** The same, of what stood here. */
    record MovedTo(Writer by, NodePath after) implements Means {}

    /** A full scan, which did not find it. */
    record NotFound(Writer by) implements Means {}

    /** Not told: retention has taken out the changes, and kept what they led to. */
    record Kept() implements Means {}
  }

  /**
   * Who wrote a change.
   *
   * @param host empty if the beginning of its term is not kept
   * @param capturedAtMicros by the writer's clock
   */
  record Writer(String host, Cause cause, long capturedAtMicros) {}
}
