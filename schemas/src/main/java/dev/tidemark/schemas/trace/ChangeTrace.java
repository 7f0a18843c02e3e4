package dev.tidemark.schemas.trace;

/**
 * Is told of the steps that changes take in this process. Never waits, never fails: what cannot be
 * kept is dropped and counted. Safe from any thread.
 */
public interface ChangeTrace {
  /** Wants to hear nothing. */
  ChangeTrace OFF =
      new ChangeTrace() {
        @Override
        public boolean isOn() {
          return false;
        }

        @Override
        public void tell(
            TracedChange change, Step step, String who, long fromMicros, long toMicros) {
          // Nobody listens.
        }
      };

  /** Whether anything is wanted; the same for the life of the process. Asked before any work. */
  boolean isOn();

  /**
   * A step is over.
   *
   * @param who tells apart those that all take this step, such as standbys; else empty
   * @param fromMicros since 1970, and likewise {@code toMicros}
   */
  void tell(TracedChange change, Step step, String who, long fromMicros, long toMicros);
}
