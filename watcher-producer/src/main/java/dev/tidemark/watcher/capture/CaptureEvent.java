package dev.tidemark.watcher.capture;

import dev.tidemark.filesystem.linux.WatchMask;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Something happened in a directory.
 *
 * @param watch token from {@link EventSource#watch}; {@link #NO_WATCH} if events were lost
 * @param mask bits of {@link WatchMask}, perhaps several that were merged; MOVED_FROM and MOVED_TO
 *     come alone, but for IS_DIRECTORY
 * @param cookie the same for both halves of a rename; a half without a partner has one of its own
 * @param name in the directory, empty if it is about the directory itself; not to be changed
 */
public record CaptureEvent(int watch, int mask, int cookie, byte[] name) {
  static final int NO_WATCH = -1;
  private static final byte[] NO_NAME = {};

  static CaptureEvent overflow() {
    return new CaptureEvent(NO_WATCH, WatchMask.QUEUE_OVERFLOW, 0, NO_NAME);
  }

  static CaptureEvent ended(int watch) {
    return new CaptureEvent(watch, WatchMask.IGNORED, 0, NO_NAME);
  }

  /** Whether any of these bits of {@link WatchMask} is set. */
  public boolean has(int bits) {
    return (mask & bits) != 0;
  }

  /** Events were lost, of any directory. */
  public boolean isOverflow() {
    return has(WatchMask.QUEUE_OVERFLOW);
  }

  /** The name was a directory's at that time. */
  public boolean isDirectory() {
    return has(WatchMask.IS_DIRECTORY);
  }

  /** The watch is gone, and its directory most likely, too. */
  public boolean isEnd() {
    return has(WatchMask.IGNORED);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof CaptureEvent that
        && watch == that.watch
        && mask == that.mask
        && cookie == that.cookie
        && Arrays.equals(name, that.name);
  }

  @Override
  public int hashCode() {
    return 31 * (31 * watch + mask) + Arrays.hashCode(name);
  }

  /** For display: what is not ASCII in the name is lost. */
  @Override
  public String toString() {
    return "watch %d mask 0x%x cookie %d %s"
        .formatted(watch, mask, cookie, new String(name, StandardCharsets.US_ASCII));
  }
}
