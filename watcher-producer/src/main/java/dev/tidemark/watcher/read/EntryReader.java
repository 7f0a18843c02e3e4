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
import dev.tidemark.schemas.filter.PathFilter;
import dev.tidemark.watcher.dirty.Mark;
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

/** Looks at entries. Owned by one reader thread. */
final class EntryReader {
  /** The coarsest clock tick that a change may hide in. */
  private static final long RACY_MILLIS = 20;

  private static final long MICROS_PER_MILLI = 1000;

  /** Other names of an inode that are asked for its bytes. */
  private static final int PEERS = 8;

  /** Spreads device numbers over the upper bits, where inode numbers have none. */
  private static final long DEVICE_SPREAD = 0x9e37_79b9_7f4a_7c15L;

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
      if (root.holds(directory)) {
        for (Item item : look.items()) {
          lookAt(look, directory, item, absent);
        }
      } else {
        // A mount point: what stands there is none of the tree's, and what stood there is hidden.
        absent.addAll(look.items());
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
    } catch (NotRegularFileException | ReplacedException _) {
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
    switch (status.type()) {
      case DIRECTORY -> {
        if (name.length == 0) {
          lookAtDirectory(item, directory, new WatchOutcome.NotAsked());
          return;
        }
        try (Descriptor handle = open(directory, name, status)) {
          WatchOutcome watch =
              item.watchedInode() == status.inode()
                  ? new WatchOutcome.NotAsked()
                  : watches.watch(directory, name, status.inode());
          lookAtDirectory(item, handle, watch);
        }
      }
      case SYMLINK -> {
        try (Descriptor handle = open(directory, name, status)) {
          FileStatus before = LinuxFiles.status(handle);
          AttributeReader.Found attributes = AttributeReader.read(handle);
          Bytes target = Bytes.of(LinuxFiles.readSymlink(directory, name));
          found(item, new Node.Symlink(metadata(before, attributes), target), before, attributes);
        }
      }
      case FIFO, CHARACTER_DEVICE, BLOCK_DEVICE -> {
        try (Descriptor handle = open(directory, name, status)) {
          FileStatus before = LinuxFiles.status(handle);
          AttributeReader.Found attributes = AttributeReader.read(handle);
          found(item, special(before, metadata(before, attributes)), before, attributes);
        }
      }
      case REGULAR -> lookAtFile(look, directory, item, status);
      case SOCKET, UNKNOWN -> sink.inspected(item.ticket(), new Inspected.Skipped(status.type()));
    }
  }

  /** Opens a handle of what was just seen at a name. */
  private static Descriptor open(Descriptor directory, byte[] name, FileStatus seen)
      throws IOException {
    Descriptor handle = LinuxFiles.openHandle(directory, name);
    try {
      FileStatus now = LinuxFiles.status(handle);
      if (now.inode() != seen.inode() || now.type() != seen.type()) {
        throw new ReplacedException();
      }
      return handle;
    } catch (IOException e) {
      handle.close();
      throw e;
    }
  }

  private void lookAtDirectory(Item item, Descriptor handle, WatchOutcome watch)
      throws IOException {
    FileStatus before = LinuxFiles.status(handle);
    AttributeReader.Found attributes = AttributeReader.read(handle);
    sink.inspected(
        item.ticket(),
        new Inspected.FoundDirectory(
            new Node.Directory(metadata(before, attributes)),
            seen(before, attributes),
            watch,
            now()));
  }

  private static Node special(FileStatus status, Metadata metadata) {
    return switch (status.type()) {
      case CHARACTER_DEVICE -> device(status, metadata, Node.DeviceKind.CHARACTER);
      case BLOCK_DEVICE -> device(status, metadata, Node.DeviceKind.BLOCK);
      case FIFO -> new Node.Fifo(metadata);
      case REGULAR, DIRECTORY, SYMLINK, SOCKET, UNKNOWN ->
          throw new IllegalArgumentException("not a FIFO or device: " + status.type());
    };
  }

  private static Node device(FileStatus status, Metadata metadata, Node.DeviceKind kind) {
    return new Node.Device(metadata, kind, status.rdevMajor(), status.rdevMinor());
  }

  private void found(Item item, Node node, FileStatus status, AttributeReader.Found attributes) {
    sink.inspected(
        item.ticket(),
        new Inspected.Found(
            node,
            seen(status, attributes),
            false,
            Inspected.Bodies.NONE,
            Inspected.Times.at(now())));
  }

  private static Inspected.Seen seen(FileStatus status, AttributeReader.Found attributes) {
    return new Inspected.Seen(Signature.of(status), status.links(), attributes.withheld());
  }

  private void lookAtFile(Look look, Descriptor directory, Item item, FileStatus status)
      throws IOException {
    EntryKey key = new EntryKey(look.directory(), item.name());
    Optional<EntryRecord> known = published.find(key).filter(record -> !record.isDirectory());
    if (known.isPresent() || status.links() > 1) {
      try (Descriptor handle = open(directory, item.name().bytes(), status)) {
        FileStatus before = LinuxFiles.status(handle);
        Optional<Held> held = findHeld(key, known, item, before);
        if (held.isPresent()) {
          reuse(item, held.get(), before, AttributeReader.read(handle));
          return;
        }
      }
    }
    try (Descriptor file = LinuxFiles.openForReading(directory, item.name().bytes())) {
      FileStatus opened = LinuxFiles.status(file);
      boolean growth =
          known.isPresent()
              && has(item, Mark.MODIFIED)
              && !has(item, Mark.CLOSED | Mark.READ | Mark.VERIFY | Mark.AGAIN | Mark.DOUBT)
              && known.get().generation() == generation
              && known.get().signature().inode() == opened.inode()
              && cutter.hasGrown(file, known.get(), opened);
      long begun = now();
      FileCutter.Cut cut = growth ? cutter.cutGrowth(file, known.get()) : cutter.cutWhole(file);
      finish(item, cut, growth, begun);
    }
  }

  private static boolean has(Item item, int bits) {
    return (item.bits() & bits) != 0;
  }

  /**
   * The published entry that holds a file's bytes.
   *
   * @param racy a change right after they were read would not show in the signature
   */
  private record Held(EntryRecord record, boolean racy) {}

  /** Finds where the bytes are published already, or nothing says that they are not. */
  private Optional<Held> findHeld(
      EntryKey key, Optional<EntryRecord> known, Item item, FileStatus status) throws IOException {
    if (has(item, Mark.READ | Mark.VERIFY)) {
      return Optional.empty();
    }
    Signature now = Signature.of(status);
    boolean own = known.isPresent() && hasSameBytes(known.get(), now);
    if (own && isExact(known.get(), now)) {
      return Optional.of(new Held(known.get(), false));
    }
    List<EntryRecord> peers = status.links() > 1 ? peers(key, now) : List.of();
    for (EntryRecord peer : peers) {
      if (isExact(peer, now)) {
        return Optional.of(new Held(peer, false));
      }
    }
    // A signature in doubt is believed only where nothing but the metadata is said to have changed.
    if (own && !has(item, Mark.DATA)) {
      return Optional.of(new Held(known.get(), known.get().isRacy()));
    }
    // A new name of an inode moves its change time, as a new mode does, and no more than that.
    boolean isNewName = known.isEmpty() || known.get().signature().inode() != now.inode();
    return isNewName
        ? peers.stream().filter(peer -> !peer.isRacy()).findFirst().map(p -> new Held(p, false))
        : Optional.empty();
  }

  private boolean hasSameBytes(EntryRecord record, Signature now) throws IOException {
    Signature then = record.signature();
    return record.generation() == generation
        && now.sameBytesAs(then)
        && (now.inode() == then.inode() || !root.hasStableInodes())
        && record.node() instanceof Node.File(_, Content content)
        && !content.torn();
  }

  private static boolean isExact(EntryRecord record, Signature now) {
    return !record.isRacy() && now.sameChangeTimeAs(record.signature());
  }

  /** As published, other names of the inode that have the same bytes. */
  private List<EntryRecord> peers(EntryKey key, Signature now) throws IOException {
    List<EntryRecord> peers = new ArrayList<>();
    for (EntryKey name : published.namesOf(now.inode(), PEERS)) {
      Optional<EntryRecord> peer = name.equals(key) ? Optional.empty() : published.find(name);
      if (peer.isPresent() && !peer.get().isDirectory() && hasSameBytes(peer.get(), now)) {
        peers.add(peer.get());
      }
    }
    return peers;
  }

  private void reuse(Item item, Held held, FileStatus status, AttributeReader.Found attributes)
      throws IOException {
    EntryRecord record = held.record();
    Content content = ((Node.File) record.node()).content();
    boolean nested = !record.nestedNeeds().isEmpty();
    Inspected.Bodies bodies =
        new Inspected.Bodies(
            nested ? record.nestedNeeds() : needs(content.extents()),
            nested,
            0,
            new HashSet<>(PublishedTree.chunksOf(record)),
            0);
    sink.inspected(
        item.ticket(),
        new Inspected.Found(
            new Node.File(metadata(status, attributes), content),
            seen(status, attributes),
            held.racy(),
            bodies,
            Inspected.Times.at(now())));
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

  /**
   * @param growth only the end was read: whether the rest is as it was shows when all is read,
   *     which the next word of it, or a comparison, has to do
   */
  private void finish(Item item, FileCutter.Cut cut, boolean growth, long begunMicros)
      throws IOException {
    FileStatus status = cut.before();
    Metadata metadata = metadata(status, cut.attributes());
    Inspected.Seen seen = seen(status, cut.attributes());
    boolean racy = growth || seen.signature().isRacyAt(begunMicros / MICROS_PER_MILLI, RACY_MILLIS);
    long capturedAt = now();
    cut.extents()
        .finish(
            new ExtentCollector.Completion() {
              @Override
              public void complete(ExtentCollector.Collected collected) {
                Content content = new Content(cut.size(), collected.extents(), cut.torn());
                Inspected.Bodies bodies =
                    new Inspected.Bodies(
                        collected.needs(),
                        collected.nested(),
                        collected.oldestMillis(),
                        collected.leftOut(),
                        cut.bytesRead());
                sink.inspected(
                    item.ticket(),
                    new Inspected.Found(
                        new Node.File(metadata, content),
                        seen,
                        racy,
                        bodies,
                        new Inspected.Times(begunMicros, capturedAt, now())));
              }

              @Override
              public void lost(FramesLostException cause) {
                sink.inspected(item.ticket(), new Inspected.FramesLost(cause));
              }
            });
  }

  private Metadata metadata(FileStatus status, AttributeReader.Found attributes) {
    return new Metadata(
        status.permissions(),
        status.uid(),
        status.gid(),
        owners.user(status.uid()),
        owners.group(status.gid()),
        new Metadata.FileTime(status.mtimeSeconds(), status.mtimeNanos()),
        attributes.attributes(),
        linkGroup(status));
  }

  /** A number that all names of one inode share, and no other inode of the tree has. */
  private long linkGroup(FileStatus status) {
    if (status.type() == FileType.DIRECTORY || status.links() < 2) {
      return 0;
    }
    long device = status.device();
    return device == root.firstStatus().device()
        ? status.inode()
        : Long.MIN_VALUE | status.inode() ^ device * DEVICE_SPREAD;
  }

  private long now() {
    var instant = clock.instant();
    return instant.getEpochSecond() * MICROS_PER_MILLI * MICROS_PER_MILLI
        + instant.getNano() / MICROS_PER_MILLI;
  }

  /** Another inode stands at the name than a moment ago. */
  private static final class ReplacedException extends IOException {
    private static final long serialVersionUID = 1L;
  }
}
