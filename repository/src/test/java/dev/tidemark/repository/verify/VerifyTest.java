package dev.tidemark.repository.verify;

import static dev.tidemark.repository.TestData.DESCRIPTOR;
import static dev.tidemark.repository.TestData.WEB;
import static dev.tidemark.repository.TestData.directory;
import static dev.tidemark.repository.TestData.entry;
import static dev.tidemark.repository.TestData.file;
import static dev.tidemark.repository.TestData.idOf;
import static dev.tidemark.repository.TestData.put;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.repository.Repository;
import dev.tidemark.repository.StoredPack;
import dev.tidemark.repository.TestData.Script;
import dev.tidemark.repository.blob.BlobName;
import dev.tidemark.repository.blob.BlobStatus;
import dev.tidemark.repository.blob.InMemoryBlobStore;
import dev.tidemark.repository.pack.Pack;
import dev.tidemark.repository.pack.PackEntry;
import dev.tidemark.repository.verify.Damage.Touch;
import dev.tidemark.schemas.change.Content;
import dev.tidemark.schemas.change.Extent;
import dev.tidemark.schemas.change.FramePosition;
import dev.tidemark.schemas.change.Metadata;
import dev.tidemark.schemas.change.Node;
import dev.tidemark.schemas.change.NodePath;
import dev.tidemark.schemas.chunk.ChunkId;
import dev.tidemark.schemas.codec.Records;
import dev.tidemark.schemas.frame.Frame;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class VerifyTest {
  private final InMemoryBlobStore store = new InMemoryBlobStore();
  private final Script script = Script.start().append(put("", directory()), 2_000);
  private Repository repository;
  private StoredPack firstPack;

  @BeforeEach
  void createRepository() throws IOException {
    repository = Repository.create(store, DESCRIPTOR);
    firstPack = repository.storePack(List.of(entry("one"), entry("two")));
    repository.storePack(List.of(entry("three")));
    script.append(put("a", file("one")), 2_001).append(put("b", file("two")), 2_002);
    seal();
    repository.history(WEB).snapshotNow();
    script.append(put("c", file("three")), 2_003);
    seal();
  }

  private void seal() throws IOException {
    repository.log(WEB).append(script.take(), script.cursor());
  }

  private VerifyReport verify(VerifyMode mode) throws IOException {
    return Repository.open(store).verify(mode);
  }

  private void flip(BlobName name, int at) throws IOException {
    byte[] bytes = store.get(name);
    bytes[at < 0 ? bytes.length + at : at] ^= 1;
    store.replace(name, bytes);
  }

  private List<BlobName> names(String folder) {
    List<BlobName> names = new ArrayList<>();
    store.list(folder, (BlobStatus status) -> names.add(status.name()));
    return names;
  }

  private static Touch touch(String path, long sequence) {
    // Each change of the script comes a millisecond after the one before.
    return new Touch(WEB, NodePath.ofText(path), sequence, 1_998 + sequence);
  }

  @Test
  void aSoundRepositoryIsCounted() throws IOException {
    for (VerifyMode mode : VerifyMode.values()) {
      VerifyReport report = verify(mode);

      assertThat(report.damages()).isEmpty();
      assertThat(report.isSound()).isTrue();
      assertThat(report.packs()).isEqualTo(2);
      assertThat(report.packedChunks()).isEqualTo(3);
      assertThat(report.indexBlobs()).isEqualTo(2);
      assertThat(report.segments()).isEqualTo(2);
      assertThat(report.changes()).isEqualTo(5);
      assertThat(report.snapshots()).isEqualTo(1);
      assertThat(report.manifests()).isEqualTo(1);
    }
  }

  @Test
  void aDamagedFrameNamesThePathsAndInstantsOfItsChunkOnly() throws IOException {
    // In the frame of "one": behind the pack's header, the entry's, and the frame's.
    flip(firstPack.pack().blobName(), 8 + 36 + 3);

    assertThat(verify(VerifyMode.STRUCTURE).isSound()).isTrue();
    VerifyReport report = verify(VerifyMode.READ_DATA);
    assertThat(report.damages()).hasSize(1);
    Damage damage = report.damages().getFirst();
    assertThat(damage.subject()).isEqualTo(firstPack.pack().blobName().value());
    assertThat(damage.what()).contains("another copy");
    assertThat(damage.touches()).containsExactly(touch("a", 3), touch("a", 4));
    assertThat(damage.touchCount()).isEqualTo(2);
  }

  @Test
  void aDamagedFooterTouchesNoPath() throws IOException {
    flip(firstPack.pack().blobName(), -6);

    VerifyReport report = verify(VerifyMode.STRUCTURE);
    assertThat(report.damages())
        .singleElement()
        .satisfies(damage -> assertThat(damage.touches()).isEmpty());
  }

  /** All bytes are there: what has to be done is another thing than with lost chunks. */
  @Test
  void aMissingIndexBlobIsSaidAndNoChunkIsCalledLost() throws IOException {
    for (BlobName blob : names("index/")) {
      store.delete(blob);
    }

    VerifyReport report = verify(VerifyMode.STRUCTURE);

    Damage damage = report.damages().getFirst();
    assertThat(report.damageCount()).isEqualTo(1);
    assertThat(report.unindexedPacks()).isEqualTo(2);
    assertThat(damage.subject()).isEqualTo("index");
    assertThat(damage.what()).contains("index is missing entries", "`tidemark repair`");
    assertThat(damage.touches()).isEmpty();
  }

  @Test
  void aMissingPackNamesAllThatItHeld() throws IOException {
    store.delete(firstPack.pack().blobName());

    Damage damage = verify(VerifyMode.STRUCTURE).damages().getFirst();
    assertThat(damage.subject()).isEqualTo(firstPack.pack().blobName().value());
    assertThat(damage.touches())
        .containsExactly(touch("a", 3), touch("b", 4), touch("a", 4), touch("b", 4));
  }

  @Test
  void aSecondCopyOfAMissingPacksChunksLeavesOnlyThePackToReport() throws IOException {
    repository.storePack(List.of(entry("two"), entry("one")));
    store.delete(firstPack.pack().blobName());

    VerifyReport report = verify(VerifyMode.READ_DATA);
    assertThat(report.damages())
        .singleElement()
        .satisfies(damage -> assertThat(damage.touches()).isEmpty());
  }

  @Test
  void aChunkInNoPackIsNamedWithItsPath() throws IOException {
    script.append(put("d", file("never stored")), 2_004);
    seal();

    Damage damage = verify(VerifyMode.STRUCTURE).damages().getFirst();
    assertThat(damage.subject()).isEqualTo("chunk " + idOf("never stored"));
    assertThat(damage.touches()).containsExactly(touch("d", 6));
  }

  @Test
  void whatALongFilesListNamesIsLookedAtToo() throws IOException {
    byte[] list = Records.encode(List.of(new Extent.Chunk(idOf("lost"), 4, FramePosition.UNKNOWN)));
    ChunkId listId = ChunkId.computeOf(list);
    repository.storePack(List.of(new PackEntry(listId, Frame.store(list, 0, list.length))));
    Node file =
        new Node.File(
            Metadata.of(0644, 0, 0, new Metadata.FileTime(0, 0)),
            new Content(
                4,
                List.of(
                    new Extent.Nested(
                        new Extent.Chunk(listId, list.length, FramePosition.UNKNOWN), 4)),
                false));
    script.append(put("long", file), 2_004).append(put("longer", file), 2_005);
    seal();

    Damage damage = verify(VerifyMode.STRUCTURE).damages().getFirst();
    assertThat(damage.subject()).isEqualTo("chunk " + idOf("lost"));
    assertThat(damage.touches()).containsExactly(touch("long", 6), touch("longer", 7));
  }

  @Test
  void eachDamagedBlobIsReportedByItsNameAndTheOthersAreStillLookedAt() throws IOException {
    for (String folder :
        List.of("index/", "trees/web/log/", "trees/web/manifests/", "trees/web/snapshots/")) {
      for (BlobName name : names(folder)) {
        byte[] whole = store.get(name);
        flip(name, whole.length / 2);
        VerifyReport flipped = verify(VerifyMode.STRUCTURE);
        store.replace(name, Arrays.copyOf(whole, whole.length - 1));
        VerifyReport truncated = verify(VerifyMode.STRUCTURE);
        store.replace(name, whole);

        assertThat(flipped.damages()).extracting(Damage::subject).contains(name.value());
        assertThat(truncated.damages()).extracting(Damage::subject).contains(name.value());
        assertThat(flipped.damages()).allSatisfy(d -> assertThat(d.touches()).isEmpty());
        assertThat(flipped.packs()).isEqualTo(2);
      }
    }
  }

  @Test
  void aMissingSegmentIsAHoleInTheTreesLog() throws IOException {
    script.append(put("d", file("one")), 2_004);
    seal();
    store.delete(names("trees/web/log/").get(1));

    assertThat(verify(VerifyMode.STRUCTURE).damages())
        .singleElement()
        .satisfies(
            damage -> {
              assertThat(damage.subject()).isEqualTo("trees/web/log");
              assertThat(damage.what()).contains("Changes 5 to 5 of tree web are missing");
            });
  }

  @Test
  void aPackThatACrashLeftUnindexedIsWasteAndNoDamage() throws IOException {
    Pack alone = Pack.encode(List.of(entry("alone")));
    store.put(alone.id().blobName(), alone.bytes());

    VerifyReport report = verify(VerifyMode.STRUCTURE);
    assertThat(report.unindexedPacks()).isEqualTo(1);
    assertThat(report.isSound()).isTrue();
  }

  @Test
  void everySliceReadsItsPacksAndAllOfThemReadAll() throws IOException {
    for (int i = 0; i < 10; i++) {
      repository.storePack(List.of(entry("more " + i)));
    }
    flip(firstPack.pack().blobName(), 8 + 36 + 3);
    long read = 0;
    long damaged = 0;
    for (int part = 1; part <= 3; part++) {
      VerifyReport report =
          Repository.open(store).verify(VerifyOptions.of(VerifyMode.READ_DATA).withSlice(part, 3));
      read += report.readPacks();
      damaged += report.damageCount();
      assertThat(report.packs()).isEqualTo(12);
    }

    assertThat(read).isEqualTo(12);
    assertThat(damaged).isEqualTo(1);
  }

  @Test
  void progressReachesTheEnd() throws IOException {
    List<VerifyProgress> told = new ArrayList<>();

    Repository.open(store).verify(VerifyOptions.of(VerifyMode.STRUCTURE).withProgress(told::add));

    assertThat(told.getFirst().packs()).isEqualTo(1);
    VerifyProgress last = told.getLast();
    assertThat(last.packs()).isEqualTo(last.totalPacks()).isEqualTo(2);
    assertThat(last.bytes()).isEqualTo(last.totalBytes());
    // Five changes, and the three entries of the snapshot.
    assertThat(last.changes()).isEqualTo(5 + 3);
  }
}
