package dev.tidemark.mirror;

import dev.tidemark.apply.TestFrames;
import dev.tidemark.schemas.change.Bytes;
import dev.tidemark.schemas.change.Change;
import dev.tidemark.schemas.change.Change.ScanKind;
import dev.tidemark.schemas.change.Content;
import dev.tidemark.schemas.change.Extent;
import dev.tidemark.schemas.change.Metadata;
import dev.tidemark.schemas.change.Metadata.FileTime;
import dev.tidemark.schemas.change.Node;
import dev.tidemark.schemas.change.NodePath;
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
    return switch (random.nextInt(20)) {
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
    return Metadata.of(
        mode,
        random.nextInt(3),
        random.nextInt(3),
        new FileTime(time, random.nextInt(1_000_000_000)));
  }
}
