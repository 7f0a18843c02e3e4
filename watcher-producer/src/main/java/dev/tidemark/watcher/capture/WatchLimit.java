package dev.tidemark.watcher.capture;

import dev.tidemark.filesystem.linux.Descriptor;
import dev.tidemark.filesystem.linux.DirectoryEntry;
import dev.tidemark.filesystem.linux.FileType;
import dev.tidemark.filesystem.linux.LinuxFiles;
import dev.tidemark.filesystem.linux.SystemCallException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.BiPredicate;

/** How many directories inotify may watch, and how many a tree has. */
public final class WatchLimit {
  private static final Path USER_WATCHES = Path.of("/proc/sys/fs/inotify/max_user_watches");
  private static final Path QUEUED_EVENTS = Path.of("/proc/sys/fs/inotify/max_queued_events");
  private static final int MOST_DIGITS = 32;
  private static final int ROOM = 8;

  private WatchLimit() {}

  /** Watches that all processes of this user may have together; empty if it cannot be read. */
  public static OptionalLong userWatches() {
    return read(USER_WATCHES);
  }

  /** Events that wait at most before some are lost; empty if it cannot be read. */
  public static OptionalLong queuedEvents() {
    return read(QUEUED_EVENTS);
  }

  private static OptionalLong read(Path setting) {
    // At once: what the kernel gives of such a file is gone after the first read.
    try (InputStream in = Files.newInputStream(setting)) {
      byte[] bytes = new byte[MOST_DIGITS];
      int length = Math.max(0, in.read(bytes));
      String digits = new String(bytes, 0, length, StandardCharsets.US_ASCII).strip();
      return OptionalLong.of(Long.parseLong(digits));
    } catch (IOException | NumberFormatException _) {
      // Without /proc nothing is known beforehand; a watch that is refused tells.
      return OptionalLong.empty();
    }
  }

  /**
   * Refuses a tree that has more directories than may be watched.
   *
   * @param root the tree's
   * @param skipped paths of directories, and whether their mount is the root's, that are not
   *     watched
   * @throws CaptureRefusedException with the numbers and the setting to change
   */
  public static void requireEnough(
      Descriptor root, String display, BiPredicate<byte[], Descriptor> skipped)
      throws CaptureRefusedException {
    OptionalLong allowed = userWatches();
    if (allowed.isEmpty()) {
      return;
    }
    long needed = countDirectories(root, skipped);
    if (needed > allowed.getAsLong()) {
      throw new CaptureRefusedException(refusal(display, needed, allowed.getAsLong()));
    }
  }

  /** Why a tree is not watched in part. */
  public static String refusal(String display, long needed, long allowed) {
    return ("%s has %,d directories, and each needs an inotify watch; this user may have %,d, for"
            + " all processes together. Raise it with `sysctl fs.inotify.max_user_watches=%d`, or"
            + " use --capture fanotify (as root) or --capture scan.")
        .formatted(display, needed, allowed, Math.max(needed, allowed) + needed / 2 + ROOM);
  }

  /**
   * Counts by listing alone. What cannot be listed counts as one.
   *
   * @param skipped is told the path and the open directory
   */
  public static long countDirectories(Descriptor root, BiPredicate<byte[], Descriptor> skipped) {
    long count = 1;
    Deque<byte[]> left = new ArrayDeque<>();
    left.push(new byte[0]);
    while (!left.isEmpty()) {
      byte[] path = left.pop();
      try (Descriptor directory = LinuxFiles.openDirectory(root, path)) {
        if (path.length > 0 && skipped.test(path, directory)) {
          continue;
        }
        List<byte[]> below = new ArrayList<>();
        LinuxFiles.forEachEntry(
            directory,
            entry -> {
              if (entry.type() == FileType.DIRECTORY) {
                below.add(join(path, entry));
              }
            });
        count += below.size();
        below.forEach(left::push);
      } catch (SystemCallException _) {
        // The scan will meet the same, and says so.
        continue;
      }
    }
    return count;
  }

  private static byte[] join(byte[] path, DirectoryEntry entry) {
    byte[] name = entry.name();
    if (path.length == 0) {
      return name;
    }
    byte[] joined = new byte[path.length + 1 + name.length];
    System.arraycopy(path, 0, joined, 0, path.length);
    joined[path.length] = '/';
    System.arraycopy(name, 0, joined, path.length + 1, name.length);
    return joined;
  }
}
