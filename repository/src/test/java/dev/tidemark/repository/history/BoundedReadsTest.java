package dev.tidemark.repository.history;

import static dev.tidemark.repository.TestData.DESCRIPTOR;
import static dev.tidemark.repository.TestData.WEB;
import static dev.tidemark.repository.TestData.directory;
import static dev.tidemark.repository.TestData.entry;
import static dev.tidemark.repository.TestData.file;
import static dev.tidemark.repository.TestData.plain;
import static dev.tidemark.repository.TestData.put;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.repository.Repository;
import dev.tidemark.repository.TestData.Script;
import dev.tidemark.repository.blob.ContentHash;
import dev.tidemark.repository.blob.CountingBlobStore;
import dev.tidemark.repository.blob.CountingBlobStore.Requests;
import dev.tidemark.repository.blob.InMemoryBlobStore;
import dev.tidemark.repository.index.IndexBlob;
import dev.tidemark.repository.pack.PackId;
import dev.tidemark.repository.pack.PackedChunk;
import dev.tidemark.repository.snapshot.SnapshotInfo;
import dev.tidemark.schemas.change.Extent;
import dev.tidemark.schemas.change.Node;
import dev.tidemark.schemas.change.NodePath;
import dev.tidemark.schemas.chunk.ChunkId;
import dev.tidemark.schemas.tree.EntryStream;
import dev.tidemark.schemas.tree.TreeEntry;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** What it takes to look at a small part of a large tree with a long log behind its snapshot. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class BoundedReadsTest {
  private static final int DIRECTORIES = 200;
  private static final int FILES = 200;
  private static final int LATER = 600;

  private final CountingBlobStore store = new CountingBlobStore(new InMemoryBlobStore());
  private Repository repository;
  private SnapshotInfo snapshot;
  private long firstTime;

  @BeforeAll
  void makeLargeTree() throws IOException {
    repository = Repository.create(store, DESCRIPTOR);
    long time = 1_000;
    Script script = Script.start().append(put("", directory()), time);
    for (int d = 0; d < DIRECTORIES; d++) {
      script.append(put("d" + d, directory()), ++time);
      for (int f = 0; f < FILES; f++) {
        script.append(put("d" + d + "/f" + f, file("text " + d + "," + f)), ++time);
      }
      if (d % 50 == 49) {
        repository.log(WEB).append(script.take(), script.cursor());
      }
    }
    snapshot = repository.history(WEB).snapshotNow().orElseThrow();
    firstTime = time;
    for (int i = 0; i < LATER; i++) {
      script.append(put("d7/later" + i, file("later " + i)), ++time);
      repository.log(WEB).append(script.take(), script.cursor());
    }
    repository.compaction(WEB).run();
    repository.storePack(List.of(entry("text 150,77"), entry("another")));
    putIndexOfOthers();
    store.take();
  }

  /** What an index of many packs looks like; the packs are not there. */
  private void putIndexOfOthers() throws IOException {
    Random random = new Random(5);
    TreeMap<PackId, List<PackedChunk>> tables = new TreeMap<>();
    for (int p = 0; p < 1_000; p++) {
      List<PackedChunk> chunks = new ArrayList<>();
      for (int c = 0; c < 150; c++) {
        chunks.add(new PackedChunk(ChunkId.of(random(random)), 44 + c * 1_000, 900));
      }
      tables.put(new PackId(ContentHash.of(random(random))), chunks);
    }
    byte[] encoded = IndexBlob.encode(tables);
    store.put(IndexBlob.nameOf(encoded), encoded);
  }

  private static byte[] random(Random random) {
    byte[] bytes = new byte[ChunkId.BYTES];
    random.nextBytes(bytes);
    return bytes;
  }

  /** All that restoring it asks of the store. */
  @Test
  void oneSmallFileIsReadToItsLastByteInAFewRequests() throws IOException {
    Repository reader = Repository.open(store);
    Node node =
        reader
            .history(WEB)
            .at(new At.Newest())
            .tree()
            .find(NodePath.ofText("d150/f77"))
            .orElseThrow();
    assertThat(node).isInstanceOf(Node.File.class);
    Extent extent = ((Node.File) node).content().extents().getFirst();

    assertThat(reader.readChunk(((Extent.Chunk) extent).id())).isEqualTo(plain("text 150,77"));

    Requests requests = store.take();
    // The tree's log and snapshots, the index, what clean-up is about to delete.
    assertThat(requests.lists()).isEqualTo(4);
    assertThat(requests.reads()).isLessThanOrEqualTo(25);
    assertThat(requests.readBytes()).isLessThan(400 << 10);
  }

  private TreeAt open(At at) throws IOException {
    return Repository.open(store).history(WEB).at(at);
  }

  @Test
  void oneFileOfTheNewestTreeTakesTwoListingsAndSomeReads() throws IOException {
    TreeAt newest = open(new At.Newest());
    assertThat(newest.tree().find(NodePath.ofText("d150/f77"))).isPresent();

    Requests requests = store.take();
    assertThat(requests.lists()).isEqualTo(2);
    // The descriptor, marks, the newest segment for its end, merged and single segments behind the
    // snapshot, the snapshot, one manifest.
    assertThat(requests.reads()).isLessThanOrEqualTo(20);
    assertThat(requests.readBytes()).isLessThan(snapshot.manifestBytes() / 4);
  }

  @Test
  void oneDirectoryIsListedFromTheManifestsThatHoldIt() throws IOException {
    TreeAt at = open(new At.Sequence(snapshot.sequence()));
    Requests opening = store.take();
    List<TreeEntry> entries = new ArrayList<>();
    try (EntryStream children = at.tree().children(NodePath.ofText("d42"))) {
      for (Optional<TreeEntry> next = children.next(); next.isPresent(); next = children.next()) {
        entries.add(next.get());
      }
    }

    Requests listing = store.take();
    assertThat(entries).hasSize(FILES);
    assertThat(opening.lists()).isEqualTo(2);
    assertThat(opening.reads()).isLessThanOrEqualTo(4);
    assertThat(listing.lists()).isZero();
    assertThat(listing.reads()).isLessThanOrEqualTo(3);
    assertThat(listing.readBytes()).isLessThan(snapshot.manifestBytes() / 10);
  }

  @Test
  void anInstantOfTimeIsFoundByTheBeginningsOfSegments() throws IOException {
    TreeAt at = open(new At.Time(firstTime + LATER / 2));
    assertThat(at.tree().find(NodePath.ofText("d7/later" + (LATER / 2 - 1)))).isPresent();
    assertThat(at.tree().find(NodePath.ofText("d7/later" + (LATER / 2)))).isEmpty();

    Requests requests = store.take();
    assertThat(requests.lists()).isEqualTo(2);
    assertThat(requests.reads()).isLessThanOrEqualTo(30);
    assertThat(requests.readBytes()).isLessThan(snapshot.manifestBytes() / 4);
  }

  @Test
  void theHistoryOfOnePathReadsTheLogOnceAndNoTree() throws IOException {
    OpenHistory history = Repository.open(store).history(WEB).open();
    store.take();

    List<PathEvent> events = history.follow(NodePath.ofText("d7/later3"), 10).events();

    Requests requests = store.take();
    assertThat(events)
        .singleElement()
        .isInstanceOfSatisfying(
            PathEvent.Appeared.class,
            appeared -> assertThat(appeared.sequence()).isEqualTo(snapshot.sequence() + 4));
    assertThat(requests.lists()).isZero();
    // The four segments of before, marks, merged and single segments.
    assertThat(requests.reads()).isLessThanOrEqualTo(20);
  }
}
