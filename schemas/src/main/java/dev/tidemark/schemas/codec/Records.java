package dev.tidemark.schemas.codec;

import dev.tidemark.schemas.change.Change;
import dev.tidemark.schemas.change.Extent;
import dev.tidemark.schemas.change.Node;
import dev.tidemark.schemas.cursor.Condemned;
import dev.tidemark.schemas.cursor.Cursor;
import dev.tidemark.schemas.cursor.Head;
import dev.tidemark.schemas.cursor.Released;
import dev.tidemark.schemas.cursor.StandbyCommand;
import dev.tidemark.schemas.cursor.StandbyStatus;
import dev.tidemark.schemas.cursor.Watermark;
import dev.tidemark.schemas.topic.RepositoryDescriptor;
import java.util.ArrayList;
import java.util.List;

/**
 * Encodes and decodes every record of the log.
 *
 * <p>Decoding reads any released version of a record. Whatever cannot be read or understood is an
 * {@link UnreadableRecordException}, never a guess.
 */
public final class Records {
  static {
    TrustedRecords.install();
  }

  private static final SingleObjectFormat<dev.tidemark.schemas.avro.Change> CHANGE =
      new SingleObjectFormat<>(dev.tidemark.schemas.avro.Change.getClassSchema());
  private static final SingleObjectFormat<dev.tidemark.schemas.avro.Node> NODE =
      new SingleObjectFormat<>(dev.tidemark.schemas.avro.Node.getClassSchema());
  private static final SingleObjectFormat<dev.tidemark.schemas.avro.ExtentList> EXTENTS =
      new SingleObjectFormat<>(dev.tidemark.schemas.avro.ExtentList.getClassSchema());
  private static final SingleObjectFormat<dev.tidemark.schemas.avro.Cursor> CURSOR =
      new SingleObjectFormat<>(dev.tidemark.schemas.avro.Cursor.getClassSchema());
  private static final SingleObjectFormat<dev.tidemark.schemas.avro.Head> HEAD =
      new SingleObjectFormat<>(dev.tidemark.schemas.avro.Head.getClassSchema());
  private static final SingleObjectFormat<dev.tidemark.schemas.avro.Watermark> WATERMARK =
      new SingleObjectFormat<>(dev.tidemark.schemas.avro.Watermark.getClassSchema());
  private static final SingleObjectFormat<dev.tidemark.schemas.avro.Condemned> CONDEMNED =
      new SingleObjectFormat<>(dev.tidemark.schemas.avro.Condemned.getClassSchema());
  private static final SingleObjectFormat<dev.tidemark.schemas.avro.Released> RELEASED =
      new SingleObjectFormat<>(dev.tidemark.schemas.avro.Released.getClassSchema());
  private static final SingleObjectFormat<dev.tidemark.schemas.avro.StandbyStatus> STANDBY =
      new SingleObjectFormat<>(dev.tidemark.schemas.avro.StandbyStatus.getClassSchema());
  private static final SingleObjectFormat<dev.tidemark.schemas.avro.Command> COMMAND =
      new SingleObjectFormat<>(dev.tidemark.schemas.avro.Command.getClassSchema());
  private static final SingleObjectFormat<dev.tidemark.schemas.avro.RepositoryDescriptor>
      DESCRIPTOR =
          new SingleObjectFormat<>(dev.tidemark.schemas.avro.RepositoryDescriptor.getClassSchema());

  private Records() {}

  public static byte[] encode(Change change) {
    return CHANGE.encode(ChangeMapper.toAvro(change));
  }

  public static Change decodeChange(byte[] bytes) throws UnreadableRecordException {
    return CHANGE.decode(bytes, ChangeMapper::fromAvro);
  }

  public static byte[] encode(Node node) {
    return NODE.encode(NodeMapper.toAvro(node));
  }

  public static Node decodeNode(byte[] bytes) throws UnreadableRecordException {
    return NODE.decode(bytes, NodeMapper::fromAvro);
  }

  /** The plain bytes of the chunk behind an {@link Extent.Nested}. */
  public static byte[] encode(List<Extent> extents) {
    return EXTENTS.encode(
        new dev.tidemark.schemas.avro.ExtentList(
            extents.stream().map(NodeMapper::toAvro).toList()));
  }

  public static List<Extent> decodeExtents(byte[] bytes) throws UnreadableRecordException {
    return EXTENTS.decode(bytes, Records::extents);
  }

  private static List<Extent> extents(dev.tidemark.schemas.avro.ExtentList list)
      throws UnreadableRecordException {
    List<Extent> extents = new ArrayList<>(list.getExtents().size());
    for (var extent : list.getExtents()) {
      extents.add(NodeMapper.fromAvro(extent));
    }
    return List.copyOf(extents);
  }

  public static byte[] encode(Cursor cursor) {
    return CURSOR.encode(CursorMapper.toAvro(cursor));
  }

  public static Cursor decodeCursor(byte[] bytes) throws UnreadableRecordException {
    return CURSOR.decode(bytes, CursorMapper::fromAvro);
  }

  public static byte[] encode(Head head) {
    return HEAD.encode(CursorMapper.toAvro(head));
  }

  public static Head decodeHead(byte[] bytes) throws UnreadableRecordException {
    return HEAD.decode(bytes, CursorMapper::fromAvro);
  }

  public static byte[] encode(Watermark watermark) {
    return WATERMARK.encode(CursorMapper.toAvro(watermark));
  }

  public static Watermark decodeWatermark(byte[] bytes) throws UnreadableRecordException {
    return WATERMARK.decode(bytes, CursorMapper::fromAvro);
  }

  public static byte[] encode(Condemned condemned) {
    return CONDEMNED.encode(CursorMapper.toAvro(condemned));
  }

  public static Condemned decodeCondemned(byte[] bytes) throws UnreadableRecordException {
    return CONDEMNED.decode(bytes, CursorMapper::fromAvro);
  }

  public static byte[] encode(Released released) {
    return RELEASED.encode(CursorMapper.toAvro(released));
  }

  public static Released decodeReleased(byte[] bytes) throws UnreadableRecordException {
    return RELEASED.decode(bytes, CursorMapper::fromAvro);
  }

  public static byte[] encode(StandbyStatus status) {
    return STANDBY.encode(CursorMapper.toAvro(status));
  }

  public static StandbyStatus decodeStandbyStatus(byte[] bytes) throws UnreadableRecordException {
    return STANDBY.decode(bytes, CursorMapper::fromAvro);
  }

  public static byte[] encode(StandbyCommand command) {
    return COMMAND.encode(CursorMapper.toAvro(command));
  }

  public static StandbyCommand decodeCommand(byte[] bytes) throws UnreadableRecordException {
    return COMMAND.decode(bytes, CursorMapper::fromAvro);
  }

  public static byte[] encode(RepositoryDescriptor descriptor) {
    return DESCRIPTOR.encode(CursorMapper.toAvro(descriptor));
  }

  public static RepositoryDescriptor decodeDescriptor(byte[] bytes)
      throws UnreadableRecordException {
    return DESCRIPTOR.decode(bytes, CursorMapper::fromAvro);
  }
}
