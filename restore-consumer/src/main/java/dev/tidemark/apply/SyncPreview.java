package dev.tidemark.apply;

import dev.tidemark.filesystem.linux.Descriptor;
import dev.tidemark.filesystem.linux.DirectoryEntry;
import dev.tidemark.filesystem.linux.FileStatus;
import dev.tidemark.filesystem.linux.FileType;
import dev.tidemark.filesystem.linux.LinuxFiles;
import dev.tidemark.filesystem.linux.NativePath;
import dev.tidemark.filesystem.linux.SystemCallException;
import dev.tidemark.schemas.change.Bytes;
import dev.tidemark.schemas.change.Extent;
import dev.tidemark.schemas.change.Node;
import dev.tidemark.schemas.change.NodePath;
import dev.tidemark.schemas.chunk.ChunkId;
import dev.tidemark.schemas.tree.EntryStream;
import dev.tidemark.schemas.tree.TreeEntry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Finds out what {@link TreeSync} would do, and writes nothing. A file of the right size and time
 * counts as right; what an older version of one has in place is not looked for.
 */
public final class SyncPreview {
  private static final int SAMPLE_RUNS = 4;
  private static final int MAX_REMEMBERED = 1 << 18;

  private final Path target;
  private final FrameSource source;
  private final SyncOptions options;
  private final ProtectedEntries protectedEntries;
  private final Deque<SyncDirectory> open = new ArrayDeque<>();
  private final Map<ChunkId, Extent.Chunk> planned = new LinkedHashMap<>();
  private final Set<ChunkId> repeated = new HashSet<>();
  private final Counts counts = new Counts();
  private final PlanSize planSize;
  private long plannedBytes;
  private double sampleSeconds;
  private long sampleRuns;

  public SyncPreview(Path target, FrameSource source, SyncOptions options) {
    this.target = target;
    this.source = source;
    this.options = options;
    this.planSize = new PlanSize(options.memoryBytes());
    this.protectedEntries = new ProtectedEntries(options.exclusions());
  }

  /**
   * What would be done.
   *
   * @param bytesToWrite of the files to be written
   * @param kept entries that are no directories and seem right
   * @param toRemove entries that the tree has not, those below them not counted; 0 if they stay
   * @param requests that the frames would be fetched with
   * @param bytesToFetch by those
   * @param fetchSeconds how long they would take at the speed of the first few, which were made
   */
  public record Preview(
      long directories,
      long filesToWrite,
      long bytesToWrite,
      long othersToWrite,
      long kept,
      long toRemove,
      long requests,
      long bytesToFetch,
      double fetchSeconds) {}

  private static final class Counts {
    long directories;
    long files;
    long bytes;
    long others;
    long kept;
    long toRemove;
    long requests;
    long bytesToFetch;
  }

  /** Goes through a tree. To be called once. */
  public Preview run(EntryStream tree) throws IOException {
    try {
      open.push(openRoot());
      for (Optional<TreeEntry> next = tree.next(); next.isPresent(); next = tree.next()) {
        see(next.get());
      }
      while (!open.isEmpty()) {
        leave();
      }
    } finally {
      for (SyncDirectory directory : open) {
        if (directory.isUsable()) {
          directory.descriptor().close();
        }
      }
    }
    plan();
    double each = sampleRuns == 0 ? 0 : sampleSeconds / sampleRuns;
    return new Preview(
        counts.directories,
        counts.files,
        counts.bytes,
        counts.others,
        counts.kept,
        counts.toRemove,
        counts.requests,
        counts.bytesToFetch,
        each * counts.requests / options.workers());
  }

  private SyncDirectory openRoot() throws IOException {
    if (!Files.isDirectory(target)) {
      return absent(NodePath.ROOT);
    }
    Descriptor root = LinuxFiles.openRoot(NativePath.of(target.toRealPath()));
    return new SyncDirectory(NodePath.ROOT, 0, root, null, namesIn(root));
  }

  private static SyncDirectory absent(NodePath path) {
    return new SyncDirectory(path, 0, null, null, Map.of());
  }

  private static Map<Bytes, DirectoryEntry> namesIn(Descriptor directory)
      throws SystemCallException {
    Map<Bytes, DirectoryEntry> names = new HashMap<>();
    LinuxFiles.forEachEntry(directory, entry -> names.put(Bytes.of(entry.name()), entry));
    return names;
  }

  private void see(TreeEntry entry) throws IOException {
    NodePath path = entry.path();
    if (path.isRoot()) {
      counts.directories++;
      return;
    }
    while (!open.element().path().contains(path)) {
      leave();
    }
    SyncDirectory parent = open.element();
    FileStatus is =
        parent.isUsable() && parent.takeExisting(path.name()).isPresent()
            ? LinuxFiles.findStatus(parent.descriptor(), path.name()).orElse(null)
            : null;
    if (entry.node() instanceof Node.Directory) {
      counts.directories++;
      enter(parent, path, is);
    } else if (isRight(entry.node(), is)) {
      counts.kept++;
    } else if (entry.node() instanceof Node.File file) {
      counts.files++;
      counts.bytes += file.content().size();
      add(file.content().extents());
    } else {
      counts.others++;
    }
  }

  private void enter(SyncDirectory parent, NodePath path, @Nullable FileStatus is)
      throws SystemCallException {
    if (is == null || is.type() != FileType.DIRECTORY) {
      open.push(absent(path));
      return;
    }
    Descriptor directory = LinuxFiles.openDirectory(parent.descriptor(), path.name());
    open.push(new SyncDirectory(path, 0, directory, null, namesIn(directory)));
  }

  private static boolean isRight(Node node, @Nullable FileStatus is) {
    if (is == null
        || is.mtimeSeconds() != node.metadata().mtime().seconds()
        || is.mtimeNanos() != node.metadata().mtime().nanos()) {
      return false;
    }
    return switch (node) {
      case Node.File file -> is.type() == FileType.REGULAR && is.size() == file.content().size();
      case Node.Symlink _ -> is.type() == FileType.SYMLINK;
      case Node.Fifo _ -> is.type() == FileType.FIFO;
      case Node.Device device -> is.type() == NodeWriter.fileType(device.kind());
      case Node.Directory _ -> is.type() == FileType.DIRECTORY;
    };
  }

  private void leave() throws SystemCallException {
    SyncDirectory directory = open.pop();
    if (!directory.isUsable()) {
      return;
    }
    try (Descriptor descriptor = directory.descriptor()) {
      if (options.extras() == SyncOptions.ExtraEntries.REMOVE) {
        for (DirectoryEntry extra : directory.extras()) {
          if (!protectedEntries.isProtected(descriptor, directory.path().child(extra.name()))) {
            counts.toRemove++;
          }
        }
      }
    }
  }

  private void add(List<Extent> extents) throws IOException {
    for (Extent extent : extents) {
      switch (extent) {
        case Extent.Chunk chunk -> add(chunk);
        // What it names is not known without reading it.
        case Extent.Nested nested -> add(nested.list());
        case Extent.Hole _ -> {
          // Nothing to fetch.
        }
      }
    }
  }

  private void add(Extent.Chunk chunk) throws IOException {
    if (options.repeated().test(chunk.id())
        && (!repeated.add(chunk.id()) || repeated.size() > MAX_REMEMBERED)) {
      return;
    }
    if (planned.put(chunk.id(), chunk) == null) {
      plannedBytes += source.frameBytes(chunk);
    }
    if (planSize.isReached(plannedBytes, planned.size())) {
      plan();
    }
  }

  private void plan() throws IOException {
    List<FrameRun> runs = planned.isEmpty() ? List.of() : source.runs(planned.values());
    for (FrameRun run : runs) {
      counts.requests++;
      counts.bytesToFetch += run.bytes();
      if (sampleRuns < SAMPLE_RUNS) {
        long start = System.nanoTime();
        Map<ChunkId, byte[]> unused = run.read();
        sampleSeconds += (System.nanoTime() - start) / 1e9;
        sampleRuns++;
      }
    }
    planSize.planned();
    planned.clear();
    plannedBytes = 0;
  }
}
