package dev.tidemark.schemas.codec;

import dev.tidemark.schemas.avro.ExtentKind;
import dev.tidemark.schemas.avro.Hash;
import dev.tidemark.schemas.avro.NodeType;
import dev.tidemark.schemas.avro.Uuid;
import dev.tidemark.schemas.change.Bytes;
import dev.tidemark.schemas.change.Content;
import dev.tidemark.schemas.change.Extent;
import dev.tidemark.schemas.change.FramePosition;
import dev.tidemark.schemas.change.Metadata;
import dev.tidemark.schemas.change.Metadata.ExtendedAttribute;
import dev.tidemark.schemas.change.Metadata.FileTime;
import dev.tidemark.schemas.change.Node;
import dev.tidemark.schemas.change.Node.DeviceKind;
import dev.tidemark.schemas.change.NodePath;
import dev.tidemark.schemas.chunk.ChunkId;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/** Nodes and what they are made of. */
final class NodeMapper {
  private NodeMapper() {}

  static dev.tidemark.schemas.avro.Node toAvro(Node node) {
    Metadata metadata = node.metadata();
    var avro = new dev.tidemark.schemas.avro.Node();
    avro.put("mode", metadata.mode());
    avro.put("uid", metadata.uid());
    avro.put("gid", metadata.gid());
    avro.put("owner", metadata.owner());
    avro.put("group", metadata.group());
    avro.put("mtimeSeconds", metadata.mtime().seconds());
    avro.put("mtimeNanos", metadata.mtime().nanos());
    avro.put("linkGroup", metadata.linkGroup());
    avro.put(
        "attributes",
        metadata.attributes().stream()
            .map(
                a ->
                    new dev.tidemark.schemas.avro.ExtendedAttribute(
                        buffer(a.name()), buffer(a.value())))
            .toList());
    avro.put("target", ByteBuffer.allocate(0));
    avro.put("extents", List.of());
    NodeType type =
        switch (node) {
          case Node.File(_, Content content) -> {
            avro.put("size", content.size());
            avro.put("torn", content.torn());
            avro.put("extents", content.extents().stream().map(NodeMapper::toAvro).toList());
            yield NodeType.FILE;
          }
          case Node.Directory _ -> NodeType.DIRECTORY;
          case Node.Symlink(_, Bytes target) -> {
            avro.put("target", buffer(target));
            yield NodeType.SYMLINK;
          }
          case Node.Fifo _ -> NodeType.FIFO;
          case Node.Device(_, DeviceKind kind, int major, int minor) -> {
            avro.put("deviceMajor", (long) major);
            avro.put("deviceMinor", (long) minor);
            yield switch (kind) {
              case CHARACTER -> NodeType.CHARACTER_DEVICE;
              case BLOCK -> NodeType.BLOCK_DEVICE;
            };
          }
        };
    avro.put("type", type);
    return avro;
  }

  static Node fromAvro(dev.tidemark.schemas.avro.Node avro) throws UnreadableRecordException {
    List<ExtendedAttribute> attributes = new ArrayList<>(avro.getAttributes().size());
    for (var a : avro.getAttributes()) {
      attributes.add(new ExtendedAttribute(bytes(a.getName()), bytes(a.getValue())));
    }
    Metadata metadata =
        new Metadata(
            avro.getMode(),
            avro.getUid(),
            avro.getGid(),
            avro.getOwner(),
            avro.getGroup(),
            new FileTime(avro.getMtimeSeconds(), avro.getMtimeNanos()),
            attributes,
            avro.getLinkGroup());
    return switch (avro.getType()) {
      case FILE -> new Node.File(metadata, content(avro));
      case DIRECTORY -> new Node.Directory(metadata);
      case SYMLINK -> new Node.Symlink(metadata, bytes(avro.getTarget()));
      case FIFO -> new Node.Fifo(metadata);
      case CHARACTER_DEVICE -> device(metadata, DeviceKind.CHARACTER, avro);
      case BLOCK_DEVICE -> device(metadata, DeviceKind.BLOCK, avro);
      case UNKNOWN -> throw tooNew("type of node");
    };
  }

  private static Node device(
      Metadata metadata, DeviceKind kind, dev.tidemark.schemas.avro.Node avro) {
    return new Node.Device(
        metadata,
        kind,
        Math.toIntExact(avro.getDeviceMajor()),
        Math.toIntExact(avro.getDeviceMinor()));
  }

  private static Content content(dev.tidemark.schemas.avro.Node avro)
      throws UnreadableRecordException {
    List<Extent> extents = new ArrayList<>(avro.getExtents().size());
    for (var extent : avro.getExtents()) {
      extents.add(fromAvro(extent));
    }
    return new Content(avro.getSize(), extents, avro.getTorn());
  }

  static dev.tidemark.schemas.avro.Extent toAvro(Extent extent) {
    return switch (extent) {
      case Extent.Chunk chunk -> extent(ExtentKind.CHUNK, chunk.bytes(), chunk);
      case Extent.Nested(Extent.Chunk list, long covered) -> extent(ExtentKind.LIST, covered, list);
      case Extent.Hole(long bytes) ->
          new dev.tidemark.schemas.avro.Extent(ExtentKind.HOLE, bytes, null, 0, -1, -1L);
    };
  }

  private static dev.tidemark.schemas.avro.Extent extent(
      ExtentKind kind, long covered, Extent.Chunk chunk) {
    return new dev.tidemark.schemas.avro.Extent(
        kind,
        covered,
        hash(chunk.id()),
        chunk.plainBytes(),
        chunk.position().partition(),
        chunk.position().offset());
  }

  static Extent fromAvro(dev.tidemark.schemas.avro.Extent avro) throws UnreadableRecordException {
    return switch (avro.getKind()) {
      case CHUNK -> chunk(avro);
      case HOLE -> new Extent.Hole(avro.getBytes());
      case LIST -> new Extent.Nested(chunk(avro), avro.getBytes());
      case UNKNOWN -> throw tooNew("kind of extent");
    };
  }

  private static Extent.Chunk chunk(dev.tidemark.schemas.avro.Extent avro)
      throws UnreadableRecordException {
    Hash id = avro.getId();
    if (id == null) {
      throw new UnreadableRecordException("an extent names no chunk");
    }
    return new Extent.Chunk(
        id(id),
        avro.getPlainBytes(),
        avro.getOffset() < 0
            ? FramePosition.UNKNOWN
            : new FramePosition(avro.getPartition(), avro.getOffset()));
  }

  static UnreadableRecordException tooNew(String what) {
    return new UnreadableRecordException(
        "a %s that this version does not know; a newer Tidemark wrote it and is needed to read it"
            .formatted(what));
  }

  static Hash hash(ChunkId id) {
    return new Hash(id.bytes());
  }

  static ChunkId id(Hash hash) {
    return ChunkId.of(hash.bytes());
  }

  static Uuid uuid(UUID id) {
    return new Uuid(
        ByteBuffer.allocate(16)
            .putLong(id.getMostSignificantBits())
            .putLong(id.getLeastSignificantBits())
            .array());
  }

  static UUID uuid(Uuid avro) {
    ByteBuffer bytes = ByteBuffer.wrap(avro.bytes());
    return new UUID(bytes.getLong(), bytes.getLong());
  }

  static ByteBuffer buffer(Bytes bytes) {
    return ByteBuffer.wrap(bytes.toArray());
  }

  static Bytes bytes(ByteBuffer buffer) {
    return Bytes.of(array(buffer));
  }

  static ByteBuffer buffer(NodePath path) {
    return ByteBuffer.wrap(path.bytes());
  }

  static NodePath path(ByteBuffer buffer) {
    return NodePath.of(array(buffer));
  }

  private static byte[] array(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.remaining()];
    buffer.duplicate().get(bytes);
    return bytes;
  }
}
