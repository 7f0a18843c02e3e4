package dev.tidemark.mirror;

/** How far a standby follows by its configuration. */
public sealed interface Bound {
  /** As far as the tree goes. */
  Bound NONE = new None();

  /** No bound. */
  record None() implements Bound {
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
    public String toString() {
      return "sequence " + sequence;
    }
  }

  /** Up to a tag of that name that is met from now on. */
  record Tag(String label) implements Bound {
    @Override
    public String toString() {
      return "tag " + label;
    }
  }
}
