package dev.tidemark.watcher;

import dev.tidemark.schemas.change.Change;
import dev.tidemark.schemas.change.Change.Cause;
import dev.tidemark.schemas.change.Change.ScanKind;
import dev.tidemark.watcher.dirty.Directory;
import dev.tidemark.watcher.dirty.DirectoryTable;
import dev.tidemark.watcher.dirty.Mark;
import dev.tidemark.watcher.read.Findings;
import dev.tidemark.watcher.read.Findings.KnownDirectory;
import dev.tidemark.watcher.read.Findings.Progress;
import dev.tidemark.watcher.read.ReadTask;
import dev.tidemark.watcher.read.Readers;
import dev.tidemark.watcher.state.Doubt;
import dev.tidemark.watcher.state.EntryKey;
import dev.tidemark.watcher.state.EntryRecord;
import dev.tidemark.watcher.state.Name;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Comparisons of directories with what was published. A pass goes over the whole tree; a directory
 * that is new, or has lost its marks to the bound, is compared by itself. Owned by the keeper.
 *
 * <p>A pass is over when every directory has been compared and everything found has been handed
 * over.
 */
final class Passes {
  private static final Logger log = LoggerFactory.getLogger(Passes.class);

  /** Directories with scanners at a time. */
  private static final int AT_ONCE = 8;

  /** Scanners wait while so much of what they found is not worked off. */
  private static final int AHEAD = 8_192;

  private static final long STALE_NANOS = 20_000_000;

  /** Why the whole tree is compared. */
  enum Reason {
    /** The watcher begins: its marks stand in the log. */
    START,
    /** Events were lost. */
    OVERFLOW,
    /** What is dirty now is waited for; nothing else is compared. */
    SETTLE,
    /** Something was mounted or unmounted below the root, which no event tells. */
    MOUNTS,
    /** No events are told, and the interval is over. */
    INTERVAL
  }

  private record Pass(int number, Reason reason, ScanKind kind, long begunNanos) {}

  /** A directory that waits for a scanner or is with one. */
  private static final class Listing {
    final Directory directory;
    int pass;
    boolean running;
    boolean again;
    int passAgain;

    Listing(Directory directory, int pass) {
      this.directory = directory;
      this.pass = pass;
    }
  }

  private record Later(long due, Directory directory, int pass) {}

  private final LiveTree tree;
  private final HandOver handOver;
  private final Readers readers;
  private final Counters counters;
  private final FoundGone gone;
  private final Map<Long, List<EntryKey>> doubts = new HashMap<>();
  private final Map<Long, Listing> listings = new HashMap<>();
  private final Deque<Listing> waiting = new ArrayDeque<>();
  private final Deque<ReadTask.Scan> held = new ArrayDeque<>();
  private final Deque<Later> stale = new ArrayDeque<>();
  private @Nullable Pass current;
  private Runnable onSettled = () -> {};
  private boolean overflowed;
  private boolean mounted;
  private boolean intervalOver;
  private boolean unlisted;
  private int lastPass;
  private int running;
  private int listingsOfPass;
  private long examined;
  private long differing;

  Passes(
      WatcherConfig config, LiveTree tree, HandOver handOver, Readers readers, Counters counters) {
    this.gone = new FoundGone(config);
    this.tree = tree;
    this.handOver = handOver;
    this.readers = readers;
    this.counters = counters;
  }

  /** Whether puts are to replace the tree, so that renames cannot be told as such. */
  boolean isFullScanOpen() {
    return current != null && current.kind() == ScanKind.FULL;
  }

  boolean isRunning() {
    return current != null;
  }

  /** The pass that new findings belong to; 0 if none is under way. */
  int current() {
    return current == null ? 0 : current.number();
  }

  /** Begins the scan of the start. */
  void start(ScanKind kind, Map<EntryKey, Doubt> inDoubt, long now) throws IOException {
    handOver.mark(new Change.ScanStarted(kind));
    log.atInfo().addKeyValue("kind", kind).log("scan started");
    begin(Reason.START, kind, now);
    for (EntryKey key : inDoubt.keySet()) {
      doubts.computeIfAbsent(key.directory(), _ -> new ArrayList<>()).add(key);
    }
    Directory root = tree.table.root();
    boolean rootInDoubt = doubts.remove(EntryKey.ROOT.directory()) != null;
    root.announced(kind == ScanKind.DIFFERENCE && tree.published(root, Name.ROOT).isPresent());
    waitFor(
        tree.check(
            root,
            Mark.META | (kind == ScanKind.FULL || rootInDoubt ? Mark.AGAIN : 0),
            Cause.SCAN,
            now));
    doubt(root, now);
    schedule(root, current());
  }

  private void begin(Reason reason, ScanKind kind, long now) {
    current = new Pass(++lastPass, reason, kind, now);
    counters.scanning = reason != Reason.SETTLE;
    examined = 0;
    differing = 0;
    gone.begin();
  }

  /** Events were lost: nothing says which. */
  void overflow() {
    counters.overflows.incrementAndGet();
    overflowed = true;
  }

  /** Asks for a comparison of the whole tree, as soon as none is under way. */
  void compare(Reason reason) {
    switch (reason) {
      case OVERFLOW -> overflow();
      case MOUNTS -> mounted = true;
      case INTERVAL -> intervalOver = true;
      case START, SETTLE -> throw new IllegalArgumentException(reason + " is begun by itself");
    }
  }

  private void waitFor(Mark mark) {
    if (current != null) {
      tree.dirty.waitedFor(mark, current.number());
    }
  }

  /**
   * Compares a directory; with everything it has found, it is part of the pass unless that is 0.
   */
  void schedule(Directory directory, int pass) {
    boolean ofPass = pass != 0 && pass == current();
    Listing listing = listings.get(directory.id());
    if (listing == null) {
      listing = new Listing(directory, ofPass ? pass : 0);
      listings.put(directory.id(), listing);
      if (isDepthFirst()) {
        waiting.addFirst(listing);
      } else {
        waiting.addLast(listing);
      }
      listingsOfPass += ofPass ? 1 : 0;
    } else if (!listing.running) {
      if (ofPass && listing.pass == 0) {
        listing.pass = pass;
        listingsOfPass++;
      }
    } else {
      // What the scanner has seen may already be old.
      if (ofPass && listing.passAgain == 0) {
        listing.passAgain = pass;
        listingsOfPass++;
      }
      listing.again = true;
    }
  }

  /** These directories are out of the tree. */
  void dropped(List<Directory> directories) {
    for (Directory directory : directories) {
      Listing listing = listings.remove(directory.id());
      if (listing != null) {
        listingsOfPass -= (listing.pass != 0 ? 1 : 0) + (listing.passAgain != 0 ? 1 : 0);
      }
      doubts.remove(directory.id());
    }
  }

  /** When {@link #advance} has to be called at the latest. */
  long nextDue() {
    return stale.isEmpty() ? Long.MAX_VALUE : stale.peek().due();
  }

  /** Gives work to scanners, and ends the pass when there is none left. */
  void advance(long now) throws IOException {
    while (!stale.isEmpty() && stale.peek().due() <= now) {
      Later later = stale.poll();
      listingsOfPass -= later.pass() != 0 && later.pass() == current() ? 1 : 0;
      if (!later.directory().isGone()) {
        schedule(later.directory(), later.pass());
      }
    }
    boolean room = tree.dirty.ofPass() < AHEAD && !tree.dirty.isFull();
    while (room && !held.isEmpty()) {
      held.poll().gate().release();
    }
    while (room && running < AT_ONCE && !waiting.isEmpty()) {
      Listing next = waiting.poll();
      if (listings.get(next.directory.id()) == next && !next.directory.isDetached()) {
        give(next);
      } else if (listings.remove(next.directory.id(), next)) {
        listingsOfPass -= next.pass != 0 ? 1 : 0;
      }
    }
    if (current != null && listingsOfPass == 0 && tree.dirty.ofPass() == 0) {
      if (gone.isEmpty()) {
        end(now);
      } else {
        release(now);
      }
    }
    if (current == null && (overflowed || mounted || intervalOver)) {
      // One comparison answers all that was asked for before it.
      Reason reason = overflowed ? Reason.OVERFLOW : mounted ? Reason.MOUNTS : Reason.INTERVAL;
      overflowed = false;
      mounted = false;
      intervalOver = false;
      recheck(reason, now);
    }
  }

  private void give(Listing listing) {
    listing.running = true;
    running++;
    Directory directory = listing.directory;
    boolean full = listing.pass != 0 && isFullScanOpen();
    readers.submit(
        new ReadTask.Scan(
            directory.id(),
            DirectoryTable.pathOf(directory),
            directory.inode(),
            listing.pass,
            full ? ScanKind.FULL : ScanKind.DIFFERENCE,
            ReadTask.Depth.SIGNATURES,
            new Semaphore(0)));
  }

  /** All is listed: what was found gone is looked at, unless it is too much. */
  private void release(long now) throws IOException {
    for (FoundGone.Entry entry : gone.release(tree)) {
      waitFor(tree.dirty.now(entry.directory(), entry.name(), entry.bits(), cause(), now));
    }
  }

  private void end(long now) throws IOException {
    Pass pass = Objects.requireNonNull(current);
    if (!handOver.isOpen()) {
      return;
    }
    current = null;
    counters.scanning = false;
    var line =
        log.atInfo()
            .addKeyValue("reason", pass.reason())
            .addKeyValue("entries", examined)
            .addKeyValue("differing", differing)
            .addKeyValue("millis", (now - pass.begunNanos()) / 1_000_000);
    switch (pass.reason()) {
      case START -> {
        counters.entriesAtStart = examined;
        counters.publishedAtStart = counters.published.get();
        handOver.mark(new Change.ScanCompleted(pass.kind()));
        for (List<EntryKey> left : doubts.values()) {
          // Their directory is not in the tree any more; its removal has taken them along.
          // Below a directory that could not be listed nothing is known: there they stay.
          for (EntryKey key : unlisted ? List.<EntryKey>of() : left) {
            tree.published.clearDoubt(key);
          }
        }
        doubts.clear();
        tree.started();
        line.log("scan completed");
      }
      case SETTLE -> onSettled.run();
      case OVERFLOW -> {
        counters.rechecked.addAndGet(examined);
        counters.recheckedDifferences.addAndGet(differing);
        line.log("tree compared after lost events");
      }
      case MOUNTS -> line.log("tree compared after a change of mounts");
      case INTERVAL -> counters.intervalScans.incrementAndGet();
    }
  }

  private void recheck(Reason reason, long now) {
    begin(reason, ScanKind.DIFFERENCE, now);
    if (reason == Reason.OVERFLOW) {
      log.atWarn()
          .addKeyValue("directories", tree.table.size())
          .log("events were lost; comparing the tree");
    }
    Directory root = tree.table.root();
    waitFor(tree.check(root, Mark.META, cause(), now));
    schedule(root, current());
  }

  /** Whether no pass is under way and none is due. */
  boolean isIdle() {
    return current == null && !overflowed && !mounted && !intervalOver;
  }

  /**
   * Whether what was found last is read first, so that what lies near in the tree comes to lie near
   * in packs. Nothing waits for longer than the pass takes.
   */
  private boolean isDepthFirst() {
    return current != null && current.reason() == Reason.START;
  }

  /** What is gone is judged where the whole tree is compared. */
  private boolean isOverTheTree() {
    return current != null && current.reason() != Reason.SETTLE;
  }

  /**
   * Waits for all that is dirty now, and for what that leads to: new directories are listed, what
   * they hold is read. Only when {@link #isIdle}.
   *
   * @param whenDone run when all of it is handed over
   */
  void settle(long now, Runnable whenDone) {
    begin(Reason.SETTLE, ScanKind.DIFFERENCE, now);
    onSettled = whenDone;
    for (Directory directory : tree.uncovered()) {
      tree.check(directory, Mark.META, Cause.RECONCILE, now);
      schedule(directory, current());
    }
    tree.dirty.hurry(tree.table.all(), now).forEach(this::waitFor);
    for (Listing listing : List.copyOf(listings.values())) {
      schedule(listing.directory, current());
    }
    for (Later later : stale) {
      schedule(later.directory(), current());
    }
  }

  private Cause cause() {
    return current == null
        ? Cause.RECONCILE
        : switch (current.reason()) {
          case START, INTERVAL -> Cause.SCAN;
          case OVERFLOW, MOUNTS, SETTLE -> Cause.RECONCILE;
        };
  }

  /** Takes up what a scanner has found. */
  void found(Findings findings, long now) throws IOException {
    ReadTask.Scan scan = findings.scan();
    Optional<Directory> found = tree.table.find(scan.directory());
    Listing listing = listings.get(scan.directory());
    int pass = passOf(scan, listing);
    boolean ofPass = pass != 0 && pass == current();
    if (found.isEmpty() || listing == null || found.get().isDetached()) {
      for (KnownDirectory known : findings.known()) {
        tree.discard(known.watch());
      }
      finish(findings, listing, now);
      return;
    }
    Directory directory = found.get();
    if (ofPass) {
      examined += findings.examined();
      differing += findings.differing().size();
      gone.compared(directory, findings);
    }
    for (KnownDirectory known : findings.known()) {
      known(directory, known, scan.kind(), pass, now);
    }
    int again = scan.kind() == ScanKind.FULL ? Mark.AGAIN : 0;
    boolean deep = isDepthFirst();
    for (Findings.Difference difference :
        deep ? findings.differing().reversed() : findings.differing()) {
      if (ofPass && difference.gone() > 0 && isOverTheTree()) {
        gone.hold(directory, difference, again);
        continue;
      }
      int bits = difference.bits() | again;
      Mark mark =
          deep
              ? tree.dirty.next(directory, difference.name(), bits, cause(), now)
              : tree.dirty.now(directory, difference.name(), bits, cause(), now);
      if (ofPass) {
        waitFor(mark);
      }
    }
    finish(findings, listing, now);
  }

  /**
   * A settling pass also waits for what a listing finds that was with a scanner when it came. A
   * listing once more would not do: what is found may by then be published, and its own listing
   * under way.
   */
  private int passOf(ReadTask.Scan scan, @Nullable Listing listing) {
    boolean joined = listing != null && listing.passAgain == current() && !isOverTheTree();
    return joined ? current() : scan.pass();
  }

  private void known(Directory parent, KnownDirectory known, ScanKind kind, int pass, long now)
      throws IOException {
    Name name = known.name();
    Optional<Directory> child = parent.child(name);
    Optional<EntryRecord> record = tree.published(parent, name);
    boolean asFound =
        record.isPresent()
            && record.get().directoryId() == known.id()
            && record.get().signature().inode() == known.inode();
    if (child.isPresent() && (child.get().inode() != known.inode() || child.get().isDetached())
        || !asFound) {
      // Renamed or replaced since the scanner was there.
      tree.discard(known.watch());
      Mark mark = tree.dirty.now(parent, name, Mark.META | Mark.DATA, cause(), now);
      if (pass != 0) {
        waitFor(mark);
      }
      return;
    }
    boolean isNew = child.isEmpty();
    boolean full = kind == ScanKind.FULL;
    Directory directory;
    if (isNew) {
      Optional<Directory> elsewhere = tree.table.find(known.id());
      if (elsewhere.isPresent()) {
        tree.discard(known.watch());
        return;
      }
      directory = tree.table.add(known.id(), known.inode(), parent, name);
      directory.announced(!full);
      doubt(directory, now);
    } else {
      directory = child.get();
    }
    boolean rewatched = tree.adopt(directory, known.watch(), now);
    // In a full scan the directory's own put comes first; it then asks for this.
    if (!full && (isNew || rewatched || pass != 0 && isOverTheTree())) {
      schedule(directory, pass);
    }
  }

  /** Puts the marks of paths in doubt on a directory before any of its events is looked into. */
  private void doubt(Directory directory, long now) {
    List<EntryKey> keys = doubts.remove(directory.id());
    if (keys != null) {
      for (EntryKey key : keys) {
        waitFor(
            tree.dirty.now(
                directory, key.name(), Mark.DOUBT | Mark.DATA | Mark.META, Cause.SCAN, now));
      }
    }
  }

  private void finish(Findings findings, @Nullable Listing listing, long now) throws IOException {
    ReadTask.Scan scan = findings.scan();
    switch (findings.progress()) {
      case Progress.More() -> {
        held.add(scan);
        return;
      }
      case Progress.Complete() -> {}
      case Progress.Stale() -> {
        if (listing != null && !listing.directory.isGone()) {
          Directory directory = listing.directory;
          tree.check(directory, Mark.META | Mark.DATA, cause(), now);
          int pass = scan.pass() == current() ? scan.pass() : 0;
          listingsOfPass += pass != 0 ? 1 : 0;
          stale.add(new Later(now + STALE_NANOS, directory, pass));
        }
      }
      case Progress.Unreadable(var cause) -> {
        unlisted = true;
        counters.unreadable.incrementAndGet();
        counters.lastError = String.valueOf(cause.getMessage());
        if (listing != null) {
          log.atWarn()
              .addKeyValue("path", DirectoryTable.pathOf(listing.directory, Name.ROOT))
              .addKeyValue("reason", cause.getMessage())
              .log("directory cannot be listed; what is known of it stays");
          if (scan.kind() == ScanKind.FULL && isFullScanOpen()) {
            handOver.keep(DirectoryTable.pathOf(listing.directory, Name.ROOT));
          }
        }
      }
    }
    running--;
    if (listing == null || !listing.running) {
      return;
    }
    listings.remove(listing.directory.id());
    listingsOfPass -= listing.pass != 0 ? 1 : 0;
    if (listing.again) {
      listingsOfPass -= listing.passAgain != 0 ? 1 : 0;
      schedule(listing.directory, listing.passAgain);
    }
  }
}
