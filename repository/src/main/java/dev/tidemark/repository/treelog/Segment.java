package dev.tidemark.repository.treelog;

import dev.tidemark.repository.blob.BlobStore;
import dev.tidemark.repository.blob.ContentHash;
import dev.tidemark.repository.blob.UnsupportedBlobException;
import dev.tidemark.repository.container.Container;
import dev.tidemark.repository.container.DamagedContainerException;
import dev.tidemark.schemas.change.SealedChange;
import dev.tidemark.schemas.change.TreeName;
import dev.tidemark.schemas.codec.Records;
import dev.tidemark.schemas.codec.RepositoryRecords;
import dev.tidemark.schemas.codec.UnreadableRecordException;
import dev.tidemark.schemas.cursor.Cursor;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;

/**
 * One segment: a container file of {@code SealedChange} records in ascending sequence, with this
 * metadata.
 *
 * <pre>
 * key                       value
 * tidemark.tree             the tree's name
 * tidemark.first            first sequence, decimal
 * tidemark.last             last sequence, decimal
 * tidemark.first-log-time   effective log time of the first change, milliseconds, decimal
 * tidemark.last-log-time    that of the last
 * tidemark.cursor           resume point after the last change: a single-object encoded Cursor
 * </pre>
 *
 * Read by one thread.
 */
final class Segment {
  private static final String TREE = "tidemark.tree";
  private static final String FIRST = "tidemark.first";
  private static final String LAST = "tidemark.last";
  private static final String FIRST_LOG_TIME = "tidemark.first-log-time";
  private static final String LAST_LOG_TIME = "tidemark.last-log-time";
  private static final String CURSOR = "tidemark.cursor";

  /** Holds the schema and the metadata, unless a tree has very many tags. */
  private static final int BEGINNING_BYTES = 16 << 10;

  private final SegmentName name;
  private final String place;
  private final Container<dev.tidemark.schemas.avro.SealedChange> container;
  private long previous;

  private Segment(
      SegmentName name, String place, Container<dev.tidemark.schemas.avro.SealedChange> container) {
    this.name = name;
    this.place = place;
    this.container = container;
  }

  /** Encodes changes that are known to be in order. */
  static byte[] encode(List<SealedChange> changes, Cursor resume) {
    SealedChange first = changes.getFirst();
    SealedChange last = changes.getLast();
    Map<String, byte[]> metadata = new TreeMap<>();
    metadata.put(TREE, text(first.change().tree().value()));
    metadata.put(FIRST, text(Long.toString(first.sequence())));
    metadata.put(LAST, text(Long.toString(last.sequence())));
    metadata.put(FIRST_LOG_TIME, text(Long.toString(first.logTimeMillis())));
    metadata.put(LAST_LOG_TIME, text(Long.toString(last.logTimeMillis())));
    metadata.put(CURSOR, Records.encode(resume));
    return Container.write(
        dev.tidemark.schemas.avro.SealedChange.getClassSchema(),
        metadata,
        changes.stream().map(RepositoryRecords::toAvro)::iterator);
  }

  private static byte[] text(String value) {
    return value.getBytes(StandardCharsets.UTF_8);
  }

  /** Reads a whole segment, proved by the hash in its name. */
  static Segment open(BlobStore store, SegmentName name) throws IOException {
    String place = store.describe(name.blobName());
    byte[] bytes = store.get(name.blobName());
    ContentHash actual = ContentHash.compute(bytes);
    if (!actual.equals(name.hash())) {
      throw new CorruptSegmentException(
          name, place, "the SHA-256 of its %d bytes is %s".formatted(bytes.length, actual));
    }
    try {
      Segment segment =
          new Segment(
              name,
              place,
              Container.open(bytes, dev.tidemark.schemas.avro.SealedChange.getClassSchema()));
      segment.requireNamed();
      return segment;
    } catch (DamagedContainerException e) {
      throw new CorruptSegmentException(name, place, e.what(), e);
    }
  }

  /** What a segment says of its time before it is proved. */
  static long claimedLastLogTime(BlobStore store, LogSegment segment) throws IOException {
    SegmentName name = segment.name();
    if (segment.bytes() > BEGINNING_BYTES) {
      byte[] beginning = store.getRange(name.blobName(), 0, BEGINNING_BYTES);
      OptionalLong claimed = Container.findClaimedNumber(beginning, LAST_LOG_TIME);
      if (claimed.isPresent()) {
        return claimed.getAsLong();
      }
    }
    return open(store, name).lastLogTimeMillis();
  }

  private void requireNamed() throws DamagedContainerException, CorruptSegmentException {
    TreeName tree = name.tree();
    if (!container.requireText(TREE).equals(tree.value())
        || container.requireNumber(FIRST) != name.first()
        || container.requireNumber(LAST) != name.last()) {
      throw corrupt(
          "it is segment %s to %s of tree %s under another name"
              .formatted(
                  container.requireText(FIRST),
                  container.requireText(LAST),
                  container.requireText(TREE)));
    }
  }

  SegmentName name() {
    return name;
  }

  String place() {
    return place;
  }

  long firstLogTimeMillis() throws IOException {
    return number(FIRST_LOG_TIME);
  }

  long lastLogTimeMillis() throws IOException {
    return number(LAST_LOG_TIME);
  }

  private long number(String key) throws IOException {
    try {
      return container.requireNumber(key);
    } catch (DamagedContainerException e) {
      throw corrupt(e.what());
    }
  }

  Cursor cursor() throws IOException {
    try {
      return Records.decodeCursor(container.requireMetadata(CURSOR));
    } catch (DamagedContainerException e) {
      throw corrupt(e.what());
    } catch (UnreadableRecordException e) {
      throw tooNew(e);
    }
  }

  /**
   * The next change, checked to follow the one before; empty after the one that the name calls the
   * last.
   */
  Optional<SealedChange> next() throws IOException {
    Optional<dev.tidemark.schemas.avro.SealedChange> read;
    try {
      read = container.next();
    } catch (DamagedContainerException e) {
      throw new CorruptSegmentException(name, place, e.what(), e);
    }
    if (read.isEmpty()) {
      if (previous != name.last()) {
        throw corrupt("it ends at change %d".formatted(previous));
      }
      return Optional.empty();
    }
    SealedChange change;
    try {
      change = RepositoryRecords.fromAvro(read.get());
    } catch (UnreadableRecordException | IllegalArgumentException | ArithmeticException e) {
      throw tooNew(e);
    }
    boolean inOrder =
        previous == 0
            ? change.sequence() == name.first()
            : Sequences.follows(previous, change.sequence());
    if (!inOrder || !change.change().tree().equals(name.tree())) {
      throw corrupt(
          "change %d of tree %s stands behind change %d"
              .formatted(change.sequence(), change.change().tree(), previous));
    }
    previous = change.sequence();
    return Optional.of(change);
  }

  /** Its changes as a stream, which goes on from where {@link #next} stands. */
  SealedChangeStream asStream() {
    return new SealedChangeStream() {
      @Override
      public Optional<SealedChange> next() throws IOException {
        return Segment.this.next();
      }

      @Override
      public void close() {}
    };
  }

  private CorruptSegmentException corrupt(String what) {
    return new CorruptSegmentException(name, place, what);
  }

  private UnsupportedBlobException tooNew(Exception cause) {
    return new UnsupportedBlobException(
        name.blobName(),
        "Log segment at %s is whole, but holds what this Tidemark does not understand: %s. A newer one is needed (see `tidemark version`)."
            .formatted(place, String.valueOf(cause.getMessage())),
        cause);
  }
}
