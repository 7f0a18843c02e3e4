package dev.tidemark.mirror;

/** Where tests stop a mirror between two steps. */
@FunctionalInterface
interface CrashPoints {
  CrashPoints NONE = step -> {};

  /** Throws, to stop here. */
  void at(String step);
}
