package dev.tidemark.repository.crash;

import java.util.List;

/** What goes wrong with one request. */
enum CrashFault {
  KILL_BEFORE("killed before"),
  KILL_AFTER("`kill -9` after it"),
  FAIL_BEFORE("fails before"),
  FAIL_AFTER("fails after"),
  LOST_REQUEST("request lost"),
  LOST_ANSWER("answer lost"),
  FULL("no space"),
  STALE_LIST("not listed"),
  SLOW("takes 13 h");

  /** Those of the table, in its order. */
  static final List<CrashFault> COLUMNS =
      List.of(
          KILL_AFTER, FAIL_BEFORE, FAIL_AFTER, LOST_REQUEST, LOST_ANSWER, FULL, STALE_LIST, SLOW);

  private final String words;

  CrashFault(String words) {
    this.words = words;
  }

  String words() {
    return words;
  }

  boolean isKill() {
    return this == KILL_BEFORE || this == KILL_AFTER;
  }

  /** Whether it can befall this request. */
  boolean fits(CrashStep step) {
    return switch (this) {
      case KILL_BEFORE, KILL_AFTER, FAIL_BEFORE, FAIL_AFTER, SLOW -> true;
      case LOST_REQUEST, LOST_ANSWER -> step.action().equals("put");
      case FULL -> !step.action().equals("delete");
      // Of clean-up's own folder a listing must be up to date: docs/clean-up.md.
      case STALE_LIST ->
          step.action().equals("put")
              && !step.blob().equals("clock probe")
              && !step.blob().equals("sweep mark")
              && !step.blob().equals("announcement");
    };
  }
}
