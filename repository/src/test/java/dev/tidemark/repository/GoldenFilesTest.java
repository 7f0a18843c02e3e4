package dev.tidemark.repository;

import static dev.tidemark.repository.TestData.DESCRIPTOR;
import static dev.tidemark.repository.TestData.WEB;
import static dev.tidemark.repository.TestData.directory;
import static dev.tidemark.repository.TestData.entry;
import static dev.tidemark.repository.TestData.file;
import static dev.tidemark.repository.TestData.idOf;
import static dev.tidemark.repository.TestData.plain;
import static dev.tidemark.repository.TestData.put;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.repository.TestData.Script;
import dev.tidemark.repository.blob.BlobName;
import dev.tidemark.repository.blob.BlobStore;
import dev.tidemark.repository.blob.InMemoryBlobStore;
import dev.tidemark.repository.blob.LocalBlobStore;
import dev.tidemark.repository.history.At;
import dev.tidemark.repository.history.TreeAt;
import dev.tidemark.repository.snapshot.SnapshotInfo;
import dev.tidemark.repository.verify.VerifyMode;
import dev.tidemark.schemas.change.Bytes;
import dev.tidemark.schemas.change.Change;
import dev.tidemark.schemas.change.Content;
import dev.tidemark.schemas.change.Extent;
import dev.tidemark.schemas.change.FramePosition;
import dev.tidemark.schemas.change.Metadata;
import dev.tidemark.schemas.change.Node;
import dev.tidemark.schemas.change.NodePath;
import dev.tidemark.schemas.tree.EntryStream;
import dev.tidemark.schemas.tree.TreeEntry;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/**
 * A repository of format version 1, kept as it was written when that version was released, must
 * stay readable. What does not depend on a version of zstd must also be written with the same bytes
 * today. {@link #main} wrote it.
 */
final class GoldenFilesTest {
  private static final UUID TAG = new UUID(10, 11);

  private static Repository openGolden() throws IOException, URISyntaxException {
    Path folder = Path.of(GoldenFilesTest.class.getResource("/golden/v1").toURI());
    return Repository.open(LocalBlobStore.open(folder));
  }

  /** Every kind of node, change and mark, two incarnations, two segments, one snapshot between. */
  private static void fill(Repository repository) throws IOException {
    repository.storePack(List.of(entry("one"), entry("two"), entry("three")));
    repository.storePack(List.of(entry("four")));
    Metadata odd =
        new Metadata(
            04755,
            4_294_967_295L,
            7,
            "owner",
            "group",
            new Metadata.FileTime(-5, 999_999_999),
            List.of(
                new Metadata.ExtendedAttribute(
                    Bytes.ofText("user.a"), Bytes.of(new byte[] {0, -1}))),
            42);
    Script script = Script.start();
    script.append(new Change.ScanStarted(Change.ScanKind.FULL), 1_500);
    script.append(put("", directory()), 2_000);
    script.append(put("d", directory()), 2_001).append(put("d/one", file("one")), 2_002);
    script.append(new Change.Keep(NodePath.ofText("d")), 2_003);
    script.append(new Change.ScanCompleted(Change.ScanKind.FULL), 2_004);
    Content sparse =
        new Content(
            103,
            List.of(
                new Extent.Chunk(idOf("two"), 3, new FramePosition(2, 17)), new Extent.Hole(100)),
            true);
    script.append(
        new Change.Put(
            NodePath.of(new byte[] {'d', '/', (byte) 0xff, '\n'}), new Node.File(odd, sparse)),
        2_005);
    script.append(put("link", new Node.Symlink(odd, Bytes.ofText("../x"))), 2_006);
    script.append(put("fifo", new Node.Fifo(odd)), 2_007);
    script.append(put("tty", new Node.Device(odd, Node.DeviceKind.CHARACTER, 4, 64)), 2_008);
    script.append(new Change.Tag(TAG, "release 1"), 2_009);
    repository.log(WEB).append(script.take(), script.cursor());
    repository.history(WEB).snapshotNow();
    script.append(new Change.Move(NodePath.ofText("d"), NodePath.ofText("e")), 3_000);
    script.append(put("a", file("three")), 3_001).append(put("b", file("four")), 3_002);
    script.append(new Change.Exchange(NodePath.ofText("a"), NodePath.ofText("b")), 3_003);
    script.append(new Change.Remove(NodePath.ofText("fifo")), 3_004);
    script.newTopic(new UUID(12, 13), 4_000);
    repository.log(WEB).append(script.take(), script.cursor());
  }

  /**
   * @param arguments the folder to write, new or empty
   */
  public static void main(String[] arguments) throws IOException {
    Path folder = Path.of(arguments[0]);
    try (Repository repository = Repository.create(LocalBlobStore.open(folder), DESCRIPTOR)) {
      fill(repository);
    }
    Files.delete(folder.resolve("tmp"));
  }

  @Test
  void theFirstVersionIsReadable() throws Exception {
    try (Repository repository = openGolden()) {
      assertThat(repository.descriptor()).isEqualTo(DESCRIPTOR);
      assertThat(repository.verify(VerifyMode.READ_DATA).damages()).isEmpty();
      assertThat(repository.readChunk(idOf("three"))).isEqualTo(plain("three"));
      assertThat(repository.trees()).containsExactly(WEB);
    }
  }

  @Test
  void everyInstantOfTheFirstVersionIsWhatItWas() throws Exception {
    try (Repository golden = openGolden();
        Repository today = Repository.create(new InMemoryBlobStore(), DESCRIPTOR)) {
      fill(today);
      List<Long> sequences = new ArrayList<>(List.of(1_000_000_000_001L));
      for (long sequence = 1; sequence <= 17; sequence++) {
        sequences.add(sequence);
      }
      for (long sequence : sequences) {
        At at = new At.Sequence(sequence);
        TreeAt then = golden.history(WEB).at(at);
        TreeAt now = today.history(WEB).at(at);
        assertThat(then.cursor()).isEqualTo(now.cursor());
        assertThat(then.logTimeMillis()).isEqualTo(now.logTimeMillis());
        assertThat(entries(then)).isEqualTo(entries(now));
      }
      SnapshotInfo then = golden.snapshots(WEB).newestAtOrBefore(Long.MAX_VALUE).orElseThrow();
      SnapshotInfo now = today.snapshots(WEB).newestAtOrBefore(Long.MAX_VALUE).orElseThrow();
      assertThat(then.cursor()).isEqualTo(now.cursor());
      assertThat(then.entries()).isEqualTo(7);
    }
  }

  private static List<TreeEntry> entries(TreeAt at) throws IOException {
    List<TreeEntry> entries = new ArrayList<>();
    try (EntryStream stream = at.tree().subtree(NodePath.ROOT)) {
      for (Optional<TreeEntry> next = stream.next(); next.isPresent(); next = stream.next()) {
        entries.add(next.get());
      }
    }
    return entries;
  }

  @Test
  void packsIndexAndDescriptorAreWrittenWithTheSameBytes() throws Exception {
    BlobStore today = new InMemoryBlobStore();
    fill(Repository.create(today, DESCRIPTOR));
    Set<BlobName> names = new HashSet<>();
    try (Repository golden = openGolden()) {
      golden.store().list("packs/", status -> names.add(status.name()));
      golden.store().list("index/", status -> names.add(status.name()));
      names.add(new BlobName("tidemark.json"));
      assertThat(names).hasSize(5);
      for (BlobName name : names) {
        assertThat(today.get(name)).as("%s", name).isEqualTo(golden.store().get(name));
      }
    }
  }
}
