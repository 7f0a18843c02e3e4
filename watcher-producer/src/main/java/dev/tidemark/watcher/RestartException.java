package dev.tidemark.watcher;

/** The epoch is over, but the watcher is not: a new term has to be begun. */
final class RestartException extends Exception {
  private static final long serialVersionUID = 1L;

  private final boolean full;

  private RestartException(String why, boolean full) {
    super(why);
    this.full = full;
  }

  static RestartException withDifferenceScan(String why) {
    return new RestartException(why, false);
  }

  static RestartException withFullScan(String why) {
    return new RestartException(why, true);
  }

  boolean needsFullScan() {
    return full;
  }
}
