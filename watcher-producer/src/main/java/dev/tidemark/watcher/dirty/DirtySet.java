package dev.tidemark.watcher.dirty;

import dev.tidemark.schemas.change.Change.Cause;
import dev.tidemark.watcher.state.EntryKey;
import dev.tidemark.watcher.state.Name;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/**
 * The entries that have to be looked at, each once, and when. Times are {@link System#nanoTime}.
 *
 * <p>What is due at once comes out in the order in which it was marked, live changes before what
 * scans have found; unless it was marked to come next of what scans have found.
 */
public final class DirtySet {
  /**
   * A file that is written to all the time is read at most at 10 MB/s on average, so that a large
   * one does not keep a reader for itself.
   */
  private static final long REST_NANOS_PER_BYTE = 100;

  /** Rests that are over are forgotten when there are so many. */
  private static final int MOST_RESTING = 1_000;

  private final long settleNanos;
  private final long maxDelayNanos;
  private final int bound;
  private final Deque<Mark> live = new ArrayDeque<>();
  private final Deque<Mark> scanned = new ArrayDeque<>();
  private final PriorityQueue<Due> delayed = new PriorityQueue<>(Comparator.comparingLong(Due::at));
  private final Map<Long, Mark> out = new HashMap<>();
  private final Map<EntryKey, Long> resting = new HashMap<>();
  private int size;
  private int ofPass;
  private long lastTicket;

  private record Due(long at, Mark mark) {}

  /**
   * @param settleNanos how long an entry must be quiet
   * @param maxDelayNanos after this long it is looked at, quiet or not
   * @param bound past this many marks, {@link #isFull} says so
   */
  public DirtySet(long settleNanos, long maxDelayNanos, int bound) {
    this.settleNanos = settleNanos;
    this.maxDelayNanos = maxDelayNanos;
    this.bound = bound;
  }

  /** Marks waiting or being looked at. */
  public int size() {
    return size;
  }

  /** Of them, those being looked at. */
  public int out() {
    return out.size();
  }

  /** Of them, those that a pass waits for. */
  public int ofPass() {
    return ofPass;
  }

  public boolean isFull() {
    return size >= bound;
  }

  /** To be looked at now. */
  public Mark now(Directory directory, Name name, int bits, Cause cause, long now) {
    return at(directory, name, bits, cause, now, now);
  }

  /** To be looked at now, before everything else that scans have found. */
  public Mark next(Directory directory, Name name, int bits, Cause cause, long now) {
    Mark mark = at(directory, name, bits, cause, now, now);
    if (mark.state() == Mark.State.WAITING && scanned.peekLast() == mark) {
      scanned.addFirst(scanned.removeLast());
    }
    return mark;
  }

  /** To be looked at by {@code due}, quiet or not. */
  public Mark at(Directory directory, Name name, int bits, Cause cause, long now, long due) {
    Mark mark = find(directory, name, cause, now);
    if (mark.state() == Mark.State.OUT) {
      mark.afterwards(bits, due);
      return mark;
    }
    mark.add(bits);
    if (cause == Cause.LIVE) {
      mark.cause(cause);
    }
    if (!mark.isUrgent() || due < mark.due()) {
      mark.dueAt(due, true);
      enqueue(mark, now);
    }
    return mark;
  }

  /** To be looked at once it has been quiet. */
  public Mark whenQuiet(Directory directory, Name name, int bits, Cause cause, long now) {
    Mark mark = find(directory, name, cause, now);
    if (mark.state() == Mark.State.OUT) {
      mark.afterwards(bits, now + settleNanos);
      return mark;
    }
    mark.add(bits);
    if (!mark.isUrgent()) {
      long due = Math.min(mark.since() + maxDelayNanos, now + settleNanos);
      mark.dueAt(Math.max(due, restsUntil(mark.key(), now)), false);
      enqueue(mark, now);
    }
    return mark;
  }

  /**
   * An entry has just cost a read: until it has rested in proportion, it is not looked at for being
   * quiet or for having waited. What makes it due at once, as its being closed does, still holds.
   */
  public void rest(EntryKey key, long bytesRead, long now) {
    long rest = bytesRead * REST_NANOS_PER_BYTE;
    if (rest <= settleNanos) {
      return;
    }
    if (resting.size() >= MOST_RESTING) {
      resting.values().removeIf(until -> until - now <= 0);
    }
    resting.put(key, now + rest);
  }

  private long restsUntil(EntryKey key, long now) {
    Long until = resting.isEmpty() ? null : resting.get(key);
    return until == null ? now : until;
  }

  private Mark find(Directory directory, Name name, Cause cause, long now) {
    Map<Name, Mark> marks = directory.marksForWriting();
    Mark mark = marks.get(name);
    if (mark == null) {
      mark = new Mark(directory, name, cause, now);
      marks.put(name, mark);
      size++;
    }
    return mark;
  }

  /** The current pass waits for this mark. */
  public void waitedFor(Mark mark, int pass) {
    if (mark.pass() == 0) {
      ofPass++;
    }
    mark.pass(pass);
  }

  /** No pass waits any longer for anything. */
  public void forgetPass(Iterable<Directory> directories) {
    for (Directory directory : directories) {
      directory.marks().values().forEach(mark -> mark.pass(0));
    }
    ofPass = 0;
  }

  public Optional<Mark> find(Directory directory, Name name) {
    return Optional.ofNullable(directory.marks().get(name));
  }

  /** Everything that is marked in these directories is to be looked at now, quiet or not. */
  public List<Mark> hurry(Iterable<Directory> directories, long now) {
    List<Mark> hurried = new ArrayList<>();
    for (Directory directory : directories) {
      for (Mark mark : directory.marks().values()) {
        hurried.add(at(directory, mark.name(), 0, mark.cause(), now, now));
      }
    }
    return hurried;
  }

  private void enqueue(Mark mark, long now) {
    if (mark.due() >= mark.queuedAt()) {
      // The queues come to it earlier and then see that it is to wait longer.
      return;
    }
    if (mark.due() <= now) {
      (mark.cause() == Cause.LIVE ? live : scanned).add(mark);
    } else {
      delayed.add(new Due(mark.due(), mark));
    }
    mark.queuedAt(mark.due());
  }

  /** When the next mark is due; {@link Long#MAX_VALUE} if none waits. */
  public long nextDue() {
    if (!live.isEmpty() || !scanned.isEmpty()) {
      return Long.MIN_VALUE;
    }
    Due first = delayed.peek();
    return first == null ? Long.MAX_VALUE : first.at();
  }

  /** Takes out the next mark that is due. */
  public Optional<Mark> takeDue(long now) {
    while (!delayed.isEmpty() && delayed.peek().at() <= now) {
      Due first = delayed.poll();
      Mark mark = first.mark();
      if (mark.state() != Mark.State.WAITING || mark.queuedAt() != first.at()) {
        continue;
      }
      mark.queuedAt(Long.MAX_VALUE);
      if (mark.due() <= now) {
        live.add(mark);
        mark.queuedAt(mark.due());
      } else {
        enqueue(mark, now);
      }
    }
    Mark mark = next(live, now);
    if (mark == null) {
      mark = next(scanned, now);
    }
    if (mark == null) {
      return Optional.empty();
    }
    mark.out(++lastTicket);
    out.put(mark.ticket(), mark);
    return Optional.of(mark);
  }

  private @Nullable Mark next(Deque<Mark> queue, long now) {
    while (!queue.isEmpty()) {
      Mark mark = queue.poll();
      if (mark.state() != Mark.State.WAITING) {
        continue;
      }
      if (mark.due() <= now) {
        return mark;
      }
      // It was put off while it stood in line.
      mark.queuedAt(Long.MAX_VALUE);
      enqueue(mark, now);
    }
    return null;
  }

  /**
   * The mark of a look under way; empty if the mark has been dropped since, and the result with it.
   */
  public Optional<Mark> findOut(long ticket) {
    return Optional.ofNullable(out.get(ticket));
  }

  /** Its result has been dealt with. What came meanwhile stays dirty. */
  public void done(Mark mark, long now) {
    out.remove(mark.ticket());
    if (mark.passWaitsForLater() && mark.later() != 0) {
      mark.passWaitsNoLonger();
    } else {
      leavePass(mark);
    }
    mark.succeeded();
    if (mark.later() == 0) {
      remove(mark);
      return;
    }
    long due = mark.dueLater();
    mark.again(now);
    mark.dueAt(Math.max(due, now), true);
    enqueue(mark, now);
  }

  /** The look led nowhere: once more, later. */
  public void retry(Mark mark, int bits, long now, long due) {
    out.remove(mark.ticket());
    mark.tried();
    mark.add(bits | mark.later());
    mark.waits();
    mark.dueAt(due, true);
    enqueue(mark, now);
  }

  /** Nothing is to be looked at under this name any more; a look under way is void. */
  public int drop(Directory directory, Name name) {
    Mark mark = directory.marks().get(name);
    if (mark == null) {
      return 0;
    }
    int bits = mark.bits() | mark.later();
    out.remove(mark.ticket(), mark);
    leavePass(mark);
    remove(mark);
    return bits;
  }

  /** As {@link #drop} for all names of a directory. */
  public void dropAll(Directory directory) {
    for (Mark mark : new ArrayList<>(directory.marks().values())) {
      drop(directory, mark.name());
    }
    directory.dropMarks();
  }

  /**
   * Drops the marks that a listing of the directory would bring back.
   *
   * @return how many
   */
  public int collapse(Directory directory) {
    int special = Mark.AGAIN | Mark.DOUBT | Mark.READ;
    List<Mark> marks =
        directory.marks().values().stream()
            .filter(m -> m.state() == Mark.State.WAITING && m.pass() == 0)
            .filter(m -> (m.bits() & special) == 0 && !m.isRoot())
            .toList();
    marks.forEach(mark -> drop(directory, mark.name()));
    return marks.size();
  }

  /** Takes a directory and all below it out of the table, with their marks. */
  public List<Directory> remove(DirectoryTable table, Directory directory) {
    List<Directory> removed = table.subtree(directory);
    for (Directory gone : removed) {
      dropAll(gone);
      table.remove(gone);
    }
    return removed;
  }

  private void leavePass(Mark mark) {
    if (mark.pass() != 0) {
      mark.pass(0);
      ofPass--;
    }
  }

  private void remove(Mark mark) {
    mark.drop();
    if (mark.directory().marks().get(mark.name()) == mark) {
      mark.directory().marksForWriting().remove(mark.name());
      size--;
    }
  }
}
