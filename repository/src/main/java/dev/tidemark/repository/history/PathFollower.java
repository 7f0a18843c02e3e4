package dev.tidemark.repository.history;

import dev.tidemark.repository.history.PathEvent.Means;
import dev.tidemark.repository.history.PathEvent.Writer;
import dev.tidemark.schemas.change.Change;
import dev.tidemark.schemas.change.Change.ScanKind;
import dev.tidemark.schemas.change.Node;
import dev.tidemark.schemas.change.NodeAspect;
import dev.tidemark.schemas.change.NodePath;
import dev.tidemark.schemas.cursor.Cursor;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/**
 * Follows one path through changes that it is shown in order, and keeps the last events of it.
 * Owned by one thread.
 */
public final class PathFollower implements HistoryViewer {
  private static final int MAX_HOSTS = 64;

  private final NodePath path;
  private final int most;
  private final Deque<PathEvent> events = new ArrayDeque<>();
  private final Map<UUID, String> hosts = new LinkedHashMap<>();
  private Optional<Node> now = Optional.empty();
  private long dropped;
  private long lastSequence;

  /**
   * @param most events that are kept; older ones are dropped
   */
  public PathFollower(NodePath path, int most) {
    if (most < 1) {
      throw new IllegalArgumentException("%d events of a path".formatted(most));
    }
    this.path = path;
    this.most = most;
  }

  /** The last events, oldest first. */
  public List<PathEvent> events() {
    return List.copyOf(events);
  }

  /** How many older ones were not kept. */
  public long dropped() {
    return dropped;
  }

  @Override
  public long lastSequence() {
    return lastSequence;
  }

  @Override
  public void knowWriter(Cursor cursor) {
    if (cursor.hasEpoch()) {
      knowHost(cursor.epoch().writer(), cursor.host());
    }
  }

  private void knowHost(UUID writer, String host) {
    hosts.remove(writer);
    hosts.put(writer, host);
    if (hosts.size() > MAX_HOSTS) {
      hosts.remove(hosts.keySet().iterator().next());
    }
  }

  @Override
  public void showKept(long sequence, long logTimeMillis, After after) throws IOException {
    lastSequence = sequence;
    become(sequence, logTimeMillis, new Means.Kept(), after.tree().find(path));
  }

  @Override
  public void show(long sequence, long logTimeMillis, Change change, After after)
      throws IOException {
    lastSequence = sequence;
    if (change.body() instanceof Change.EpochStarted started) {
      knowHost(change.writer(), started.host());
      return;
    }
    Writer by =
        new Writer(
            hosts.getOrDefault(change.writer(), ""), change.cause(), change.capturedAtMicros());
    Means written = new Means.Written(by);
    switch (change.body()) {
      case Change.Put(NodePath at, Node node) -> {
        if (at.equals(path)) {
          become(sequence, logTimeMillis, written, Optional.of(node));
        } else if (at.contains(path) && !(node instanceof Node.Directory)) {
          become(sequence, logTimeMillis, written, Optional.empty());
        }
      }
      case Change.Remove(NodePath at) -> {
        if (at.contains(path)) {
          become(sequence, logTimeMillis, written, Optional.empty());
        }
      }
      case Change.Move(NodePath from, NodePath to) when !from.equals(to) -> {
        if (from.contains(path)) {
          Means away = new Means.MovedTo(by, path.rebase(from, to));
          become(sequence, logTimeMillis, away, Optional.empty());
        } else if (to.contains(path)) {
          comeFrom(sequence, logTimeMillis, by, path.rebase(to, from), written, after);
        }
      }
      case Change.Exchange(NodePath first, NodePath second) when !first.equals(second) -> {
        if (first.contains(path) || second.contains(path)) {
          NodePath other =
              first.contains(path) ? path.rebase(first, second) : path.rebase(second, first);
          comeFrom(sequence, logTimeMillis, by, other, new Means.MovedTo(by, other), after);
        }
      }
      case Change.ScanCompleted(ScanKind kind) -> {
        if (kind == ScanKind.FULL && now.isPresent()) {
          become(sequence, logTimeMillis, new Means.NotFound(by), after.tree().find(path));
        }
      }
      case Change.Move _,
          Change.Exchange _,
          Change.Keep _,
          Change.ScanStarted _,
          Change.EpochStarted _,
          Change.Tag _,
          Change.Heartbeat _ -> {}
    }
  }

  /** What was at another place stands here now, if there was anything. */
  private void comeFrom(
      long sequence, long logTimeMillis, Writer by, NodePath other, Means ifNothing, After after)
      throws IOException {
    Optional<Node> node = after.tree().find(path);
    Means means = node.isPresent() ? new Means.MovedFrom(by, other) : ifNothing;
    become(sequence, logTimeMillis, means, node);
  }

  private void become(long sequence, long logTimeMillis, Means means, Optional<Node> node) {
    Optional<Node> before = now;
    now = node;
    if (node.isEmpty()) {
      if (before.isPresent()) {
        add(new PathEvent.Gone(sequence, logTimeMillis, means));
      }
    } else if (before.isEmpty()) {
      add(new PathEvent.Appeared(sequence, logTimeMillis, means, node.get()));
    } else {
      Set<NodeAspect> aspects = NodeAspect.differing(before.get(), node.get());
      if (!aspects.isEmpty()) {
        add(new PathEvent.Changed(sequence, logTimeMillis, means, node.get(), aspects));
      }
    }
  }

  private void add(PathEvent event) {
    events.addLast(event);
    if (events.size() > most) {
      events.removeFirst();
      dropped++;
    }
  }
}
