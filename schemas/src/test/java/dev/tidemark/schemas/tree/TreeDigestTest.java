package dev.tidemark.schemas.tree;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.schemas.change.Bytes;
import dev.tidemark.schemas.change.Content;
import dev.tidemark.schemas.change.Extent;
import dev.tidemark.schemas.change.FramePosition;
import dev.tidemark.schemas.change.Metadata;
import dev.tidemark.schemas.change.Metadata.ExtendedAttribute;
import dev.tidemark.schemas.change.Metadata.FileTime;
import dev.tidemark.schemas.change.Node;
import dev.tidemark.schemas.change.NodePath;
import dev.tidemark.schemas.chunk.ChunkId;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class TreeDigestTest {
  private static final FileTime TIME = new FileTime(1_700_000_000, 5);
  private static final Metadata PLAIN = Metadata.of(0644, 1, 2, TIME);
  private static final BigInteger MODULUS = BigInteger.ONE.shiftLeft(256);

  private static NodePath path(String text) {
    NodePath path = NodePath.ROOT;
    for (String name : text.split("/")) {
      path = path.child(name.getBytes(StandardCharsets.UTF_8));
    }
    return path;
  }

  private static Node.File file(String content, FramePosition position) {
    byte[] bytes = content.getBytes(StandardCharsets.UTF_8);
    Extent.Chunk chunk = new Extent.Chunk(ChunkId.computeOf(bytes), bytes.length, position);
    return new Node.File(PLAIN, new Content(bytes.length, List.of(chunk), false));
  }

  private static TreeDigest of(TreeEntry... below) throws IOException {
    var all = new ArrayList<TreeEntry>();
    all.add(new TreeEntry(NodePath.ROOT, new Node.Directory(PLAIN)));
    all.addAll(List.of(below));
    return TreeDigest.of(EntryStream.of(all.iterator()));
  }

  @Test
  void sumsAreThoseOfNumbersOf256Bits() {
    long seed = Long.getLong("tidemark.seed", System.nanoTime());
    System.out.println("tidemark.seed=" + seed);
    Random random = new Random(seed);
    for (int i = 0; i < 2_000; i++) {
      TreeDigest one = word(random);
      TreeDigest other = word(random);
      BigInteger sum = number(one).add(number(other)).mod(MODULUS);
      assertThat(number(one.plus(other))).as("seed %d", seed).isEqualTo(sum);
      assertThat(one.plus(other).minus(other)).as("seed %d", seed).isEqualTo(one);
    }
  }

  private static TreeDigest word(Random random) {
    long[] words = new long[4];
    for (int i = 0; i < 4; i++) {
      // Carries run through words of ones.
      words[i] = random.nextInt(3) == 0 ? -random.nextInt(2) : random.nextLong();
    }
    return new TreeDigest(words[0], words[1], words[2], words[3]);
  }

  private static BigInteger number(TreeDigest digest) {
    return new BigInteger(1, digest.bytes());
  }

  @Test
  void whereFramesLieDoesNotCount() throws IOException {
    TreeDigest here = of(new TreeEntry(path("a"), file("x", new FramePosition(0, 1))));
    TreeDigest there = of(new TreeEntry(path("a"), file("x", FramePosition.UNKNOWN)));

    assertThat(there).isEqualTo(here);
  }

  @Test
  void everythingElseDoes() throws IOException {
    Node.File plain = file("x", FramePosition.UNKNOWN);
    Metadata attribute =
        new Metadata(
            0644,
            1,
            2,
            "",
            "",
            TIME,
            List.of(new ExtendedAttribute(Bytes.ofText("user.a"), Bytes.ofText("b"))),
            0);
    List<Node> nodes =
        List.of(
            plain,
            file("y", FramePosition.UNKNOWN),
            new Node.File(PLAIN, Content.EMPTY),
            new Node.File(PLAIN, new Content(1, plain.content().extents(), true)),
            new Node.File(PLAIN, new Content(1, List.of(new Extent.Hole(1)), false)),
            new Node.File(Metadata.of(0600, 1, 2, TIME), plain.content()),
            new Node.File(Metadata.of(0644, 2, 2, TIME), plain.content()),
            new Node.File(Metadata.of(0644, 1, 1, TIME), plain.content()),
            new Node.File(Metadata.of(0644, 1, 2, new FileTime(1_700_000_000, 6)), plain.content()),
            new Node.File(new Metadata(0644, 1, 2, "o", "", TIME, List.of(), 0), plain.content()),
            new Node.File(new Metadata(0644, 1, 2, "", "o", TIME, List.of(), 0), plain.content()),
            new Node.File(new Metadata(0644, 1, 2, "", "", TIME, List.of(), 7), plain.content()),
            new Node.File(attribute, plain.content()),
            new Node.Directory(PLAIN),
            new Node.Fifo(PLAIN),
            new Node.Symlink(PLAIN, Bytes.ofText("t")),
            new Node.Symlink(PLAIN, Bytes.ofText("u")),
            new Node.Device(PLAIN, Node.DeviceKind.BLOCK, 1, 2),
            new Node.Device(PLAIN, Node.DeviceKind.CHARACTER, 1, 2),
            new Node.Device(PLAIN, Node.DeviceKind.BLOCK, 2, 1));
    Set<TreeDigest> digests = new HashSet<>();
    for (Node node : nodes) {
      digests.add(of(new TreeEntry(path("a"), node)));
    }
    digests.add(of(new TreeEntry(path("b"), plain)));
    digests.add(
        of(new TreeEntry(path("a"), new Node.Directory(PLAIN)), new TreeEntry(path("a/a"), plain)));
    digests.add(
        of(new TreeEntry(path("a"), new Node.Directory(PLAIN)), new TreeEntry(path("b"), plain)));
    digests.add(of());

    assertThat(digests).hasSize(nodes.size() + 4);
  }

  @Test
  void theDigestOfVersionOneStays() throws IOException {
    TreeDigest digest =
        of(
            new TreeEntry(path("a"), new Node.Directory(PLAIN)),
            new TreeEntry(path("a/f"), file("x", FramePosition.UNKNOWN)),
            new TreeEntry(path("b"), new Node.Symlink(PLAIN, Bytes.ofText("a/f"))));

    assertThat(digest.toString())
        .isEqualTo("1:150c047a8c78d70ca2b92fefaf3f6e07c2328a518e6f4c666edf8a26d6fb055f");
    assertThat(TreeDigest.of(digest.bytes())).isEqualTo(digest);
  }

  @Test
  void nothingHasNoDigest() throws IOException {
    assertThat(TreeDigest.of(EntryStream.empty())).isEqualTo(TreeDigest.EMPTY);
  }

  @Test
  void anEntryWithoutItsDirectoryIsRefused() {
    assertThatThrownBy(() -> of(new TreeEntry(path("a/b"), new Node.Fifo(PLAIN))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("a/b");
  }
}
