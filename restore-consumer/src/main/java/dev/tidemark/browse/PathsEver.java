package dev.tidemark.browse;

import dev.tidemark.repository.history.HistoryViewer;
import dev.tidemark.schemas.change.Change;
import dev.tidemark.schemas.change.Change.ScanKind;
import dev.tidemark.schemas.change.Node;
import dev.tidemark.schemas.change.NodePath;
import dev.tidemark.schemas.tree.EntryStream;
import dev.tidemark.schemas.tree.TreeBase;
import dev.tidemark.schemas.tree.TreeEntry;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Follows all paths that a filter means through a history, and notes from when to when something of
 * that kind stood there. What was written anew meanwhile, or replaced by a rename, goes on
 * standing. Owned by one thread.
 */
public final class PathsEver implements HistoryViewer {
  private final EntryFilter filter;
  private final long most;
  private final Map<NodePath, Deque<Stay>> ended = new HashMap<>();

  /** Since when something stands at a path now. */
  private final NavigableMap<NodePath, Moment> standing = new TreeMap<>();

  private long count;
  private Moment now = new Moment(0, 0);

  /**
   * A change.
   *
   * @param logTimeMillis its effective log time
   */
  public record Moment(long sequence, long logTimeMillis) {}

  /**
   * Something stood at a path.
   *
   * @param from the change, or the kept instant, that shows it first
   * @param to the one that shows it no more; empty if it stands there at the end of the history
   */
  public record PathStay(NodePath path, Moment from, Optional<Moment> to) {}

  private record Stay(Moment from, Moment to) {}

  /** Hears of each stay, by paths, those of one path in their order. */
  public interface Listener {
    void stood(PathStay stay) throws IOException;
  }

  /**
   * @param most stays that are told of
   */
  public PathsEver(EntryFilter filter, long most) {
    this.filter = filter;
    this.most = most;
  }

  @Override
  public long lastSequence() {
    return now.sequence();
  }

  @Override
  public void show(long sequence, long logTimeMillis, Change change, After after)
      throws IOException {
    now = new Moment(sequence, logTimeMillis);
    switch (change.body()) {
      case Change.Put(NodePath at, Node node) -> put(new TreeEntry(at, node));
      case Change.Remove(NodePath at) -> end(at);
      case Change.Move(NodePath from, NodePath to) when !from.equals(to) -> {
        end(from);
        end(to);
        enter(to, after);
      }
      case Change.Exchange(NodePath first, NodePath second) when !first.equals(second) -> {
        end(first);
        end(second);
        enter(first, after);
        enter(second, after);
      }
      case Change.ScanCompleted(ScanKind kind) when kind == ScanKind.FULL -> keep(after.tree());
      case Change.Move _,
          Change.Exchange _,
          Change.ScanCompleted _,
          Change.ScanStarted _,
          Change.Keep _,
          Change.EpochStarted _,
          Change.Tag _,
          Change.Heartbeat _ -> {}
    }
  }

  @Override
  public void showKept(long sequence, long logTimeMillis, After after) throws IOException {
    now = new Moment(sequence, logTimeMillis);
    keep(after.tree());
    enter(NodePath.ROOT, after);
  }

  private void put(TreeEntry entry) throws IOException {
    NodePath at = entry.path();
    if (!(entry.node() instanceof Node.Directory)) {
      end(PathsWithin.of(standing, at).stream().filter(path -> !path.equals(at)).toList());
    }
    if (filter.matches(entry)) {
      begin(at);
    } else {
      end(List.of(at));
    }
  }

  private void end(NodePath path) {
    end(PathsWithin.of(standing, path));
  }

  private void end(List<NodePath> paths) {
    for (NodePath path : paths) {
      Moment since = standing.remove(path);
      if (since != null) {
        ended.computeIfAbsent(path, _ -> new ArrayDeque<>(1)).addLast(new Stay(since, now));
      }
    }
  }

  private void begin(NodePath path) throws IOException {
    if (standing.containsKey(path)) {
      return;
    }
    Deque<Stay> before = ended.get(path);
    if (before != null && before.getLast().to().equals(now)) {
      // One change took away what stood here and put something else in its place.
      standing.put(path, before.removeLast().from());
      if (before.isEmpty()) {
        ended.remove(path);
      }
      return;
    }
    if (++count > most) {
      throw new IOException(
          ("More than %d times something stood where the pattern means. Give one that means fewer"
                  + " paths, or name the directory before it, as in 'images/2026/**/*.png'.")
              .formatted(most));
    }
    standing.put(path, now);
  }

  /** What stands at a path and below has come there. */
  private void enter(NodePath path, After after) throws IOException {
    boolean isWithin = filter.pattern().start().contains(path);
    if (!isWithin && !path.contains(filter.pattern().start())) {
      return;
    }
    NodePath from = isWithin ? path : filter.pattern().start();
    try (EntryStream entries = after.tree().subtree(from)) {
      for (Optional<TreeEntry> next = entries.next(); next.isPresent(); next = entries.next()) {
        if (filter.matches(next.get())) {
          begin(next.get().path());
        }
      }
    }
  }

  /** Only what a tree has still stands. */
  private void keep(TreeBase tree) throws IOException {
    List<NodePath> gone = new ArrayList<>();
    for (NodePath path : standing.keySet()) {
      if (tree.find(path).filter(node -> filter.matches(new TreeEntry(path, node))).isEmpty()) {
        gone.add(path);
      }
    }
    end(gone);
  }

  /** Tells of each stay. */
  public void forEach(Listener listener) throws IOException {
    TreeSet<NodePath> paths = new TreeSet<>(ended.keySet());
    paths.addAll(standing.keySet());
    for (NodePath path : paths) {
      for (Stay stay : ended.getOrDefault(path, new ArrayDeque<>(0))) {
        listener.stood(new PathStay(path, stay.from(), Optional.of(stay.to())));
      }
      Moment since = standing.get(path);
      if (since != null) {
        listener.stood(new PathStay(path, since, Optional.empty()));
      }
    }
  }
}
