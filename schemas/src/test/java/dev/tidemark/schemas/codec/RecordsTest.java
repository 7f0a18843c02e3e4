package dev.tidemark.schemas.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.schemas.GoldenFiles;
import dev.tidemark.schemas.RandomValues;
import dev.tidemark.schemas.Seeds;
import dev.tidemark.schemas.avro.ExtentKind;
import dev.tidemark.schemas.avro.FaultKind;
import dev.tidemark.schemas.avro.MarkKind;
import dev.tidemark.schemas.avro.NodeType;
import dev.tidemark.schemas.change.Bytes;
import dev.tidemark.schemas.change.Change;
import dev.tidemark.schemas.change.Content;
import dev.tidemark.schemas.change.Extent;
import dev.tidemark.schemas.change.FramePosition;
import dev.tidemark.schemas.change.Metadata;
import dev.tidemark.schemas.change.Metadata.ExtendedAttribute;
import dev.tidemark.schemas.change.Metadata.FileTime;
import dev.tidemark.schemas.change.Node;
import dev.tidemark.schemas.change.NodePath;
import dev.tidemark.schemas.change.TreeName;
import dev.tidemark.schemas.chunk.ChunkId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;
import java.util.random.RandomGenerator;
import org.apache.avro.message.BinaryMessageEncoder;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificRecordBase;
import org.junit.jupiter.api.Test;

final class RecordsTest {
  private final RandomGenerator random = Seeds.random("RecordsTest");
  private final RandomValues values = new RandomValues(random);

  @Test
  void whatIsEncodedIsDecodedAgain() throws IOException {
    for (int i = 0; i < 500; i++) {
      var change = values.change();
      assertThat(Records.decodeChange(Records.encode(change))).isEqualTo(change);
      var node = values.node();
      assertThat(Records.decodeNode(Records.encode(node))).isEqualTo(node);
      var extents = values.extents();
      assertThat(Records.decodeExtents(Records.encode(extents))).isEqualTo(extents);
      var cursor = values.cursor();
      assertThat(Records.decodeCursor(Records.encode(cursor))).isEqualTo(cursor);
      var head = values.head();
      assertThat(Records.decodeHead(Records.encode(head))).isEqualTo(head);
      var watermark = values.watermark();
      assertThat(Records.decodeWatermark(Records.encode(watermark))).isEqualTo(watermark);
      var condemned = values.condemned();
      assertThat(Records.decodeCondemned(Records.encode(condemned))).isEqualTo(condemned);
      var released = values.released();
      assertThat(Records.decodeReleased(Records.encode(released))).isEqualTo(released);
      var status = values.standbyStatus();
      assertThat(Records.decodeStandbyStatus(Records.encode(status))).isEqualTo(status);
      var command = values.command();
      assertThat(Records.decodeCommand(Records.encode(command))).isEqualTo(command);
      var descriptor = values.descriptor();
      assertThat(Records.decodeDescriptor(Records.encode(descriptor))).isEqualTo(descriptor);
    }
  }

  @Test
  void whatIsMappedForTheRepositoryIsMappedBack() throws IOException {
    for (int i = 0; i < 500; i++) {
      var sealed = values.sealedChange();
      assertThat(RepositoryRecords.fromAvro(RepositoryRecords.toAvro(sealed))).isEqualTo(sealed);
      var cursor = values.cursor();
      assertThat(RepositoryRecords.fromAvro(RepositoryRecords.toAvro(cursor))).isEqualTo(cursor);
      NodePath path = values.path();
      Node node = values.node();
      var entry = RepositoryRecords.toAvro(path, node);
      assertThat(RepositoryRecords.path(entry.getPath())).isEqualTo(path);
      assertThat(RepositoryRecords.node(entry)).isEqualTo(node);
    }
  }

  @Test
  void aChangeKeepsItsBytesFromVersionToVersion() throws IOException {
    byte[] golden = GoldenFiles.read("Change-1.hex");

    assertThat(Records.encode(goldenChange())).asHexString().isEqualTo(hex(golden));
    assertThat(Records.decodeChange(golden)).isEqualTo(goldenChange());
  }

  @Test
  void garbageIsUnreadable() {
    for (int length : new int[] {0, 1, 2, 9, 10, 11, 500}) {
      byte[] garbage = new byte[length];
      random.nextBytes(garbage);
      assertUnreadable(garbage);
    }
  }

  @Test
  void aTruncatedRecordIsUnreadable() {
    byte[] whole = Records.encode(goldenChange());
    for (int length = 0; length < whole.length; length++) {
      assertUnreadable(Arrays.copyOf(whole, length));
    }
  }

  @Test
  void aDamagedRecordIsUnreadableOrAnotherRecordButNeverAnythingElse() {
    for (int i = 0; i < 4_000; i++) {
      byte[] damaged = Records.encode(i % 2 == 0 ? goldenChange() : values.change());
      for (int hits = 1 + random.nextInt(3); hits > 0; hits--) {
        damaged[10 + random.nextInt(damaged.length - 10)] = (byte) random.nextInt(256);
      }
      try {
        Records.decodeChange(damaged);
      } catch (UnreadableRecordException expected) {
        assertThat(expected).hasMessageContaining("Change");
      }
    }
  }

  @Test
  void aRecordOfAnUnknownSchemaIsUnreadableAndNamesIt() {
    byte[] bytes = Records.encode(goldenChange());
    bytes[5] ^= 1;

    assertUnreadable(bytes);
  }

  @Test
  void aRecordOfAnotherKindIsUnreadable() {
    assertUnreadable(Records.encode(values.watermark()));
  }

  @Test
  void trailingBytesAreUnreadable() {
    byte[] whole = Records.encode(goldenChange());
    assertUnreadable(Arrays.copyOf(whole, whole.length + 1));
  }

  @Test
  void whatANewerVersionMeansIsRefusedRatherThanGuessed() throws IOException {
    var change = ChangeMapper.toAvro(goldenChange());
    change.put("cause", dev.tidemark.schemas.avro.Cause.UNKNOWN);
    assertTooNew(change, Records::decodeChange);

    change = ChangeMapper.toAvro(goldenChange());
    change.put(
        "body", dev.tidemark.schemas.avro.Mark.newBuilder().setKind(MarkKind.UNKNOWN).build());
    assertTooNew(change, Records::decodeChange);

    change.put(
        "body", dev.tidemark.schemas.avro.Mark.newBuilder().setKind(MarkKind.SCAN_STARTED).build());
    assertTooNew(change, Records::decodeChange);

    var node = NodeMapper.toAvro(values.node());
    node.put("type", NodeType.UNKNOWN);
    assertTooNew(node, Records::decodeNode);

    var extent = new dev.tidemark.schemas.avro.Extent(ExtentKind.UNKNOWN, 1L, null, 0, -1, -1L);
    assertTooNew(new dev.tidemark.schemas.avro.ExtentList(List.of(extent)), Records::decodeExtents);

    var cursor = CursorMapper.toAvro(values.cursor());
    cursor.put(
        "fault",
        dev.tidemark.schemas.avro.Fault.newBuilder()
            .setKind(FaultKind.UNKNOWN)
            .setSequence(1)
            .setOffset(1)
            .build());
    assertTooNew(cursor, Records::decodeCursor);
  }

  @Test
  void aChangeThatNamesFramesButNotTheirTopicIsUnreadable() throws IOException {
    var change = ChangeMapper.toAvro(goldenChange());
    change.put("chunksTopic", null);

    assertThatThrownBy(() -> Records.decodeChange(encode(change)))
        .isInstanceOf(UnreadableRecordException.class)
        .hasMessageContaining("topic");
  }

  @Test
  void valuesOutsideTheirRangeAreUnreadable() throws IOException {
    for (Object[] bad :
        new Object[][] {{"mode", 010000}, {"mtimeNanos", 1_000_000_000}, {"size", 17L}}) {
      var change = ChangeMapper.toAvro(goldenChange());
      ((dev.tidemark.schemas.avro.Put) change.getBody()).getNode().put((String) bad[0], bad[1]);

      assertThatThrownBy(() -> Records.decodeChange(encode(change)))
          .as("%s", bad[0])
          .isInstanceOf(UnreadableRecordException.class);
    }
  }

  @Test
  void aPathThatLeavesItsTreeIsUnreadable() throws IOException {
    for (String path : List.of("../etc/passwd", "a/../b", "/etc", "a//b", "a/", ".", "a\0b")) {
      var change = ChangeMapper.toAvro(goldenChange());
      var body =
          new dev.tidemark.schemas.avro.Remove(
              ByteBuffer.wrap(path.getBytes(StandardCharsets.UTF_8)));
      change.put("body", body);

      assertThatThrownBy(() -> Records.decodeChange(encode(change)))
          .as(path)
          .isInstanceOf(UnreadableRecordException.class);
    }
  }

  private static Change goldenChange() {
    Metadata metadata =
        new Metadata(
            04755,
            1000,
            4_294_967_294L,
            "ada",
            "",
            new FileTime(-1, 999_999_999),
            List.of(new ExtendedAttribute(Bytes.ofText("user.a"), Bytes.of(new byte[] {0, -1}))),
            7);
    ChunkId id = ChunkId.computeOf("golden".getBytes(StandardCharsets.UTF_8));
    List<Extent> extents =
        List.of(
            new Extent.Chunk(id, 6, new FramePosition(3, 1_000_000)),
            new Extent.Hole(4096),
            new Extent.Nested(new Extent.Chunk(id, 6, FramePosition.UNKNOWN), 1L << 40));
    return new Change(
        new TreeName("home"),
        42,
        3,
        new UUID(0x0102030405060708L, 0x090a0b0c0d0e0f10L),
        1_700_000_000_000_000L,
        Change.Cause.SCAN,
        new Change.Frames(
            new UUID(1, 2), List.of(new FramePosition(3, 1_000_000)), 1_700_000_000_000L),
        new Change.Put(
            NodePath.of(new byte[] {'d', '/', (byte) 0xff}),
            new Node.File(metadata, new Content((1L << 40) + 4102, extents, true))));
  }

  private interface Decoder {
    Object decode(byte[] bytes) throws UnreadableRecordException;
  }

  private static void assertTooNew(SpecificRecordBase avro, Decoder decoder) throws IOException {
    byte[] bytes = encode(avro);
    assertThatThrownBy(() -> decoder.decode(bytes))
        .isInstanceOf(UnreadableRecordException.class)
        .hasMessageContaining("newer Tidemark");
  }

  private static void assertUnreadable(byte[] bytes) {
    assertThatThrownBy(() -> Records.decodeChange(bytes))
        .as(hex(bytes))
        .isInstanceOf(UnreadableRecordException.class)
        .hasMessageContaining("Change");
  }

  private static byte[] encode(SpecificRecordBase avro) throws IOException {
    ByteBuffer bytes =
        new BinaryMessageEncoder<SpecificRecordBase>(SpecificData.get(), avro.getSchema())
            .encode(avro);
    byte[] copy = new byte[bytes.remaining()];
    bytes.get(copy);
    return copy;
  }

  private static String hex(byte[] bytes) {
    return HexFormat.of().withUpperCase().formatHex(bytes);
  }
}
