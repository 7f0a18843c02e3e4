package dev.tidemark.mirror;

import dev.tidemark.apply.NodeWriter;
import dev.tidemark.apply.TargetDirectory;
import dev.tidemark.filesystem.linux.Descriptor;
import dev.tidemark.filesystem.linux.Errno;
import dev.tidemark.filesystem.linux.FileStatus;
import dev.tidemark.filesystem.linux.LinuxFiles;
import dev.tidemark.filesystem.linux.SystemCallException;
import dev.tidemark.schemas.change.Node;
import dev.tidemark.schemas.change.NodePath;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The target's directories in which a mirror works, held open between changes, and what they are
 * owed: applying a change to a directory's entries changes its times, which {@link #settle} puts
 * back to those last published. A directory that was renamed makes paths stale: {@link #forget}
 * then.
 */
final class OpenDirectories implements AutoCloseable {
  private static final int MAX_OPEN = 256;
  private static final int USER_ALL = 0700;

  private final TargetDirectory target;
  private final NodeWriter writer;
  private final MirrorState state;
  private final boolean isPrivileged;
  private final Map<NodePath, OpenDirectory> open = new HashMap<>();
  private final List<OpenDirectory> unsettled = new ArrayList<>();

  OpenDirectories(TargetDirectory target, NodeWriter writer, MirrorState state) throws IOException {
    this.target = target;
    this.writer = writer;
    this.state = state;
    this.isPrivileged = Privilege.isRoot();
  }

  /** What a directory needs before the state may say that its changes are applied. */
  private enum Debt {
    NONE,
    TIMES,
    METADATA
  }

  /** One open directory. */
  final class OpenDirectory {
    private final NodePath path;
    private final Descriptor descriptor;
    private Node.@Nullable Directory node;
    private Debt debt = Debt.NONE;

    OpenDirectory(NodePath path, Descriptor descriptor, Node.@Nullable Directory node) {
      this.path = path;
      this.descriptor = descriptor;
      this.node = node;
    }

    Descriptor descriptor() {
      return descriptor;
    }

    /** Something in it was, or is about to be, changed. */
    void touch() {
      owe(Debt.TIMES);
    }

    /** Its own node was put. */
    void describe(Node.Directory newNode) {
      node = newNode;
      owe(Debt.METADATA);
    }

    private void owe(Debt more) {
      if (debt == Debt.NONE) {
        unsettled.add(this);
      }
      if (debt != Debt.METADATA) {
        debt = more;
      }
    }

    private void settle() throws IOException {
      if (node != null) {
        switch (debt) {
          case NONE -> {
            // Nothing was done to it.
          }
          case TIMES -> writer.putBackTimes(descriptor, node.metadata().mtime());
          case METADATA -> {
            FileStatus unused = writer.finishDirectory(descriptor, node);
          }
        }
      }
      debt = Debt.NONE;
    }
  }

  /** Whether enough are open that it is time to {@link #forget} them. */
  boolean isFull() {
    return open.size() >= MAX_OPEN;
  }

  /** Opens a directory that the state knows; it stays open until all are forgotten. */
  OpenDirectory open(NodePath path) throws IOException {
    OpenDirectory known = open.get(path);
    if (known != null) {
      return known;
    }
    Node.@Nullable Directory node = knownNode(path);
    OpenDirectory opened = new OpenDirectory(path, openDescriptor(path), node);
    if (!isPrivileged && node != null && (node.metadata().mode() & USER_ALL) != USER_ALL) {
      LinuxFiles.changeMode(opened.descriptor, node.metadata().mode() | USER_ALL);
      opened.describe(node);
    }
    open.put(path, opened);
    return opened;
  }

  /** Opens the directory of a path, in which something is about to change. */
  OpenDirectory openParent(NodePath path) throws IOException {
    try {
      OpenDirectory parent = open(path.parent());
      parent.touch();
      return parent;
    } catch (SystemCallException e) {
      throw switch (e.errno()) {
        case ENOENT, ENOTDIR, ELOOP ->
            new TargetDriftException("the directory of %s was changed".formatted(path), e);
        default -> e;
      };
    }
  }

  private Node.@Nullable Directory knownNode(NodePath path) throws IOException {
    Optional<MirrorState.Place> place = state.placeOf(path);
    if (place.isPresent()) {
      Optional<StateEntry> entry = state.find(place.get());
      if (entry.isPresent() && entry.get().node() instanceof Node.Directory directory) {
        return directory;
      }
    }
    return null;
  }

  private Descriptor openDescriptor(NodePath path) throws IOException {
    try {
      return target.openDirectory(path);
    } catch (SystemCallException e) {
      if (e.errno() != Errno.EACCES || path.isRoot()) {
        throw e;
      }
      OpenDirectory parent = open(path.parent());
      LinuxFiles.changeMode(parent.descriptor(), path.name(), USER_ALL);
      return target.openDirectory(path);
    }
  }

  /** Gives every directory that was worked in what it is owed. */
  void settle() throws IOException {
    for (OpenDirectory directory : unsettled) {
      try {
        directory.settle();
      } catch (SystemCallException e) {
        switch (e.errno()) {
          case ENOENT, ESTALE -> {
            // On some filesystems a removed directory takes no times any more; it needs none.
          }
          case EPERM -> requireProtected(directory, e);
          default -> throw e;
        }
      }
    }
    unsettled.clear();
  }

  /** A directory that may not be changed keeps what it has until it may. */
  private void requireProtected(OpenDirectory directory, SystemCallException e)
      throws SystemCallException {
    if (!LinuxFiles.isProtected(directory.descriptor) || state.blocked().isFull()) {
      throw e;
    }
    directory.debt = Debt.NONE;
    state.blocked().add(directory.path);
  }

  /** Settles and closes all. */
  void forget() throws IOException {
    settle();
    drop();
  }

  /** Closes all, whatever they are owed: what was worked in them will be applied again. */
  void drop() throws IOException {
    unsettled.clear();
    for (OpenDirectory directory : open.values()) {
      directory.descriptor().close();
    }
    open.clear();
  }

  @Override
  public void close() throws IOException {
    drop();
  }
}
