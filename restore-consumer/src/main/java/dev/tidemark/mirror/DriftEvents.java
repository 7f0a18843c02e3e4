package dev.tidemark.mirror;

import dev.tidemark.apply.TargetDirectory;
import dev.tidemark.filesystem.entry.Listing;
import dev.tidemark.filesystem.linux.Descriptor;
import dev.tidemark.filesystem.linux.Errno;
import dev.tidemark.filesystem.linux.Inotify;
import dev.tidemark.filesystem.linux.InotifyEvent;
import dev.tidemark.filesystem.linux.SystemCallException;
import dev.tidemark.filesystem.linux.WatchMask;
import dev.tidemark.mirror.DriftPlan.Events;
import dev.tidemark.schemas.change.Bytes;
import dev.tidemark.schemas.change.NodePath;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hears from the kernel where something was changed in the target, and compares that with the
 * state: the mirror's own writes are in the state by then, and are not told of. A write is heard of
 * when its file is closed. Watches directories by and by, as long as the user has watches; without
 * them, or if events are lost, it says so and leaves the rest to {@link DriftSlices}.
 *
 * <p>Memory: some 200 bytes for each directory of the target. For the mirror's thread, with nothing
 * pending in the state.
 */
final class DriftEvents implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(DriftEvents.class);
  private static final int MOST_HEARD = 50_000;
  private static final long WATCHING_NANOS = Duration.ofMillis(20).toNanos();
  private static final long READING_NANOS = Duration.ofMillis(20).toNanos();
  private static final Duration MOST_PUT_OFF = Duration.ofSeconds(5);
  private static final Path WATCHES = Path.of("/proc/sys/fs/inotify/max_user_watches");
  private static final Duration FIRST_REST = Duration.ofSeconds(1);
  private static final Duration LONGEST_REST = Duration.ofMinutes(5);
  private static final WatchMask MASK =
      new WatchMask(
          WatchMask.ATTRIB
              | WatchMask.CLOSE_WRITE
              | WatchMask.MOVED_FROM
              | WatchMask.MOVED_TO
              | WatchMask.CREATE
              | WatchMask.DELETE);

  private final MirrorConfig config;
  private final TargetDirectory target;
  private final MirrorState state;
  private final DriftLog told;
  private final DriftCheck check;
  private final Map<Integer, Long> directories = new HashMap<>();
  private final Map<Long, Integer> watches = new HashMap<>();
  private final Deque<Long> toWatch = new ArrayDeque<>();

  /** Directory id to names, each with whether it was only made: then its writer may be at work. */
  private final Map<Long, Map<Bytes, Boolean>> heard = new LinkedHashMap<>();

  private final Deque<NodePath> replaced = new ArrayDeque<>();
  private @Nullable Inotify inotify;
  private int heardCount;
  private int mostWatches = Integer.MAX_VALUE;

  /** When the first of it was heard, by {@link System#nanoTime}. */
  private long heardSince;

  private boolean lost;
  private String unheard = "";
  private final IntSupplier limit;
  private Duration rest = Duration.ZERO;
  private long next = System.nanoTime();

  DriftEvents(MirrorConfig config, TargetDirectory target, MirrorState state) throws IOException {
    this(config, target, state, DriftEvents::readMostWatches);
  }

  /**
   * @param limit watches that it may have
   */
  DriftEvents(MirrorConfig config, TargetDirectory target, MirrorState state, IntSupplier limit)
      throws IOException {
    this.limit = limit;
    this.config = config;
    this.target = target;
    this.state = state;
    this.told = new DriftLog(config.tree());
    this.check = new DriftCheck(target, state, config.writing().owners(), told);
  }

  /** Begins to watch, from the root on; anew if it did. */
  void begin() throws SystemCallException {
    close();
    unheard = "";
    if (config.drift().events() == Events.OFF) {
      return;
    }
    try {
      inotify = Inotify.open();
      mostWatches = limit.getAsInt();
      toWatch.push(MirrorState.ROOT_ID);
    } catch (SystemCallException e) {
      giveUp(e.getMessage());
    }
  }

  /** Half of the user's; the rest is for watchers, which cannot do without. */
  private static int readMostWatches() {
    try {
      // By lines: the kernel gives such a number to one read, and of it only what that asks for.
      return Integer.parseInt(Files.readAllLines(WATCHES).getFirst().strip()) / 2;
    } catch (IOException hidden) {
      // Then the kernel says when there are no more.
      return Integer.MAX_VALUE;
    }
  }

  private void giveUp(@Nullable String why) throws SystemCallException {
    unheard = String.valueOf(why);
    log.atWarn()
        .addKeyValue("reason", why)
        .addKeyValue("tree", config.tree())
        .addKeyValue("watched-directories", watches.size())
        .log(
            "there are not enough watches, so that what others change here is found only by"
                + " looking through the directory (--drift-interval); raise"
                + " fs.inotify.max_user_watches and fs.inotify.max_user_instances and start again");
    close();
  }

  /** Why it no longer hears of anything; empty if it does, or is not to. */
  String unheard() {
    return unheard;
  }

  boolean isWatchingAll() {
    return inotify != null && toWatch.isEmpty();
  }

  /** Whether events were lost since the last call: all is to be looked through. */
  boolean takeLost() {
    boolean was = lost;
    lost = false;
    return was;
  }

  /**
   * Compares what was heard of.
   *
   * @return how many entries are not as they were applied; then all is to be compared and mended
   */
  long look() throws IOException {
    if (inotify == null) {
      return 0;
    }
    read(inotify);
    long now = System.nanoTime();
    if (now - next >= 0) {
      compare();
    }
    watchMore();
    long found = told.take();
    if (found > 0) {
      // Whoever changes it again and again must not keep the mirror comparing.
      rest = rest.isZero() ? FIRST_REST : min(rest.multipliedBy(2), LONGEST_REST);
      next = now + rest.toNanos();
    }
    return found;
  }

  /**
   * As {@link #look} while much is applied, each of which is heard of: it is put off for a while,
   * so that it delays nothing.
   */
  long lookWhileBusy() throws IOException {
    if (inotify == null) {
      return 0;
    }
    read(inotify);
    boolean isOverdue = heardCount > 0 && System.nanoTime() - heardSince >= MOST_PUT_OFF.toNanos();
    return isOverdue ? look() : 0;
  }

  private static Duration min(Duration one, Duration other) {
    return one.compareTo(other) < 0 ? one : other;
  }

  private void read(Inotify from) throws SystemCallException {
    List<InotifyEvent> events = new ArrayList<>();
    long end = System.nanoTime() + READING_NANOS;
    while (System.nanoTime() - end < 0 && from.readAvailable(events) > 0) {
      events.forEach(this::hear);
      events.clear();
      if (heardCount > MOST_HEARD) {
        loseAll();
      }
    }
  }

  private void loseAll() {
    log.atInfo()
        .addKeyValue("tree", config.tree())
        .log("more was changed here than could be heard of; looking through the directory");
    forgetHeard();
    lost = true;
  }

  private void forgetHeard() {
    heard.clear();
    heardCount = 0;
  }

  private void hear(InotifyEvent event) {
    if (event.isOverflow()) {
      loseAll();
      return;
    }
    Long directory = directories.get(event.watch());
    if (event.isIgnored()) {
      directories.remove(event.watch());
      if (directory != null) {
        watches.remove(directory, event.watch());
      }
      return;
    }
    boolean isOurs = directory != null && directory == MirrorState.ROOT_ID;
    if (directory == null
        || event.name().length == 0
        || isOurs && target.isReserved(event.name())) {
      return;
    }
    boolean onlyMade =
        !event.isDirectory() && event.has(WatchMask.CREATE) && !event.has(WatchMask.CLOSE_WRITE);
    Map<Bytes, Boolean> names = heard.computeIfAbsent(directory, _ -> new LinkedHashMap<>());
    if (heardCount == 0) {
      heardSince = System.nanoTime();
    }
    int before = names.size();
    names.merge(Bytes.of(event.name()), onlyMade, Boolean::logicalAnd);
    heardCount += names.size() - before;
  }

  private void compare() throws IOException {
    if (heard.isEmpty() && replaced.isEmpty()) {
      return;
    }
    for (Map.Entry<Long, Map<Bytes, Boolean>> names : heard.entrySet()) {
      Optional<NodePath> path = pathOf(names.getKey());
      if (path.isPresent()) {
        check.checkNames(path.get(), names.getKey(), names.getValue());
        watchAgain(names.getKey(), names.getValue());
      }
    }
    forgetHeard();
    while (!replaced.isEmpty()) {
      check.checkEntriesOf(replaced.pop());
    }
    if (told.isEmpty()) {
      rest = Duration.ZERO;
    }
  }

  /** What stands at the names of directories may be others than were watched. */
  private void watchAgain(long directory, Map<Bytes, Boolean> names) throws IOException {
    for (Bytes name : names.keySet()) {
      Optional<StateEntry> entry = state.find(directory, name.toArray());
      if (entry.isPresent() && entry.get().isDirectory()) {
        toWatch.push(entry.get().directoryId());
      }
    }
  }

  private Optional<NodePath> pathOf(long directory) throws IOException {
    if (directory == MirrorState.ROOT_ID) {
      return Optional.of(NodePath.ROOT);
    }
    Optional<LinkIndex.Key> place = state.links().placeOf(directory);
    return place.isEmpty() ? Optional.empty() : state.links().pathOf(place.get());
  }

  private void watchMore() throws IOException {
    long end = System.nanoTime() + WATCHING_NANOS;
    while (inotify != null && !toWatch.isEmpty() && System.nanoTime() < end) {
      watch(inotify, toWatch.pop());
      if (inotify != null && toWatch.isEmpty()) {
        log.atDebug()
            .addKeyValue("tree", config.tree())
            .addKeyValue("directories", watches.size())
            .log("the target is watched");
      }
    }
  }

  private void watch(Inotify by, long directory) throws IOException {
    Optional<NodePath> path = pathOf(directory);
    if (path.isEmpty() || !state.notes().subset().reaches(path.get())) {
      return;
    }
    int watch;
    if (watches.size() >= mostWatches) {
      giveUp("half of the %d watches that a user may have are in use".formatted(2L * mostWatches));
      return;
    }
    try (Descriptor open = target.openDirectory(path.get())) {
      watch = by.addWatch(open, MASK);
    } catch (SystemCallException e) {
      if (e.errno() == Errno.ENOSPC) {
        giveUp(e.getMessage());
      }
      // Else it is not there, or may not be read: told of by its name, or found by the slices.
      return;
    }
    Integer before = watches.put(directory, watch);
    directories.put(watch, directory);
    if (before != null && before == watch) {
      return;
    }
    if (before != null) {
      directories.remove(before, directory);
      replaced.push(path.get());
    }
    watchBelow(directory);
  }

  private void watchBelow(long directory) throws IOException {
    try (Listing listing = state.list(directory)) {
      while (listing.next()) {
        StateEntry entry = StateEntry.decode(listing.value());
        if (entry.isDirectory()) {
          toWatch.push(entry.directoryId());
        }
      }
    }
  }

  @Override
  public void close() throws SystemCallException {
    directories.clear();
    watches.clear();
    toWatch.clear();
    forgetHeard();
    replaced.clear();
    if (inotify != null) {
      Inotify closing = inotify;
      inotify = null;
      closing.close();
    }
  }
}
