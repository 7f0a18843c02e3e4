package dev.tidemark.mirror;

import dev.tidemark.filesystem.linux.Descriptor;
import dev.tidemark.filesystem.linux.Errno;
import dev.tidemark.filesystem.linux.LinuxFiles;
import dev.tidemark.filesystem.linux.SystemCallException;
import dev.tidemark.schemas.change.Change;
import dev.tidemark.schemas.change.Change.Body;
import dev.tidemark.schemas.change.Node;
import dev.tidemark.schemas.change.NodePath;
import java.io.IOException;
import java.util.List;

/**
 * Steps over changes of which the target's entry has the immutable or append-only flag, or its
 * directory has: they are noted in the state, with a signature that nothing has, and their paths
 * are blocked. What comes for those paths later is noted in the same way. Once the flag is off, a
 * comparison with the state finds what is to be done.
 */
final class Stepping {
  private final MirrorState state;
  private final OpenDirectories directories;
  private final Noting noting;

  Stepping(MirrorState state, OpenDirectories directories) {
    this.state = state;
    this.directories = directories;
    this.noting = new Noting(state);
  }

  /** Whether a failure is one that another try, entry by entry, may pin to a flag. */
  static boolean isForbidden(Throwable failure) {
    for (Throwable e = failure; e != null; e = e.getCause()) {
      if (e instanceof SystemCallException call && call.errno() == Errno.EPERM) {
        return true;
      }
    }
    return false;
  }

  private static List<NodePath> pathsOf(Body body) {
    return switch (body) {
      case Change.Put(NodePath path, Node _) -> List.of(path);
      case Change.Remove(NodePath path) -> List.of(path);
      case Change.Move(NodePath from, NodePath to) -> List.of(from, to);
      case Change.Exchange(NodePath first, NodePath second) -> List.of(first, second);
      case Change.Keep _,
          Change.EpochStarted _,
          Change.ScanStarted _,
          Change.ScanCompleted _,
          Change.Tag _,
          Change.Heartbeat _ ->
          List.of();
    };
  }

  /** For messages: the path at which a change is made. */
  static NodePath pathOf(Body body) {
    List<NodePath> paths = pathsOf(body);
    return paths.isEmpty() ? NodePath.ROOT : paths.getLast();
  }

  /** Whether a change is of a path that waits already. */
  boolean isBlocked(Body body) {
    return !state.blocked().isEmpty()
        && pathsOf(body).stream().anyMatch(path -> state.blocked().covers(path));
  }

  /** Whether it was a flag that made a change fail. */
  boolean isInTheWay(IOException failure, Body body) {
    return isForbidden(failure)
        && !state.blocked().isFull()
        && pathsOf(body).stream().anyMatch(this::isProtected);
  }

  /** Whether what stands at a path, or its directory, has such a flag. */
  boolean isProtected(NodePath path) {
    try {
      if (path.isRoot()) {
        return LinuxFiles.isProtected(directories.open(path).descriptor());
      }
      Descriptor parent = directories.open(path.parent()).descriptor();
      return LinuxFiles.isProtected(parent) || LinuxFiles.isProtected(parent, path.name());
    } catch (IOException notThere) {
      // Without the directory there is nothing that could be protected.
      return false;
    }
  }

  /** Notes a change in the state alone; all before it is committed. */
  void stepOver(Body body, long sequence) throws IOException {
    noting.note(body, sequence);
    pathsOf(body).forEach(state.blocked()::add);
    state.setIntent(Intent.NONE);
  }

  /** A change was made in the target: what is blocked below its paths goes where they went. */
  void follow(Body body) {
    BlockedPaths blocked = state.blocked();
    if (blocked.isEmpty()) {
      return;
    }
    switch (body) {
      case Change.Put(NodePath path, Node node) -> {
        if (!(node instanceof Node.Directory)) {
          blocked.dropBelow(path);
        }
      }
      case Change.Remove(NodePath path) -> blocked.dropAt(path);
      case Change.Move(NodePath from, NodePath to) -> blocked.move(from, to);
      case Change.Exchange(NodePath first, NodePath second) -> blocked.exchange(first, second);
      case Change.Keep _,
          Change.EpochStarted _,
          Change.ScanStarted _,
          Change.ScanCompleted _,
          Change.Tag _,
          Change.Heartbeat _ -> {
        // No path of its own.
      }
    }
  }
}
