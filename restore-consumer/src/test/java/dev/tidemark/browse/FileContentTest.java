package dev.tidemark.browse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.apply.TestFrames;
import dev.tidemark.mirror.SimulatedLog;
import dev.tidemark.schemas.change.Bytes;
import dev.tidemark.schemas.change.Change;
import dev.tidemark.schemas.change.Content;
import dev.tidemark.schemas.change.Extent;
import dev.tidemark.schemas.change.Metadata;
import dev.tidemark.schemas.change.Metadata.FileTime;
import dev.tidemark.schemas.change.Node;
import dev.tidemark.schemas.change.NodePath;
import dev.tidemark.schemas.codec.Records;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class FileContentTest {
  private static final NodePath FILE = NodePath.ofText("f");

  private final TestFrames frames = new TestFrames();
  private final byte[] bytes = new byte[20_000_000];
  private SimulatedLog log;

  @BeforeEach
  void fill() throws IOException {
    long seed = Long.getLong("tidemark.seed", System.nanoTime());
    System.out.println("tidemark.seed=" + seed);
    new Random(seed).nextBytes(bytes);
    log = new SimulatedLog();
    log.add(new Change.Put(NodePath.ROOT, new Node.Directory(metadata())));
  }

  private static Metadata metadata() {
    return Metadata.of(0755, 0, 0, new FileTime(1, 0));
  }

  private FileContent open(NodePath path) throws IOException {
    OpenTree tree =
        new OpenTree(
            SimulatedLog.TREE, log.model(), log.cursor().sequence(), 0, 0, 0, log.cursor());
    return FileContent.open(tree, path, frames);
  }

  private void put(Content content) throws IOException {
    log.add(new Change.Put(FILE, new Node.File(metadata(), content)));
  }

  @Test
  void theBytesOfChunksAndNestedListsComeInOrderAndHolesAsZeros() throws IOException {
    List<Extent> half = frames.content(bytes).extents().subList(0, 100);
    byte[] list = Records.encode(half);
    List<Extent> extents = new ArrayList<>();
    extents.add(new Extent.Hole(200_000));
    extents.add(
        new Extent.Nested(frames.chunk(list, 0, list.length), 100L * TestFrames.CHUNK_BYTES));
    extents.add(new Extent.Hole(70_000));
    extents.add(frames.chunk(bytes, 10_000_000, 5));
    extents.add(new Extent.Hole(3));
    put(new Content(6_270_008, extents, false));

    ByteArrayOutputStream out = new ByteArrayOutputStream();
    FileContent content = open(FILE);
    content.copyTo(out);

    byte[] expected = new byte[6_270_008];
    System.arraycopy(bytes, 0, expected, 200_000, 6_000_000);
    System.arraycopy(bytes, 10_000_000, expected, 6_270_000, 5);
    assertThat(out.toByteArray()).isEqualTo(expected);
    assertThat(content.copied()).isEqualTo(expected.length);
    assertThat(content.isTorn()).isFalse();
  }

  @Test
  void anEmptyFileAndOneThatIsAHoleHaveTheirLength() throws IOException {
    put(Content.EMPTY);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    open(FILE).copyTo(out);
    assertThat(out.size()).isZero();

    put(new Content(100_000, List.of(new Extent.Hole(100_000)), true));
    FileContent hole = open(FILE);
    hole.copyTo(out);
    assertThat(out.toByteArray()).isEqualTo(new byte[100_000]);
    assertThat(hole.isTorn()).isTrue();
  }

  @Test
  void aDamagedChunkEndsItBehindWhatIsWhole() throws IOException {
    Content content = frames.content(bytes);
    put(content);
    frames.damage((Extent.Chunk) content.extents().get(200));

    ByteArrayOutputStream out = new ByteArrayOutputStream();
    assertThatThrownBy(() -> open(FILE).copyTo(out))
        .isInstanceOf(UnreadableContentException.class)
        .hasMessageContaining("f in tree web at change 3 cannot be read past byte 12000000 of")
        .hasMessageContaining("`tidemark repair`");

    assertThat(out.toByteArray()).isEqualTo(java.util.Arrays.copyOf(bytes, 12_000_000));
  }

  @Test
  void aMissingChunkIsNamed() throws IOException {
    Content content = frames.content(bytes);
    put(content);
    Extent.Chunk lost = (Extent.Chunk) content.extents().getFirst();
    frames.forget(lost);

    assertThatThrownBy(() -> open(FILE).copyTo(OutputStream.nullOutputStream()))
        .isInstanceOf(UnreadableContentException.class)
        .hasMessageContaining("past byte 0 of 20000000")
        .hasMessageContaining(lost.id().toString());
  }

  @Test
  void aFailureOfTheOutputIsNoneOfTheFile() throws IOException {
    put(frames.content(bytes));
    IOException full = new IOException("full");
    OutputStream out =
        new OutputStream() {
          @Override
          public void write(int b) throws IOException {
            throw full;
          }
        };

    assertThatThrownBy(() -> open(FILE).copyTo(out)).isSameAs(full);
  }

  @Test
  void whatIsNoFileIsRefusedWithWhatItIs() throws IOException {
    log.add(new Change.Put(NodePath.ofText("d"), new Node.Directory(metadata())));
    log.add(
        new Change.Put(NodePath.ofText("l"), new Node.Symlink(metadata(), Bytes.ofText("../x"))));
    log.add(new Change.Put(NodePath.ofText("p"), new Node.Fifo(metadata())));

    refused("none", "There is no none in tree web at change 5.");
    refused("d", "d in tree web is a directory; `tidemark ls` lists it.");
    refused("l", "l in tree web is a symbolic link to ../x");
    refused("p", "p in tree web is a FIFO");
    assertThatThrownBy(() -> open(NodePath.ROOT))
        .hasMessageStartingWith("The root in tree web is a directory");
  }

  private void refused(String path, String message) {
    assertThatThrownBy(() -> open(NodePath.ofText(path)))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith(message);
  }
}
