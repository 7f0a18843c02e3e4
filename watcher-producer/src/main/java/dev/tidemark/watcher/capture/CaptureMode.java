package dev.tidemark.watcher.capture;

import java.util.Locale;

/** How changes are found. */
public enum CaptureMode {
  /** The best of the others that works for the tree. */
  AUTO,
  /** One mark for a whole filesystem; needs CAP_SYS_ADMIN. */
  FANOTIFY,
  /** A watch for each directory; their number is limited per user. */
  INOTIFY,
  /** A comparison of the whole tree at an interval. */
  SCAN;

  /** As it is written on the command line. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
