package dev.tidemark.repository;

import dev.tidemark.repository.pack.PackEntry;
import dev.tidemark.schemas.change.Bytes;
import dev.tidemark.schemas.change.Change;
import dev.tidemark.schemas.change.Content;
import dev.tidemark.schemas.change.Epoch;
import dev.tidemark.schemas.change.Extent;
import dev.tidemark.schemas.change.FramePosition;
import dev.tidemark.schemas.change.Metadata;
import dev.tidemark.schemas.change.Node;
import dev.tidemark.schemas.change.NodePath;
import dev.tidemark.schemas.change.SealedChange;
import dev.tidemark.schemas.change.TreeName;
import dev.tidemark.schemas.chunk.ChunkBounds;
import dev.tidemark.schemas.chunk.ChunkId;
import dev.tidemark.schemas.cursor.Cursor;
import dev.tidemark.schemas.cursor.Verdict;
import dev.tidemark.schemas.frame.Frame;
import dev.tidemark.schemas.topic.RepositoryDescriptor;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/** Values that tests put into repositories. */
public final class TestData {
  public static final TreeName WEB = new TreeName("web");
  public static final UUID TOPIC = new UUID(1, 2);
  public static final UUID WRITER = new UUID(3, 4);
  public static final RepositoryDescriptor DESCRIPTOR =
      new RepositoryDescriptor(
          new UUID(5, 6),
          RepositoryDescriptor.FORMAT_VERSION,
          1_780_000_000_123L,
          ChunkBounds.DEFAULT,
          Bytes.of(seed()),
          8,
          4);

  private TestData() {}

  private static byte[] seed() {
    byte[] seed = new byte[RepositoryDescriptor.SEED_BYTES];
    for (int i = 0; i < seed.length; i++) {
      seed[i] = (byte) (i * 7);
    }
    return seed;
  }

  public static byte[] plain(String text) {
    return text.getBytes(java.nio.charset.StandardCharsets.UTF_8);
  }

  public static ChunkId idOf(String text) {
    return ChunkId.computeOf(plain(text));
  }

  /** An entry whose frame is the same with every compressor. */
  public static PackEntry entry(String text) {
    byte[] plain = plain(text);
    return new PackEntry(ChunkId.computeOf(plain), Frame.store(plain, 0, plain.length));
  }

  public static Node directory() {
    return new Node.Directory(
        Metadata.of(0755, 1000, 1000, new Metadata.FileTime(1_780_000_000, 5)));
  }

  /** A file of one chunk. */
  public static Node file(String text) {
    int length = plain(text).length;
    Metadata metadata = Metadata.of(0644, 1000, 1000, new Metadata.FileTime(1_780_000_001, 7));
    return new Node.File(
        metadata,
        new Content(
            length, List.of(new Extent.Chunk(idOf(text), length, FramePosition.UNKNOWN)), false));
  }

  public static Change.Put put(String path, Node node) {
    return new Change.Put(NodePath.ofText(path), node);
  }

  /** Plays a writer and the broker: gives changes their numbers, offsets and sequences. */
  public static final class Script {
    private final TreeName tree;
    private final UUID writer;
    private final List<SealedChange> sealed = new ArrayList<>();
    private Cursor cursor;
    private long offset;
    private long term;

    public Script(TreeName tree, UUID writer, Cursor start) {
      this.tree = tree;
      this.writer = writer;
      this.cursor = start;
      this.offset = start.nextOffset();
    }

    public static Script start() {
      return start(WEB);
    }

    public static Script start(TreeName tree) {
      return new Script(tree, WRITER, Cursor.start(TOPIC, 0, 100)).begin(1_000);
    }

    public Script begin(long logTime) {
      return append(
          new Change.EpochStarted("host", ++term, new Change.Previous.None(), 0), logTime);
    }

    /** Appends one change at a time of the broker. */
    public Script append(Change.Body body, long logTime) {
      boolean numbered = !(body instanceof Change.EpochStarted) && !(body instanceof Change.Tag);
      Change change =
          new Change(
              tree,
              numbered ? cursor.epoch().offset() : Change.NO_EPOCH,
              numbered ? cursor.number() + 1 : 0,
              writer,
              logTime * 1000,
              Change.Cause.LIVE,
              Change.Frames.NONE,
              body);
      if (!(cursor.accept(change, offset, logTime) instanceof Verdict.Accepted(var next))) {
        throw new IllegalStateException("not accepted: " + change);
      }
      cursor = next;
      sealed.add(
          new SealedChange(
              cursor.sequence(),
              cursor.logTimeMillis(),
              new SealedChange.Origin(cursor.changesTopic(), 0, offset, cursor.epoch()),
              change));
      offset++;
      return this;
    }

    /** Goes on in a new topic. */
    public Script newTopic(UUID topic, long logTime) {
      cursor = cursor.newIncarnation(topic, 0, 0);
      offset = 0;
      return begin(logTime);
    }

    /** The changes since the last call. */
    public List<SealedChange> take() {
      List<SealedChange> taken = List.copyOf(sealed);
      sealed.clear();
      return taken;
    }

    public Cursor cursor() {
      return cursor;
    }

    public Epoch epoch() {
      return cursor.epoch();
    }
  }
}
