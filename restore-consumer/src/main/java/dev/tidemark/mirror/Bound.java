package dev.tidemark.mirror;

import java.util.OptionalLong;

/** How far a standby follows by its configuration. Two are the same if their texts are. */
public sealed interface Bound {
  /** As far as the tree goes. */
  Bound NONE = new None();

  /** Where it is, as far as that is known. */
  OptionalLong place();

  /** No bound. */
  record None() implements Bound {
    @Override
    public OptionalLong place() {
      return OptionalLong.empty();
    }

    @Override
    public String toString() {
      return "";
    }
  }

  /** Up to a change and no further; back to it if more is applied. */
  record Sequence(long sequence) implements Bound {
    public Sequence {
      if (sequence < 1) {
        throw new IllegalArgumentException("sequence %d: expected at least 1".formatted(sequence));
      }
    }

    @Override
    public OptionalLong place() {
      return OptionalLong.of(sequence);
    }

    @Override
    public String toString() {
      return "sequence " + sequence;
    }
  }

  /**
   * Up to a tag.
   *
   * @param place its sequence, if it is there already; else it is one that is met from now on
   */
  record Tag(String label, OptionalLong place) implements Bound {
    @Override
    public String toString() {
      return "tag " + label;
    }
  }
}
