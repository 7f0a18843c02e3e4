package dev.tidemark.apply;

import dev.tidemark.apply.ExistingCheck.Difference;
import dev.tidemark.apply.Losses.Kind;
import dev.tidemark.apply.SyncReport.Failure;
import dev.tidemark.filesystem.linux.Descriptor;
import dev.tidemark.filesystem.linux.FileStatus;
import dev.tidemark.filesystem.linux.LinuxFiles;
import dev.tidemark.filesystem.linux.NativePath;
import dev.tidemark.filesystem.linux.SystemCallException;
import dev.tidemark.schemas.change.Bytes;
import dev.tidemark.schemas.change.Node;
import dev.tidemark.schemas.change.NodePath;
import dev.tidemark.schemas.tree.EntryStream;
import dev.tidemark.schemas.tree.TreeEntry;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Proves that a directory holds a tree and nothing else: looks at every entry as it stands there,
 * reads and hashes every byte, and compares owners, modes, times, attributes, links and holes.
 * Changes nothing. What was told to be lost when the tree was written is counted, and is no
 * difference.
 *
 * <p>Memory: the names of the directories on one path, and a hash for each group of hard links. For
 * one thread, which may be interrupted.
 */
public final class TreeProof {
  private static final int SET_IDS = 06000;

  private final TargetDirectory target;
  private final FrameSource frames;
  private final ExistingCheck existing;
  private final Expected expected;
  private final Map<Bytes, FileStatus> inodes = new HashMap<>();
  private final Deque<Level> levels = new ArrayDeque<>();
  private final List<Failure> differences = new ArrayList<>();
  private long entries;
  private long files;
  private long bytes;
  private long notKept;
  private long differenceCount;

  /**
   * What is known of the directory beforehand.
   *
   * @param owners as it was written with
   * @param lost what could not be kept of what was written
   * @param failed paths that could not be written, and were told of
   */
  public record Expected(OwnerIds owners, Set<Kind> lost, Set<NodePath> failed) {
    public Expected {
      lost = Set.copyOf(lost);
      failed = Set.copyOf(failed);
    }

    /** What a report tells of. */
    public static Expected of(SyncReport written, OwnerIds owners) {
      Set<Kind> lost = EnumSet.noneOf(Kind.class);
      written.losses().forEach(loss -> lost.add(loss.kind()));
      Set<NodePath> failed = new HashSet<>();
      written.failures().forEach(failure -> failed.add(failure.path()));
      return new Expected(owners, lost, failed);
    }
  }

  /**
   * What was found.
   *
   * @param entries that were compared
   * @param bytes of files that were read and hashed, and of their holes
   * @param notKept entries that differ in what was told to be lost, and in nothing else
   * @param differences the first {@value SyncReport#MAX_FAILURES} of them; of what is below a
   *     directory that is missing, nothing
   */
  public record Report(
      long entries,
      long files,
      long bytes,
      long notKept,
      long differenceCount,
      List<Failure> differences) {
    public Report {
      differences = List.copyOf(differences);
    }

    public boolean isProved() {
      return differenceCount == 0;
    }
  }

  /** A directory whose entries come next; closed if it is not there. */
  private record Level(NodePath path, @Nullable Descriptor open, Set<Bytes> unseen)
      implements AutoCloseable {
    @Override
    public void close() throws SystemCallException {
      if (open != null) {
        open.close();
      }
    }
  }

  private TreeProof(TargetDirectory target, FrameSource frames, Expected expected)
      throws IOException {
    this.target = target;
    this.frames = frames;
    this.expected = expected;
    this.existing = target.writer(expected.owners()).existing();
  }

  /**
   * Compares all of it once.
   *
   * @param tree with directories before what is in them
   * @param frames for the lists of large files' chunks
   * @throws InterruptedIOException if the thread is interrupted
   * @throws IOException if the tree cannot be read
   */
  public static Report run(
      TargetDirectory target, EntryStream tree, FrameSource frames, Expected expected)
      throws IOException {
    return new TreeProof(target, frames, expected).run(tree);
  }

  private Report run(EntryStream tree) throws IOException {
    try {
      Descriptor root = LinuxFiles.openDirectory(target.root(), new byte[0]);
      levels.push(new Level(NodePath.ROOT, root, namesIn(NodePath.ROOT, root)));
      for (Optional<TreeEntry> next = tree.next(); next.isPresent(); next = tree.next()) {
        if (Thread.interrupted()) {
          throw new InterruptedIOException("interrupted while a tree was proved");
        }
        look(next.get().path(), next.get().node());
      }
      while (!levels.isEmpty()) {
        leave();
      }
    } finally {
      while (!levels.isEmpty()) {
        levels.pop().close();
      }
    }
    return new Report(entries, files, bytes, notKept, differenceCount, differences);
  }

  private Set<Bytes> namesIn(NodePath path, Descriptor open) throws IOException {
    Set<Bytes> names = new HashSet<>();
    LinuxFiles.forEachEntry(
        open,
        entry -> {
          if (!path.isRoot() || !target.isReserved(entry.name())) {
            names.add(Bytes.of(entry.name()));
          }
        });
    return names;
  }

  private void leave() throws IOException {
    Level level = levels.pop();
    for (Bytes extra : level.unseen()) {
      tell(level.path().child(extra), "is there, and is no part of the tree");
    }
    level.close();
  }

  private void look(NodePath path, Node node) throws IOException {
    while (!path.isRoot() && !levels.element().path().equals(path.parent())) {
      leave();
    }
    Level level = levels.element();
    entries++;
    if (path.isRoot()) {
      lookAtRoot(node);
      return;
    }
    byte[] name = path.name();
    if (level.open() == null) {
      enterMissing(path, node);
      return;
    }
    level.unseen().remove(Bytes.of(name));
    Optional<String> difference = Optional.empty();
    try {
      difference = difference(level.open(), name, node);
      if (node instanceof Node.Directory) {
        enter(level.open(), name, path);
      }
    } catch (SystemCallException e) {
      difference = difference.or(() -> Optional.of("could not be looked at: " + e.getMessage()));
      enterMissing(path, node);
    }
    difference.ifPresent(reason -> tell(path, reason));
  }

  private void lookAtRoot(Node node) throws IOException {
    Path above = target.path().getParent();
    if (above == null) {
      throw new IOException(
          "%s has no directory above it, and cannot be proved.".formatted(target.path()));
    }
    byte[] all = NativePath.of(target.path()).bytes();
    int aboveBytes = NativePath.of(above).bytes().length;
    byte[] name = Arrays.copyOfRange(all, aboveBytes == 1 ? 1 : aboveBytes + 1, all.length);
    try (Descriptor parent = LinuxFiles.openRoot(NativePath.of(above))) {
      difference(parent, name, node).ifPresent(reason -> tell(NodePath.ROOT, reason));
    }
  }

  private void enterMissing(NodePath path, Node node) {
    if (node instanceof Node.Directory) {
      levels.push(new Level(path, null, new HashSet<>()));
    }
  }

  private void enter(Descriptor parent, byte[] name, NodePath path) throws IOException {
    Descriptor open = LinuxFiles.openDirectory(parent, name);
    try {
      levels.push(new Level(path, open, namesIn(path, open)));
    } catch (IOException e) {
      open.close();
      throw e;
    }
  }

  private Optional<String> difference(Descriptor parent, byte[] name, Node node)
      throws IOException {
    Optional<FileStatus> found = LinuxFiles.findStatus(parent, name);
    if (found.isEmpty()) {
      return lostDevice(node) ? notKept() : Optional.of("is missing");
    }
    FileStatus is = found.get();
    Difference difference = existing.compare(parent, name, node, is);
    if (difference == Difference.CONTENT) {
      return Optional.of("is of another kind, size, target or time");
    }
    if (node instanceof Node.File file) {
      if (!existing.hasContent(parent, name, file, frames)) {
        return Optional.of("has other bytes, or holes elsewhere");
      }
      files++;
      bytes += file.content().size();
    }
    if (!isLinkedRight(node, is)) {
      return Optional.of("is not one inode with its other names");
    }
    return difference == Difference.NONE ? Optional.empty() : metadata(parent, name, node, is);
  }

  private boolean lostDevice(Node node) {
    return node instanceof Node.Device device
        && expected
            .lost()
            .contains(
                switch (device.kind()) {
                  case CHARACTER -> Kind.CHARACTER_DEVICES;
                  case BLOCK -> Kind.BLOCK_DEVICES;
                });
  }

  private boolean isLinkedRight(Node node, FileStatus is) {
    if (!LinkIdentity.isShared(node) || expected.lost().contains(Kind.HARD_LINKS)) {
      return true;
    }
    FileStatus first = inodes.putIfAbsent(LinkIdentity.of(node), is);
    return first == null || LinkIdentity.isSameInode(first, is);
  }

  private Optional<String> metadata(Descriptor parent, byte[] name, Node node, FileStatus is)
      throws IOException {
    Set<Kind> kinds = existing.metadataDifferences(parent, name, node, is);
    boolean isOwnerLost = kinds.contains(Kind.OWNERS) && expected.lost().contains(Kind.OWNERS);
    // What could not be given away does not get the rights of whom it was to belong to.
    int wanted = node.metadata().mode() & (isOwnerLost ? ~SET_IDS : ~0);
    if (!(node instanceof Node.Symlink) && is.permissions() != wanted) {
      return Optional.of("has mode %04o, and should have %04o".formatted(is.permissions(), wanted));
    }
    kinds.removeAll(expected.lost());
    return kinds.isEmpty()
        ? notKept()
        : Optional.of("has other " + String.join(", ", kinds.stream().map(Kind::text).toList()));
  }

  private Optional<String> notKept() {
    notKept++;
    return Optional.empty();
  }

  private void tell(NodePath path, String reason) {
    if (expected.failed().contains(path)) {
      return;
    }
    differenceCount++;
    if (differences.size() < SyncReport.MAX_FAILURES) {
      differences.add(new Failure(path, reason));
    }
  }
}
