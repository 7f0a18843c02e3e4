package dev.tidemark.schemas;

import dev.tidemark.schemas.change.Bytes;
import dev.tidemark.schemas.change.Change;
import dev.tidemark.schemas.change.Change.Body;
import dev.tidemark.schemas.change.Change.ScanKind;
import dev.tidemark.schemas.change.Content;
import dev.tidemark.schemas.change.Epoch;
import dev.tidemark.schemas.change.Extent;
import dev.tidemark.schemas.change.FramePosition;
import dev.tidemark.schemas.change.Metadata;
import dev.tidemark.schemas.change.Metadata.ExtendedAttribute;
import dev.tidemark.schemas.change.Metadata.FileTime;
import dev.tidemark.schemas.change.Node;
import dev.tidemark.schemas.change.NodePath;
import dev.tidemark.schemas.change.SealedChange;
import dev.tidemark.schemas.change.TreeName;
import dev.tidemark.schemas.chunk.ChunkBounds;
import dev.tidemark.schemas.chunk.ChunkId;
import dev.tidemark.schemas.cursor.CommandReport;
import dev.tidemark.schemas.cursor.Condemned;
import dev.tidemark.schemas.cursor.Cursor;
import dev.tidemark.schemas.cursor.Fault;
import dev.tidemark.schemas.cursor.Head;
import dev.tidemark.schemas.cursor.Released;
import dev.tidemark.schemas.cursor.StandbyCommand;
import dev.tidemark.schemas.cursor.StandbyStatus;
import dev.tidemark.schemas.cursor.Watermark;
import dev.tidemark.schemas.topic.RepositoryDescriptor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/** Any value that a record can hold. */
public final class RandomValues {
  private final RandomGenerator random;

  public RandomValues(RandomGenerator random) {
    this.random = random;
  }

  public Change change() {
    Change.Frames frames =
        random.nextBoolean()
            ? Change.Frames.NONE
            : new Change.Frames(uuid(), listOfAtLeastOne(this::position), time());
    return new Change(
        tree(),
        random.nextInt(4) == 0 ? Change.NO_EPOCH : number(),
        number(),
        uuid(),
        random.nextLong(),
        pick(Change.Cause.values()),
        frames,
        body());
  }

  private Body body() {
    return switch (random.nextInt(10)) {
      case 0 -> new Change.Put(path(), node());
      case 1 -> new Change.Remove(path());
      case 2 -> new Change.Move(path(), path());
      case 3 -> new Change.Exchange(path(), path());
      case 4 -> new Change.Keep(path());
      case 5 ->
          new Change.EpochStarted(
              text(),
              number(),
              random.nextBoolean()
                  ? new Change.Previous.None()
                  : new Change.Previous.Known(epoch()),
              number());
      case 6 -> new Change.ScanStarted(pick(ScanKind.values()));
      case 7 -> new Change.ScanCompleted(pick(ScanKind.values()));
      case 8 -> new Change.Tag(uuid(), text());
      default -> new Change.Heartbeat(number());
    };
  }

  public SealedChange sealedChange() {
    return new SealedChange(
        number(),
        time(),
        new SealedChange.Origin(uuid(), random.nextInt(100), number(), epoch()),
        change());
  }

  public Node node() {
    Metadata metadata =
        new Metadata(
            random.nextInt(010000),
            random.nextLong(1L << 32),
            random.nextLong(1L << 32),
            text(),
            text(),
            new FileTime(random.nextLong(), random.nextInt(1_000_000_000)),
            list(() -> new ExtendedAttribute(bytes(), bytes())),
            random.nextLong());
    return switch (random.nextInt(6)) {
      case 0, 1 -> new Node.File(metadata, content());
      case 2 -> new Node.Directory(metadata);
      case 3 -> new Node.Symlink(metadata, bytes());
      case 4 -> new Node.Fifo(metadata);
      default ->
          new Node.Device(
              metadata,
              pick(Node.DeviceKind.values()),
              random.nextInt(1 << 12),
              random.nextInt(1 << 20));
    };
  }

  private Content content() {
    List<Extent> extents = extents();
    return new Content(
        extents.stream().mapToLong(Extent::bytes).sum(), extents, random.nextBoolean());
  }

  public List<Extent> extents() {
    return list(
        () ->
            switch (random.nextInt(3)) {
              case 0 -> chunk();
              case 1 -> new Extent.Hole(1 + number());
              default -> new Extent.Nested(chunk(), 1 + number());
            });
  }

  private Extent.Chunk chunk() {
    return new Extent.Chunk(
        chunkId(),
        1 + random.nextInt(1_000_000),
        random.nextBoolean() ? FramePosition.UNKNOWN : position());
  }

  public Cursor cursor() {
    Map<UUID, Long> terms = new LinkedHashMap<>();
    list(() -> terms.put(uuid(), number()));
    return new Cursor(
        uuid(),
        random.nextInt(100),
        number(),
        random.nextInt(4) == 0 ? Cursor.NO_EPOCH : epoch(),
        text(),
        number(),
        list(() -> new Cursor.EpochEnd(epoch(), number())),
        number(),
        random.nextInt(4) == 0 ? -1 : number(),
        time(),
        terms,
        list(this::uuid),
        pick(Cursor.OpenScan.values()),
        number(),
        fault());
  }

  private Fault fault() {
    Fault.Kind kind = pick(Fault.Kind.values());
    return kind == Fault.Kind.NONE
        ? Fault.NONE
        : new Fault(kind, number(), number(), text(), path(), list(this::chunkId));
  }

  public Head head() {
    return new Head(tree(), cursor(), cursor(), time(), fault(), number(), number(), number());
  }

  public Condemned condemned() {
    return new Condemned(chunkId(), uuid(), random.nextInt(100), number());
  }

  public Released released() {
    return new Released(condemned(), random.nextBoolean());
  }

  public Watermark watermark() {
    return new Watermark(
        uuid(), random.nextInt(100), number(), list(() -> new Watermark.Range(number(), number())));
  }

  public StandbyStatus standbyStatus() {
    return new StandbyStatus(
        tree(),
        text(),
        text(),
        number(),
        time(),
        number(),
        number(),
        text(),
        time(),
        text(),
        random.nextBoolean() ? CommandReport.NONE : commandReport(),
        text(),
        number(),
        list(this::text),
        text());
  }

  private CommandReport commandReport() {
    CommandReport.State[] states = CommandReport.State.values();
    return new CommandReport(uuid(), states[random.nextInt(states.length)], number(), text());
  }

  public StandbyCommand command() {
    StandbyCommand.Kind[] kinds = StandbyCommand.Kind.values();
    return new StandbyCommand(
        uuid(), kinds[random.nextInt(kinds.length)], tree(), text(), number(), time());
  }

  public RepositoryDescriptor descriptor() {
    byte[] seed = new byte[RepositoryDescriptor.SEED_BYTES];
    random.nextBytes(seed);
    return new RepositoryDescriptor(
        uuid(),
        RepositoryDescriptor.FORMAT_VERSION,
        time(),
        ChunkBounds.DEFAULT,
        Bytes.of(seed),
        1 + random.nextInt(64),
        1 + random.nextInt(64),
        number(),
        random.nextBoolean() ? Optional.of(uuid()) : Optional.empty());
  }

  public NodePath path() {
    NodePath path = NodePath.ROOT;
    for (int depth = random.nextInt(5); depth > 0; depth--) {
      path = path.child(name());
    }
    return path;
  }

  private byte[] name() {
    byte[] name = new byte[1 + random.nextInt(random.nextInt(10) == 0 ? 255 : 12)];
    random.nextBytes(name);
    for (int i = 0; i < name.length; i++) {
      if (name[i] == 0 || name[i] == '/' || name[i] == '.') {
        name[i] = 'n';
      }
    }
    return name;
  }

  private TreeName tree() {
    return new TreeName("tree-" + random.nextInt(1000));
  }

  private Epoch epoch() {
    return new Epoch(number(), uuid());
  }

  private FramePosition position() {
    return new FramePosition(random.nextInt(64), number());
  }

  private ChunkId chunkId() {
    byte[] id = new byte[ChunkId.BYTES];
    random.nextBytes(id);
    return ChunkId.of(id);
  }

  private UUID uuid() {
    return new UUID(random.nextLong(), random.nextLong());
  }

  /** Small and large, never negative. */
  private long number() {
    return random.nextLong(1L << (1 + random.nextInt(50)));
  }

  private long time() {
    return random.nextLong(4_000_000_000_000L);
  }

  private Bytes bytes() {
    byte[] bytes = new byte[random.nextInt(20)];
    random.nextBytes(bytes);
    return Bytes.of(bytes);
  }

  private String text() {
    StringBuilder text = new StringBuilder();
    for (int i = random.nextInt(10); i > 0; i--) {
      text.appendCodePoint(pick(new Integer[] {0x20, 0x61, 0x7a, 0xe9, 0x20ac, 0x1f30a}));
    }
    return text.toString();
  }

  private <T> T pick(T[] values) {
    return values[random.nextInt(values.length)];
  }

  private <T> List<T> list(Supplier<T> element) {
    List<T> list = new ArrayList<>();
    for (int i = random.nextInt(4); i > 0; i--) {
      list.add(element.get());
    }
    return list;
  }

  private <T> List<T> listOfAtLeastOne(Supplier<T> element) {
    List<T> list = new ArrayList<>(list(element));
    list.add(element.get());
    return list;
  }
}
