package dev.tidemark.watcher;

import dev.tidemark.filesystem.linux.Descriptor;
import dev.tidemark.filesystem.linux.DirectoryEntry;
import dev.tidemark.filesystem.linux.FileStatus;
import dev.tidemark.filesystem.linux.FileType;
import dev.tidemark.filesystem.linux.LinuxFiles;
import dev.tidemark.filesystem.linux.NativePath;
import dev.tidemark.log.ChangeReader;
import dev.tidemark.log.FrameReader;
import dev.tidemark.log.LogRecord;
import dev.tidemark.schemas.change.Change;
import dev.tidemark.schemas.change.Content;
import dev.tidemark.schemas.change.Extent;
import dev.tidemark.schemas.change.FramePosition;
import dev.tidemark.schemas.change.Metadata;
import dev.tidemark.schemas.change.Node;
import dev.tidemark.schemas.change.NodePath;
import dev.tidemark.schemas.change.TreeName;
import dev.tidemark.schemas.chunk.ChunkId;
import dev.tidemark.schemas.codec.Records;
import dev.tidemark.schemas.cursor.Cursor;
import dev.tidemark.schemas.cursor.Fault;
import dev.tidemark.schemas.cursor.Head;
import dev.tidemark.schemas.cursor.Verdict;
import dev.tidemark.schemas.frame.Frame;
import dev.tidemark.schemas.topic.Partitioning;
import dev.tidemark.schemas.tree.EntryStream;
import dev.tidemark.schemas.tree.Tree;
import dev.tidemark.schemas.tree.TreeBase;
import dev.tidemark.schemas.tree.TreeEntry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BooleanSupplier;
import org.assertj.core.api.Assertions;

/** One tree as its log tells it, by the rules that every reader follows. */
final class LogView implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final TreeName tree;
  private final ChangeReader reader;
  private final FrameReader frames;
  private final Map<ChunkId, byte[]> plain = new HashMap<>();
  private final List<Change> accepted = new ArrayList<>();
  private final List<Long> sequences = new ArrayList<>();
  private final List<String> rejected = new ArrayList<>();
  private final List<String> gaps = new ArrayList<>();
  private Tree state = Tree.on(TreeBase.EMPTY);
  private Cursor cursor;
  private int heartbeats;
  private int questions;

  LogView(TestLog log, TreeName tree) throws IOException {
    this.tree = tree;
    int partition = Partitioning.of(tree, log.descriptor().changesPartitions());
    this.reader = new ChangeReader(log.connection(), log.topics(), partition, 0);
    this.frames = new FrameReader(log.connection(), log.topics());
    this.cursor = Cursor.start(log.topics().changes().id(), partition, 0);
  }

  /** Reads what there is. */
  void read() throws IOException {
    long end = reader.endOffset();
    do {
      for (LogRecord record : reader.poll(Duration.ofMillis(20))) {
        if (record.change().tree().equals(tree)) {
          take(record);
        }
      }
    } while (reader.position() < end);
  }

  private void take(LogRecord record) throws IOException {
    Change change = record.change();
    Verdict verdict = cursor.accept(change, record.offset(), record.logTimeMillis());
    cursor = verdict.next();
    switch (verdict) {
      case Verdict.Accepted _ -> {
        accepted.add(change);
        sequences.add(cursor.sequence());
        state.apply(change.body());
        checkNeeds(change);
      }
      case Verdict.Alive _ -> heartbeats++;
      case Verdict.Asked _ -> questions++;
      case Verdict.Repeated _ -> rejected.add("repeated " + change.number());
      case Verdict.Rejected(_, var reason) -> rejected.add(reason);
      case Verdict.Gapped _ -> gaps.add(cursor.fault().detail());
    }
  }

  /** Every position that a put names must be covered by what it says it needs. */
  private void checkNeeds(Change change) throws IOException {
    if (change.body() instanceof Change.Put(var path, Node.File(_, Content content))) {
      Map<Integer, Long> needs = new HashMap<>();
      change.frames().needs().forEach(n -> needs.put(n.partition(), n.offset()));
      List<FramePosition> named = new ArrayList<>();
      positions(content.extents(), named);
      for (FramePosition position : named) {
        if (position.offset() > needs.getOrDefault(position.partition(), -1L)) {
          throw new AssertionError("%s names %s but needs %s".formatted(path, position, needs));
        }
      }
    }
  }

  private void positions(List<Extent> extents, List<FramePosition> into) throws IOException {
    for (Extent extent : extents) {
      switch (extent) {
        case Extent.Chunk chunk -> into.add(chunk.position());
        case Extent.Nested nested -> {
          into.add(nested.list().position());
          positions(Records.decodeExtents(plain(nested.list())), into);
        }
        case Extent.Hole _ -> {}
      }
    }
  }

  /** All changes accepted so far, marks among them. */
  List<Change> accepted() {
    return accepted;
  }

  /** Of them, those of entries, after the first {@code skip} of all. */
  List<Change.Body> bodies(int skip) {
    return accepted.stream()
        .skip(skip)
        .map(Change::body)
        .filter(b -> !(b instanceof Change.Mark))
        .toList();
  }

  List<Change.Body> bodies() {
    return bodies(0);
  }

  List<String> rejected() {
    return rejected;
  }

  List<String> gaps() {
    return gaps;
  }

  int heartbeats() {
    return heartbeats;
  }

  int questions() {
    return questions;
  }

  Cursor cursor() {
    return cursor;
  }

  Optional<Node> find(String path) throws IOException {
    return state.find(NodePath.ofText(path));
  }

  /** The tree as the log tells it, in path order. */
  EntryStream entries() throws IOException {
    return state.subtree(NodePath.ROOT);
  }

  /** A head as the cataloguer would publish it now. */
  Head head(long lastHeartbeatMillis) {
    return new Head(tree, cursor, cursor, lastHeartbeatMillis, Fault.NONE, 0, 0, 0);
  }

  Head head(Fault sealingFault) {
    return new Head(tree, cursor, cursor, System.currentTimeMillis(), sealingFault, 0, 0, 0);
  }

  /** Waits until a condition on what was read holds. */
  void await(String what, BooleanSupplier condition) throws IOException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    read();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > deadline) {
        Assertions.fail(
            "%s did not come about; the log has %s",
            what, accepted.stream().map(c -> c.number() + " " + c.body()).limit(60).toList());
      }
      read();
    }
  }

  /** Waits until the log tells exactly what is in a folder. */
  void awaitIdentical(Path folder) throws IOException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    List<String> differences;
    do {
      read();
      differences = differences(folder);
    } while (!differences.isEmpty() && System.nanoTime() < deadline);
    Assertions.assertThat(differences).as("differences between %s and the log", folder).isEmpty();
  }

  /**
   * An entry as it stands in the folder.
   *
   * @param extents lengths of its runs of bytes, and with a minus of its holes, in their order
   */
  private record Real(
      FileStatus status, byte[] bytes, Map<String, String> attributes, List<Long> extents) {}

  /** How the log's tree differs from a folder, in anything at all; empty if it does not. */
  List<String> differences(Path folder) throws IOException {
    Map<NodePath, Real> real = new TreeMap<>();
    List<String> differences = new ArrayList<>();
    try (Descriptor root = LinuxFiles.openRoot(NativePath.of(folder))) {
      real.put(NodePath.ROOT, real(root, new byte[0]));
      walk(root, NodePath.ROOT, real);
    } catch (IOException e) {
      return List.of("the folder changes: " + e.getMessage());
    }
    Set<NodePath> seen = new HashSet<>();
    Map<Long, Set<NodePath>> groups = new HashMap<>();
    try (EntryStream entries = state.subtree(NodePath.ROOT)) {
      for (Optional<TreeEntry> e = entries.next(); e.isPresent(); e = entries.next()) {
        NodePath path = e.get().path();
        seen.add(path);
        long group = e.get().node().metadata().linkGroup();
        if (group != 0) {
          groups.computeIfAbsent(group, _ -> new TreeSet<>()).add(path);
        }
        Real there = real.get(path);
        if (there == null) {
          differences.add(path + " is in the log only");
        } else {
          compare(path, e.get().node(), there, differences);
        }
        if (differences.size() > 20) {
          return differences;
        }
      }
    }
    real.keySet().stream()
        .filter(path -> !seen.contains(path))
        .limit(20)
        .forEach(path -> differences.add(path + " is missing in the log"));
    compareLinks(real, groups, differences);
    return differences;
  }

  /**
   * What counts is which names in the tree are one inode: a name alone in its group is as good as
   * one without a group.
   */
  private static void compareLinks(
      Map<NodePath, Real> real, Map<Long, Set<NodePath>> groups, List<String> differences) {
    Map<Long, Set<NodePath>> inodes = new HashMap<>();
    real.forEach(
        (path, there) -> {
          // One name may be seen twice, through a mount of a part of the tree.
          if (there.status().type() != FileType.DIRECTORY && there.status().links() > 1) {
            inodes.computeIfAbsent(there.status().inode(), _ -> new TreeSet<>()).add(path);
          }
        });
    Set<Set<NodePath>> linked = linked(inodes);
    Set<Set<NodePath>> told = linked(groups);
    if (!linked.equals(told)) {
      linked.stream()
          .filter(names -> !told.contains(names))
          .forEach(names -> differences.add(names + " are one inode, but not in the log"));
      told.stream()
          .filter(names -> !linked.contains(names))
          .forEach(names -> differences.add(names + " are one inode in the log only"));
    }
  }

  private static Set<Set<NodePath>> linked(Map<Long, Set<NodePath>> names) {
    return names.values().stream()
        .filter(each -> each.size() > 1)
        .collect(java.util.stream.Collectors.toSet());
  }

  private static void walk(Descriptor directory, NodePath at, Map<NodePath, Real> real)
      throws IOException {
    for (DirectoryEntry entry : LinuxFiles.list(directory)) {
      NodePath path = at.child(entry.name());
      FileStatus status = LinuxFiles.status(directory, entry.name());
      switch (status.type()) {
        case DIRECTORY -> {
          try (Descriptor child = LinuxFiles.openDirectory(directory, entry.name())) {
            real.put(path, real(child, new byte[0]));
            walk(child, path, real);
          }
        }
        case REGULAR -> {
          try (Descriptor file = LinuxFiles.openForReading(directory, entry.name())) {
            real.put(path, real(file, data(file)));
          }
        }
        case SYMLINK -> {
          try (Descriptor link = LinuxFiles.openHandle(directory, entry.name())) {
            real.put(path, real(link, LinuxFiles.readSymlink(directory, entry.name())));
          }
        }
        case FIFO, CHARACTER_DEVICE, BLOCK_DEVICE -> {
          try (Descriptor handle = LinuxFiles.openHandle(directory, entry.name())) {
            real.put(path, real(handle, new byte[0]));
          }
        }
        case SOCKET, UNKNOWN -> {}
      }
    }
  }

  /** The bytes of a file without its holes. */
  private static byte[] data(Descriptor file) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    byte[] buffer = new byte[1 << 16];
    long at = 0;
    for (long run : extents(file)) {
      long end = at + Math.abs(run);
      while (run > 0 && at < end) {
        int n = LinuxFiles.readAt(file, at, buffer, 0, (int) Math.min(buffer.length, end - at));
        if (n == 0) {
          throw new IOException("cut short");
        }
        out.write(buffer, 0, n);
        at += n;
      }
      at = end;
    }
    return out.toByteArray();
  }

  private static List<Long> extents(Descriptor file) throws IOException {
    FileStatus status = LinuxFiles.status(file);
    List<Long> extents = new ArrayList<>();
    long size = status.type() == FileType.REGULAR ? status.size() : 0;
    for (long at = 0; at < size; ) {
      long data = LinuxFiles.findData(file, at).orElse(size);
      if (data > at) {
        extents.add(at - data);
      }
      at = data == size ? size : LinuxFiles.findHole(file, data).orElse(size);
      if (at > data) {
        extents.add(at - data);
      }
    }
    return extents;
  }

  private static Real real(Descriptor file, byte[] bytes) throws IOException {
    Map<String, String> attributes = new TreeMap<>();
    for (byte[] name : LinuxFiles.listAttributes(file)) {
      Optional<byte[]> value = LinuxFiles.findAttribute(file, name);
      value.ifPresent(
          v -> attributes.put(HexFormat.of().formatHex(name), HexFormat.of().formatHex(v)));
    }
    return new Real(LinuxFiles.status(file), bytes, attributes, extents(file));
  }

  private void compare(NodePath path, Node node, Real real, List<String> differences)
      throws IOException {
    Metadata metadata = node.metadata();
    FileStatus status = real.status();
    Map<String, String> attributes = new TreeMap<>();
    for (Metadata.ExtendedAttribute each : metadata.attributes()) {
      attributes.put(
          HexFormat.of().formatHex(each.name().toArray()),
          HexFormat.of().formatHex(each.value().toArray()));
    }
    boolean sameMetadata =
        metadata.mode() == status.permissions()
            && metadata.uid() == status.uid()
            && metadata.gid() == status.gid()
            && attributes.equals(real.attributes())
            && metadata
                .mtime()
                .equals(new Metadata.FileTime(status.mtimeSeconds(), status.mtimeNanos()));
    boolean same =
        switch (node) {
          case Node.File(_, Content content) ->
              status.type() == FileType.REGULAR
                  && content.size() == status.size()
                  && runs(content.extents(), new ArrayList<>()).equals(real.extents())
                  && java.util.Arrays.equals(bytesOf(content), real.bytes());
          case Node.Directory _ -> status.type() == FileType.DIRECTORY;
          case Node.Symlink(_, var target) ->
              status.type() == FileType.SYMLINK
                  && java.util.Arrays.equals(target.toArray(), real.bytes());
          case Node.Fifo _ -> status.type() == FileType.FIFO;
          case Node.Device device ->
              status.type()
                      == (device.kind() == Node.DeviceKind.BLOCK
                          ? FileType.BLOCK_DEVICE
                          : FileType.CHARACTER_DEVICE)
                  && device.major() == status.rdevMajor()
                  && device.minor() == status.rdevMinor();
        };
    if (!same || !sameMetadata) {
      differences.add(
          "%s: %s, in the folder %s %s %s"
              .formatted(path, node, status, real.attributes(), real.extents()));
    }
  }

  /** As {@link Real#extents()}. */
  private List<Long> runs(List<Extent> extents, List<Long> runs) throws IOException {
    for (Extent extent : extents) {
      switch (extent) {
        case Extent.Hole(long bytes) -> runs.add(-bytes);
        case Extent.Chunk chunk -> {
          long before = runs.isEmpty() ? 0 : runs.getLast();
          if (before > 0) {
            runs.set(runs.size() - 1, before + chunk.bytes());
          } else {
            runs.add(chunk.bytes());
          }
        }
        case Extent.Nested nested -> runs(Records.decodeExtents(plain(nested.list())), runs);
      }
    }
    return runs;
  }

  /** Without holes. */
  private byte[] bytesOf(Content content) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    append(content.extents(), out);
    return out.toByteArray();
  }

  private void append(List<Extent> extents, ByteArrayOutputStream out) throws IOException {
    fetch(extents);
    for (Extent extent : extents) {
      switch (extent) {
        case Extent.Chunk chunk -> out.writeBytes(plain(chunk));
        case Extent.Hole _ -> {}
        case Extent.Nested nested -> append(Records.decodeExtents(plain(nested.list())), out);
      }
    }
  }

  private void fetch(List<Extent> extents) throws IOException {
    List<Extent.Chunk> wanted =
        extents.stream()
            .filter(Extent.Chunk.class::isInstance)
            .map(Extent.Chunk.class::cast)
            .filter(chunk -> !plain.containsKey(chunk.id()))
            .distinct()
            .toList();
    if (wanted.size() > 1) {
      for (var frame : frames.read(wanted).entrySet()) {
        plain.put(frame.getKey(), Frame.decode(frame.getKey(), frame.getValue()));
      }
    }
  }

  private byte[] plain(Extent.Chunk chunk) throws IOException {
    byte[] known = plain.get(chunk.id());
    if (known == null) {
      byte[] frame = frames.read(List.of(chunk)).get(chunk.id());
      if (frame == null) {
        throw new AssertionError("the chunks topic has no frame of " + chunk);
      }
      known = Frame.decode(chunk.id(), frame);
      plain.put(chunk.id(), known);
    }
    return known;
  }

  @Override
  public void close() {
    reader.close();
    frames.close();
  }
}
