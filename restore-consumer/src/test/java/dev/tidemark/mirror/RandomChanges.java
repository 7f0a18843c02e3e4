package dev.tidemark.mirror;

import dev.tidemark.apply.LinkIdentity;
import dev.tidemark.apply.TestFrames;
import dev.tidemark.schemas.change.Bytes;
import dev.tidemark.schemas.change.Change;
import dev.tidemark.schemas.change.Change.ScanKind;
import dev.tidemark.schemas.change.Content;
import dev.tidemark.schemas.change.Extent;
import dev.tidemark.schemas.change.Metadata;
import dev.tidemark.schemas.change.Metadata.ExtendedAttribute;
import dev.tidemark.schemas.change.Metadata.FileTime;
import dev.tidemark.schemas.change.Node;
import dev.tidemark.schemas.change.NodePath;
import dev.tidemark.schemas.tree.EntryStream;
import dev.tidemark.schemas.tree.TreeEntry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/** Random changes over a small set of paths, so that they meet one another. */
public final class RandomChanges {
  private static final List<byte[]> NAMES =
      List.of(
          ascii("a"),
          ascii("b"),
          ascii("c"),
          ascii("a-"),
          new byte[] {(byte) 0xff, 'x'},
          "ü".getBytes(StandardCharsets.UTF_8));

  private final Random random;
  private final TestFrames frames;
  private final SimulatedLog log;
  private long time = 1_600_000_000;
  private long lastGroup;

  public RandomChanges(Random random, TestFrames frames, SimulatedLog log) {
    this.random = random;
    this.frames = frames;
    this.log = log;
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  /** Adds {@code count} changes that fit. */
  public void add(int count) throws IOException {
    int added = 0;
    while (added < count) {
      if (step()) {
        added++;
      }
    }
  }

  public void addRoot() throws IOException {
    log.add(new Change.Put(NodePath.ROOT, new Node.Directory(metadata(0755))));
  }

  private boolean step() throws IOException {
    NodePath path = path();
    return switch (random.nextInt(25)) {
      case 0, 1, 2, 3, 4 -> log.add(new Change.Put(path, file()));
      case 5, 6, 7 -> log.add(new Change.Put(path, new Node.Directory(metadata(0750))));
      case 8 ->
          log.add(
              new Change.Put(path, new Node.Symlink(metadata(0777), Bytes.ofText("../x" + time))));
      case 9 -> log.add(new Change.Put(path, new Node.Fifo(metadata(0600))));
      case 10, 11 -> log.add(new Change.Remove(path));
      case 12, 13, 14 -> log.add(new Change.Move(path, path()));
      case 15 -> log.add(new Change.Exchange(path, path()));
      case 16 -> changeMetadata(path);
      case 17 -> random.nextInt(8) == 0 && fullScan();
      case 20, 21 -> link(path, path());
      case 22, 23 -> writeThroughALink(path);
      case 24 -> putOneNameAlone(path);
      case 18 -> log.add(new Change.Put(NodePath.ROOT, new Node.Directory(metadata(0755))));
      default -> random.nextInt(20) == 0 && newEpoch();
    };
  }

  private boolean newEpoch() throws IOException {
    log.beginEpoch();
    return true;
  }

  private boolean changeMetadata(NodePath path) throws IOException {
    Optional<Node> node = log.model().find(path);
    return node.isPresent()
        && node.get() instanceof Node.File file
        && log.add(new Change.Put(path, new Node.File(metadata(04711), file.content())));
  }

  /** A second name; as a watcher does, all names are put, one after the other. */
  private boolean link(NodePath path, NodePath other) throws IOException {
    Optional<Node> node = log.model().find(path);
    if (node.isEmpty() || node.get() instanceof Node.Directory || path.equals(other)) {
      return false;
    }
    long group = node.get().metadata().linkGroup();
    if (group == 0) {
      lastGroup++;
      Node shared = inGroup(node.get(), lastGroup);
      return log.add(new Change.Put(path, shared)) && log.add(new Change.Put(other, shared));
    }
    return log.add(new Change.Put(other, node.get()));
  }

  private boolean writeThroughALink(NodePath path) throws IOException {
    Optional<Node> node = log.model().find(path);
    if (node.isEmpty() || !LinkIdentity.isShared(node.get())) {
      return false;
    }
    Node changed =
        random.nextBoolean() || !(node.get() instanceof Node.File old)
            ? file()
            : new Node.File(metadata(04711), old.content());
    Node written = inGroup(changed, node.get().metadata().linkGroup());
    for (NodePath name : namesOf(node.get().metadata().linkGroup())) {
      log.add(new Change.Put(name, written));
    }
    return true;
  }

  private boolean putOneNameAlone(NodePath path) throws IOException {
    Optional<Node> node = log.model().find(path);
    return node.isPresent()
        && LinkIdentity.isShared(node.get())
        && log.add(
            new Change.Put(
                path, inGroup(file(), random.nextInt(2) * node.get().metadata().linkGroup())));
  }

  private List<NodePath> namesOf(long group) throws IOException {
    List<NodePath> names = new ArrayList<>();
    try (EntryStream entries = log.model().subtree(NodePath.ROOT)) {
      for (Optional<TreeEntry> next = entries.next(); next.isPresent(); next = entries.next()) {
        Node node = next.get().node();
        if (LinkIdentity.isShared(node) && node.metadata().linkGroup() == group) {
          names.add(next.get().path());
        }
      }
    }
    return names;
  }

  private static Node inGroup(Node node, long group) {
    Metadata m = node.metadata();
    Metadata metadata =
        new Metadata(
            m.mode(), m.uid(), m.gid(), m.owner(), m.group(), m.mtime(), m.attributes(), group);
    return switch (node) {
      case Node.File file -> new Node.File(metadata, file.content());
      case Node.Directory _ -> throw new IllegalArgumentException("directories have one name");
      case Node.Symlink link -> new Node.Symlink(metadata, link.target());
      case Node.Fifo _ -> new Node.Fifo(metadata);
      case Node.Device device ->
          new Node.Device(metadata, device.kind(), device.major(), device.minor());
    };
  }

  /** Marks with changes between them; some entries are put, some kept, the others go. */
  private boolean fullScan() throws IOException {
    log.add(new Change.ScanStarted(ScanKind.FULL));
    addRoot();
    for (int i = random.nextInt(12); i > 0; i--) {
      switch (random.nextInt(6)) {
        case 0 -> log.add(new Change.Keep(path()));
        case 1 -> log.add(new Change.Move(path(), path()));
        case 2 -> log.add(new Change.Put(path(), new Node.Directory(metadata(0700))));
        default -> log.add(new Change.Put(path(), file()));
      }
    }
    if (random.nextInt(5) > 0) {
      log.add(new Change.ScanCompleted(ScanKind.FULL));
    }
    return true;
  }

  private NodePath path() {
    NodePath path = NodePath.ROOT;
    for (int depth = 1 + random.nextInt(3); depth > 0; depth--) {
      path = path.child(NAMES.get(random.nextInt(NAMES.size())));
    }
    return path;
  }

  private Node.File file() {
    int kind = random.nextInt(10);
    byte[] bytes = new byte[kind == 0 ? 0 : kind == 1 ? 150_000 : random.nextInt(5000)];
    random.nextBytes(bytes);
    if (kind == 2) {
      List<Extent> extents = new ArrayList<>();
      extents.add(new Extent.Hole(10_000));
      if (bytes.length > 0) {
        extents.add(frames.chunk(bytes, 0, bytes.length));
      }
      extents.add(new Extent.Hole(4096));
      return new Node.File(metadata(0640), new Content(bytes.length + 14_096L, extents, false));
    }
    return new Node.File(metadata(0644), frames.content(bytes));
  }

  private Metadata metadata(int mode) {
    time++;
    return new Metadata(
        mode,
        random.nextInt(3),
        random.nextInt(3),
        "",
        "",
        new FileTime(time, random.nextInt(1_000_000_000)),
        random.nextInt(3) > 0
            ? List.of()
            : List.of(
                new ExtendedAttribute(
                    Bytes.ofText("trusted.t" + random.nextInt(2)), Bytes.ofText("v" + time))),
        0);
  }
}
