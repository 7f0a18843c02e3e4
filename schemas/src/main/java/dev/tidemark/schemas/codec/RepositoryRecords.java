package dev.tidemark.schemas.codec;

import static dev.tidemark.schemas.codec.NodeMapper.uuid;

import dev.tidemark.schemas.avro.Origin;
import dev.tidemark.schemas.change.Node;
import dev.tidemark.schemas.change.NodePath;
import dev.tidemark.schemas.change.SealedChange;
import dev.tidemark.schemas.chunk.ChunkId;
import dev.tidemark.schemas.cursor.Cursor;
import java.nio.ByteBuffer;

/**
 * The records of the repository's container files, for the module that writes and reads those
 * files.
 */
public final class RepositoryRecords {
  static {
    TrustedRecords.install();
  }

  private RepositoryRecords() {}

  public static dev.tidemark.schemas.avro.SealedChange toAvro(SealedChange sealed) {
    SealedChange.Origin origin = sealed.origin();
    return new dev.tidemark.schemas.avro.SealedChange(
        sealed.sequence(),
        sealed.logTimeMillis(),
        new Origin(
            uuid(origin.changesTopic()),
            origin.partition(),
            origin.offset(),
            CursorMapper.toAvro(origin.epoch())),
        ChangeMapper.toAvro(sealed.change()));
  }

  public static SealedChange fromAvro(dev.tidemark.schemas.avro.SealedChange avro)
      throws UnreadableRecordException {
    Origin origin = avro.getOrigin();
    return new SealedChange(
        avro.getSequence(),
        avro.getLogTime(),
        new SealedChange.Origin(
            uuid(origin.getChangesTopic()),
            origin.getPartition(),
            origin.getOffset(),
            CursorMapper.fromAvro(origin.getEpoch())),
        ChangeMapper.fromAvro(avro.getChange()));
  }

  public static dev.tidemark.schemas.avro.ManifestEntry toAvro(NodePath path, Node node) {
    return new dev.tidemark.schemas.avro.ManifestEntry(
        NodeMapper.buffer(path), NodeMapper.toAvro(node));
  }

  public static Node node(dev.tidemark.schemas.avro.ManifestEntry entry)
      throws UnreadableRecordException {
    return NodeMapper.fromAvro(entry.getNode());
  }

  public static NodePath path(ByteBuffer path) {
    return NodeMapper.path(path);
  }

  public static ByteBuffer path(NodePath path) {
    return NodeMapper.buffer(path);
  }

  public static dev.tidemark.schemas.avro.Hash hash(ChunkId id) {
    return NodeMapper.hash(id);
  }

  public static ChunkId id(dev.tidemark.schemas.avro.Hash hash) {
    return NodeMapper.id(hash);
  }

  public static dev.tidemark.schemas.avro.Cursor toAvro(Cursor cursor) {
    return CursorMapper.toAvro(cursor);
  }

  public static Cursor fromAvro(dev.tidemark.schemas.avro.Cursor cursor)
      throws UnreadableRecordException {
    return CursorMapper.fromAvro(cursor);
  }
}
