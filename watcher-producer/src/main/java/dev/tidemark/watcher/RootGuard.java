package dev.tidemark.watcher;

import dev.tidemark.filesystem.linux.Descriptor;
import dev.tidemark.filesystem.linux.Inotify;
import dev.tidemark.filesystem.linux.InotifyEvent;
import dev.tidemark.filesystem.linux.LinuxFiles;
import dev.tidemark.filesystem.linux.NativePath;
import dev.tidemark.filesystem.linux.SystemCallException;
import dev.tidemark.filesystem.linux.WatchMask;
import dev.tidemark.watcher.read.TreeRoot;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sees to it that the root's path leads to the root: its name is watched in its parent, and in each
 * symlink on the way, and looked at once a second besides, since no event tells of mounts. Asks for
 * comparisons where no event can tell of a change. Its thread reads no file of the tree.
 */
final class RootGuard implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(RootGuard.class);
  private static final Duration TICK = Duration.ofSeconds(1);
  private static final long STOP_MILLIS = 10_000;
  private static final int MOST_LINKS = 40;
  private static final Path MOUNTS = Path.of("/proc/self/mountinfo");
  private static final int MOUNT_POINT = 4;
  private static final WatchMask NAMES =
      new WatchMask(
          WatchMask.CREATE | WatchMask.DELETE | WatchMask.MOVED_FROM | WatchMask.MOVED_TO);

  private final TreeRoot root;
  private final Path path;
  private final Path realPath;
  private final Duration scanInterval;
  private final Mailbox mailbox;
  private final Thread thread;
  private final CountDownLatch stopped = new CountDownLatch(1);
  private final @Nullable Inotify inotify;
  private final Map<Integer, Set<String>> names = new HashMap<>();

  // Owned by the thread.
  private List<String> mounts;
  private long nextScan;

  /**
   * @param scanInterval between comparisons that are asked for; zero if none are
   */
  private RootGuard(String name, TreeRoot root, Path path, Duration scanInterval, Mailbox mailbox)
      throws IOException {
    this.root = root;
    this.path = path.toAbsolutePath();
    this.realPath = path.toRealPath();
    this.scanInterval = scanInterval;
    this.mailbox = mailbox;
    this.inotify = watchWay();
    this.mounts = mountsBelow();
    this.nextScan = System.nanoTime() + scanInterval.toNanos();
    this.thread = Thread.ofPlatform().name(name).daemon().unstarted(this::run);
  }

  static RootGuard start(
      String name, TreeRoot root, Path path, Duration scanInterval, Mailbox mailbox)
      throws IOException {
    RootGuard guard = new RootGuard(name, root, path, scanInterval, mailbox);
    guard.thread.start();
    return guard;
  }

  /** Null where there is no inotify: the looks once a second are all there is then. */
  private @Nullable Inotify watchWay() throws IOException {
    Inotify opened;
    try {
      opened = Inotify.open();
    } catch (SystemCallException e) {
      log.atDebug().addKeyValue("reason", e.getMessage()).log("root's name is not watched");
      return null;
    }
    for (Path entry : entriesOnTheWay(path)) {
      try (Descriptor parent =
          LinuxFiles.openRoot(NativePath.of(Objects.requireNonNull(entry.getParent())))) {
        int watch = opened.addWatch(parent, NAMES);
        names
            .computeIfAbsent(watch, _ -> new HashSet<>())
            .add(latin(NativePath.of(entry).bytes(), entry.getParent()));
      } catch (SystemCallException e) {
        log.atDebug().addKeyValue("reason", e.getMessage()).log("root's name is not watched");
      }
    }
    return opened;
  }

  /** The last name of a path, byte for char. */
  private static String latin(byte[] entry, Path parent) {
    int from = NativePath.of(parent).bytes().length;
    String text = new String(entry, StandardCharsets.ISO_8859_1).substring(from);
    return text.startsWith("/") ? text.substring(1) : text;
  }

  /** Each symlink that is followed, and the directory itself in the end. */
  private static List<Path> entriesOnTheWay(Path path) throws IOException {
    List<Path> entries = new ArrayList<>();
    Deque<Path> left = new ArrayDeque<>();
    path.forEach(left::add);
    Path at = Objects.requireNonNull(path.getRoot());
    int links = 0;
    while (!left.isEmpty()) {
      Path name = left.poll();
      Path next = at.resolve(name).normalize();
      if (Files.isSymbolicLink(next) && links++ < MOST_LINKS) {
        entries.add(next);
        Path target = Files.readSymbolicLink(next);
        List<Path> components = new ArrayList<>();
        target.forEach(components::add);
        components.reversed().forEach(left::push);
        at = target.isAbsolute() ? Objects.requireNonNull(target.getRoot()) : at;
      } else {
        at = next;
      }
    }
    if (at.getParent() != null) {
      entries.add(at);
    }
    return entries;
  }

  private void run() {
    try {
      while (stopped.getCount() > 0) {
        await();
        if (stopped.getCount() > 0) {
          look();
        }
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    } catch (Exception | Error e) {
      if (stopped.getCount() > 0) {
        mailbox.put(new Message.Broken(e));
      }
    }
  }

  /** Waits for an event about a name on the way, or the tick. */
  private void await() throws IOException, InterruptedException {
    long end = System.nanoTime() + Math.min(TICK.toNanos(), untilScan());
    long left = end - System.nanoTime();
    while (left > 0 && stopped.getCount() > 0) {
      if (inotify == null) {
        stopped.await(left, TimeUnit.NANOSECONDS);
      } else {
        List<InotifyEvent> events = new ArrayList<>();
        inotify.read(events, Duration.ofNanos(left).plusMillis(1));
        if (events.stream().anyMatch(this::isOnTheWay)) {
          return;
        }
      }
      left = end - System.nanoTime();
    }
  }

  private boolean isOnTheWay(InotifyEvent event) {
    return event.isOverflow()
        || names
            .getOrDefault(event.watch(), Set.of())
            .contains(new String(event.name(), StandardCharsets.ISO_8859_1));
  }

  private long untilScan() {
    return scanInterval.isZero() ? Long.MAX_VALUE : Math.max(0, nextScan - System.nanoTime());
  }

  private void look() throws IOException {
    switch (root.where()) {
      case SAME -> compareIfDue();
      case UNKNOWN -> {
        // Proves nothing; what is absent meanwhile is not believed either.
      }
      case NOWHERE -> throw lost("was deleted or renamed");
      case OTHER_MOUNT ->
          throw lost(
              "is on another mount than at the start: it was unmounted, or another one was mounted"
                  + " over it");
      case OTHER_DIRECTORY -> throw lost(otherDirectory());
    }
  }

  private String otherDirectory() {
    try {
      Path now = path.toRealPath();
      if (!now.equals(realPath)) {
        return "leads to %s now, and led to %s".formatted(now, realPath);
      }
    } catch (IOException _) {
      // It has changed again meanwhile.
      return "leads elsewhere now";
    }
    return "is another directory now";
  }

  private WatcherRefusedException lost(String what) {
    return new WatcherRefusedException(
        ("%s %s. Nothing is published of that; start again when what is to be watched is there.")
            .formatted(path, what));
  }

  private void compareIfDue() {
    List<String> now = mountsBelow();
    if (!now.equals(mounts)) {
      mounts = now;
      mailbox.put(new Message.CompareWanted(Passes.Reason.MOUNTS));
    }
    if (!scanInterval.isZero() && System.nanoTime() - nextScan >= 0) {
      nextScan = System.nanoTime() + scanInterval.toNanos();
      mailbox.put(new Message.CompareWanted(Passes.Reason.INTERVAL));
    }
  }

  /** What is mounted below the root, each with its id. */
  private List<String> mountsBelow() {
    String below = new String(NativePath.of(realPath).bytes(), StandardCharsets.ISO_8859_1) + "/";
    try {
      return Files.readAllLines(MOUNTS, StandardCharsets.ISO_8859_1).stream()
          .filter(line -> unescape(line.split(" ", -1)[MOUNT_POINT]).startsWith(below))
          .toList();
    } catch (IOException _) {
      // Without /proc a mount is found by the next comparison.
      return List.of();
    }
  }

  /** The kernel writes blanks and backslashes of paths as three octal digits. */
  private static String unescape(String field) {
    return field
        .replace("\\040", " ")
        .replace("\\011", "\t")
        .replace("\\012", "\n")
        .replace("\\134", "\\");
  }

  @Override
  public void close() throws IOException {
    stopped.countDown();
    try {
      if (inotify != null) {
        inotify.wake();
      }
      thread.join(STOP_MILLIS);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    } finally {
      if (inotify != null) {
        inotify.close();
      }
    }
  }
}
