package dev.tidemark.watcher;

/** Places at which a test ends the watcher as a kill would. */
interface Checkpoints {
  Checkpoints NONE = _ -> {};

  enum Step {
    /** Paths are in doubt, their changes not yet sent. */
    BEFORE_SEND,
    /** Changes are sent. */
    AFTER_SEND,
    /** Acknowledgements have come, and are not yet in the state store. */
    BEFORE_SETTLE
  }

  /** A crash is an error thrown from here. */
  void reach(Step step);
}
