package dev.tidemark.schemas.change;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.schemas.change.Metadata.ExtendedAttribute;
import dev.tidemark.schemas.change.Metadata.FileTime;
import dev.tidemark.schemas.chunk.ChunkId;
import java.util.List;
import org.junit.jupiter.api.Test;

final class NodeAspectTest {
  private static final FileTime TIME = new FileTime(5, 6);
  private static final Metadata PLAIN = Metadata.of(0644, 1, 2, TIME);

  private static Metadata metadata(
      int mode, String owner, FileTime time, List<ExtendedAttribute> attributes, long group) {
    return new Metadata(mode, 1, 2, owner, "", time, attributes, group);
  }

  private static Extent.Chunk chunk(String text, FramePosition position) {
    return new Extent.Chunk(ChunkId.computeOf(text.getBytes(UTF_8), 0, text.length()), 4, position);
  }

  private static Node file(Extent... extents) {
    long size = List.of(extents).stream().mapToLong(Extent::bytes).sum();
    return new Node.File(PLAIN, new Content(size, List.of(extents), false));
  }

  @Test
  void whereAFrameWasSeenAndATornReadAreNoDifference() {
    FramePosition elsewhere = new FramePosition(3, 99);
    Node before = file(chunk("text", FramePosition.UNKNOWN), new Extent.Hole(9));
    Node after =
        new Node.File(
            PLAIN, new Content(13, List.of(chunk("text", elsewhere), new Extent.Hole(9)), true));

    assertThat(before).isNotEqualTo(after);
    assertThat(NodeAspect.differing(before, after)).isEmpty();
  }

  @Test
  void otherBytesHolesAndListsAreOtherContent() {
    Extent.Chunk text = chunk("text", FramePosition.UNKNOWN);
    Extent.Chunk word = chunk("word", FramePosition.UNKNOWN);

    content(file(text), file(word));
    content(file(text), file(text, text));
    content(file(text, new Extent.Hole(4)), file(new Extent.Hole(4), text));
    content(file(new Extent.Nested(text, 8)), file(new Extent.Nested(word, 8)));
    content(new Node.Symlink(PLAIN, Bytes.ofText("a")), new Node.Symlink(PLAIN, Bytes.ofText("b")));
    content(
        new Node.Device(PLAIN, Node.DeviceKind.BLOCK, 1, 2),
        new Node.Device(PLAIN, Node.DeviceKind.BLOCK, 1, 3));
  }

  private static void content(Node before, Node after) {
    assertThat(NodeAspect.differing(before, after)).containsExactly(NodeAspect.CONTENT);
    assertThat(NodeAspect.differing(before, before)).isEmpty();
  }

  @Test
  void anotherTypeIsNoOtherContent() {
    assertThat(NodeAspect.differing(file(), new Node.Directory(PLAIN)))
        .containsExactly(NodeAspect.TYPE);
    assertThat(
            NodeAspect.differing(
                new Node.Device(PLAIN, Node.DeviceKind.BLOCK, 1, 2),
                new Node.Device(PLAIN, Node.DeviceKind.CHARACTER, 1, 2)))
        .containsExactly(NodeAspect.TYPE);
  }

  @Test
  void eachPartOfTheMetadataIsTold() {
    Node plain = new Node.Directory(metadata(0755, "", TIME, List.of(), 0));
    ExtendedAttribute attribute = new ExtendedAttribute(Bytes.ofText("user.a"), Bytes.ofText("b"));

    assertThat(
            NodeAspect.differing(plain, new Node.Directory(metadata(0700, "", TIME, List.of(), 0))))
        .containsExactly(NodeAspect.MODE);
    assertThat(
            NodeAspect.differing(
                plain,
                new Node.Directory(
                    metadata(0755, "web", new FileTime(5, 7), List.of(attribute), 3))))
        .containsExactly(
            NodeAspect.OWNER, NodeAspect.TIME, NodeAspect.ATTRIBUTES, NodeAspect.LINKS);
  }
}
