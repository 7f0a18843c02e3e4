package dev.tidemark.watcher.read;

import dev.tidemark.filesystem.linux.Descriptor;
import dev.tidemark.filesystem.linux.FileStatus;
import dev.tidemark.filesystem.linux.FileType;
import dev.tidemark.filesystem.linux.LinuxFiles;
import dev.tidemark.filesystem.linux.NotRegularFileException;
import dev.tidemark.filesystem.linux.SystemCallException;
import dev.tidemark.schemas.change.Bytes;
import dev.tidemark.schemas.change.Content;
import dev.tidemark.schemas.change.Extent;
import dev.tidemark.schemas.change.FramePosition;
import dev.tidemark.schemas.change.Metadata;
import dev.tidemark.schemas.change.Node;
import dev.tidemark.watcher.dirty.Mark;
import dev.tidemark.watcher.filter.PathFilter;
import dev.tidemark.watcher.publish.FramesLostException;
import dev.tidemark.watcher.read.ReadTask.Item;
import dev.tidemark.watcher.read.ReadTask.Look;
import dev.tidemark.watcher.state.EntryKey;
import dev.tidemark.watcher.state.EntryRecord;
import dev.tidemark.watcher.state.PublishedTree;
import dev.tidemark.watcher.state.Signature;
import java.io.IOException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Looks at entries. Owned by one reader thread. */
final class EntryReader {
  /** The coarsest clock tick that a change may hide in. */
  private static final long RACY_MILLIS = 20;

  private static final long MICROS_PER_MILLI = 1000;

  private final TreeRoot root;
  private final PublishedTree published;
  private final Owners owners;
  private final Watches watches;
  private final FileCutter cutter;
  private final PathFilter filter;
  private final Sink sink;
  private final InstantSource clock;
  private final int generation;

  EntryReader(
      TreeRoot root,
      PublishedTree published,
      Owners owners,
      Watches watches,
      FileCutter cutter,
      PathFilter filter,
      Sink sink,
      InstantSource clock,
      int generation) {
    this.root = root;
    this.published = published;
    this.owners = owners;
    this.watches = watches;
    this.cutter = cutter;
    this.filter = filter;
    this.sink = sink;
    this.clock = clock;
    this.generation = generation;
  }

  void look(Look look) throws IOException {
    List<Item> absent = new ArrayList<>();
    try (Descriptor directory = root.open(look)) {
      for (Item item : look.items()) {
        lookAt(look, directory, item, absent);
      }
    } catch (TreeRoot.StaleDirectoryException _) {
      look.items().forEach(item -> sink.inspected(item.ticket(), new Inspected.Stale()));
      return;
    } catch (SystemCallException e) {
      look.items().forEach(item -> sink.inspected(item.ticket(), new Inspected.Unreadable(e)));
      return;
    }
    if (!absent.isEmpty()) {
      // Asked after the names were found missing: a root that is another one by now proves nothing.
      Inspected answer =
          root.isStillThere()
              ? new Inspected.Absent()
              : new Inspected.Unreadable(
                  new IOException(
                      "%s is no longer the directory that was opened".formatted(root.path())));
      absent.forEach(item -> sink.inspected(item.ticket(), answer));
    }
  }

  private void lookAt(Look look, Descriptor directory, Item item, List<Item> absent)
      throws IOException {
    try {
      Optional<FileStatus> status =
          item.name().bytes().length == 0
              ? Optional.of(LinuxFiles.status(directory))
              : LinuxFiles.findStatus(directory, item.name().bytes());
      if (status.isEmpty()) {
        absent.add(item);
      } else if (isExcluded(look, item, status.get())) {
        sink.inspected(item.ticket(), new Inspected.Excluded());
      } else {
        lookAt(look, directory, item, status.get());
      }
    } catch (FramesLostException e) {
      sink.inspected(item.ticket(), new Inspected.FramesLost(e));
    } catch (NotRegularFileException _) {
      // It was replaced between the stat and the open.
      sink.inspected(item.ticket(), new Inspected.Stale());
    } catch (SystemCallException e) {
      sink.inspected(
          item.ticket(),
          switch (e.errno()) {
            case ENOENT, ESTALE -> new Inspected.Stale();
            default -> new Inspected.Unreadable(e);
          });
    }
  }

  private boolean isExcluded(Look look, Item item, FileStatus status) {
    return status.type() == FileType.DIRECTORY
        ? filter.excludesDirectory(look.path(), item.name().bytes())
        : filter.excludesFile(look.path(), item.name().bytes());
  }

  private void lookAt(Look look, Descriptor directory, Item item, FileStatus status)
      throws IOException {
    byte[] name = item.name().bytes();
    Metadata metadata = metadata(status);
    switch (status.type()) {
      case DIRECTORY -> {
        WatchOutcome watch =
            name.length == 0 || item.watchedInode() == status.inode()
                ? new WatchOutcome.NotAsked()
                : watches.watch(directory, name, status.inode());
        sink.inspected(
            item.ticket(),
            new Inspected.FoundDirectory(
                new Node.Directory(metadata), Signature.of(status), watch, now()));
      }
      case SYMLINK -> {
        Bytes target = Bytes.of(LinuxFiles.readSymlink(directory, name));
        found(item, new Node.Symlink(metadata, target), status);
      }
      case FIFO -> found(item, new Node.Fifo(metadata), status);
      case CHARACTER_DEVICE, BLOCK_DEVICE -> {
        Node.DeviceKind kind =
            status.type() == FileType.BLOCK_DEVICE
                ? Node.DeviceKind.BLOCK
                : Node.DeviceKind.CHARACTER;
        Node node = new Node.Device(metadata, kind, status.rdevMajor(), status.rdevMinor());
        found(item, node, status);
      }
      case REGULAR -> lookAtFile(look, directory, item, status);
      case SOCKET, UNKNOWN -> sink.inspected(item.ticket(), new Inspected.Skipped(status.type()));
    }
  }

  private void found(Item item, Node node, FileStatus status) {
    sink.inspected(
        item.ticket(),
        new Inspected.Found(
            node, Signature.of(status), false, List.of(), false, 0, Set.of(), now()));
  }

  private void lookAtFile(Look look, Descriptor directory, Item item, FileStatus status)
      throws IOException {
    Optional<EntryRecord> known =
        published
            .find(new EntryKey(look.directory(), item.name()))
            .filter(record -> !record.isDirectory());
    if (known.isPresent() && hasSameBytes(known.get(), item, status)) {
      reuse(item, known.get(), status);
      return;
    }
    try (Descriptor file = LinuxFiles.openForReading(directory, item.name().bytes())) {
      FileStatus opened = LinuxFiles.status(file);
      boolean growth =
          known.isPresent()
              && !has(item, Mark.CLOSED | Mark.READ | Mark.AGAIN | Mark.DOUBT)
              && known.get().generation() == generation
              && known.get().signature().inode() == opened.inode()
              && cutter.hasGrown(file, known.get(), opened);
      long begun = clock.millis();
      FileCutter.Cut cut = growth ? cutter.cutGrowth(file, known.get()) : cutter.cutWhole(file);
      finish(item, cut, begun);
    }
  }

  private static boolean has(Item item, int bits) {
    return (item.bits() & bits) != 0;
  }

  /**
   * Whether the bytes need not be read: they are as published, or nothing says that they are not.
   */
  private boolean hasSameBytes(EntryRecord known, Item item, FileStatus status) throws IOException {
    Signature now = Signature.of(status);
    Signature then = known.signature();
    boolean same =
        known.generation() == generation
            && !has(item, Mark.READ)
            && now.sameBytesAs(then)
            && (now.inode() == then.inode() || !root.hasStableInodes())
            && known.node() instanceof Node.File(_, Content content)
            && !content.torn();
    // A signature in doubt is believed only where nothing but the metadata is said to have changed.
    boolean exact = !known.isRacy() && now.sameChangeTimeAs(then);
    return same && (exact || !has(item, Mark.DATA));
  }

  private void reuse(Item item, EntryRecord known, FileStatus status) throws IOException {
    Content content = ((Node.File) known.node()).content();
    Node node = new Node.File(metadata(status), content);
    Set<dev.tidemark.schemas.chunk.ChunkId> held = new HashSet<>(PublishedTree.chunksOf(known));
    List<FramePosition> needs =
        known.nestedNeeds().isEmpty() ? needs(content.extents()) : known.nestedNeeds();
    sink.inspected(
        item.ticket(),
        new Inspected.Found(
            node,
            Signature.of(status),
            known.isRacy(),
            needs,
            !known.nestedNeeds().isEmpty(),
            0,
            held,
            now()));
  }

  private static List<FramePosition> needs(List<Extent> extents) {
    Map<Integer, Long> needs = new HashMap<>();
    for (Extent extent : extents) {
      if (extent instanceof Extent.Chunk chunk && chunk.position().isKnown()) {
        needs.merge(chunk.position().partition(), chunk.position().offset(), Math::max);
      }
    }
    return needs.entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .map(need -> new FramePosition(need.getKey(), need.getValue()))
        .toList();
  }

  private void finish(Item item, FileCutter.Cut cut, long begunMillis) throws IOException {
    FileStatus status = cut.before();
    Metadata metadata = metadata(status);
    Signature signature = Signature.of(status);
    boolean racy = signature.isRacyAt(begunMillis, RACY_MILLIS);
    long capturedAt = now();
    cut.extents()
        .finish(
            new ExtentCollector.Completion() {
              @Override
              public void complete(ExtentCollector.Collected collected) {
                Content content = new Content(cut.size(), collected.extents(), cut.torn());
                sink.inspected(
                    item.ticket(),
                    new Inspected.Found(
                        new Node.File(metadata, content),
                        signature,
                        racy,
                        collected.needs(),
                        collected.nested(),
                        collected.oldestMillis(),
                        collected.leftOut(),
                        capturedAt));
              }

              @Override
              public void lost(FramesLostException cause) {
                sink.inspected(item.ticket(), new Inspected.FramesLost(cause));
              }
            });
  }

  private Metadata metadata(FileStatus status) {
    return new Metadata(
        status.permissions(),
        status.uid(),
        status.gid(),
        owners.user(status.uid()),
        owners.group(status.gid()),
        new Metadata.FileTime(status.mtimeSeconds(), status.mtimeNanos()),
        List.of(),
        status.type() != FileType.DIRECTORY && status.links() > 1 ? status.inode() : 0);
  }

  private long now() {
    var instant = clock.instant();
    return instant.getEpochSecond() * MICROS_PER_MILLI * MICROS_PER_MILLI
        + instant.getNano() / MICROS_PER_MILLI;
  }
}
