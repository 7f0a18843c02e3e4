package dev.tidemark.repository.verify;

import static dev.tidemark.repository.TestData.DESCRIPTOR;
import static dev.tidemark.repository.TestData.WEB;
import static dev.tidemark.repository.TestData.directory;
import static dev.tidemark.repository.TestData.entry;
import static dev.tidemark.repository.TestData.file;
import static dev.tidemark.repository.TestData.idOf;
import static dev.tidemark.repository.TestData.put;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.repository.Repository;
import dev.tidemark.repository.StoredPack;
import dev.tidemark.repository.TestData.Script;
import dev.tidemark.repository.blob.BlobName;
import dev.tidemark.repository.blob.BlobStatus;
import dev.tidemark.repository.blob.FaultyBlobStore;
import dev.tidemark.repository.blob.FaultyBlobStore.PutFault;
import dev.tidemark.repository.blob.InMemoryBlobStore;
import dev.tidemark.repository.history.At;
import dev.tidemark.repository.pack.PackEntry;
import dev.tidemark.schemas.change.NodePath;
import dev.tidemark.schemas.chunk.ChunkId;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class RepairTest {
  /**
   * In the frame of a pack's first chunk: behind the pack's header, the entry's and the frame's.
   */
  private static final int FIRST_FRAME = 8 + 36 + 3;

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
    repository.history(WEB).snapshotNow();
  }

  private void seal() throws IOException {
    repository.log(WEB).append(script.take(), script.cursor());
  }

  private RepairReport repair(ChunkSource... sources) throws IOException {
    return Repository.open(store).repair(List.of(sources), Optional.empty(), _ -> {});
  }

  private void flip(BlobName name, int at) throws IOException {
    byte[] bytes = store.get(name);
    bytes[at] ^= 1;
    store.replace(name, bytes);
  }

  private List<BlobName> names(String folder) {
    List<BlobName> names = new ArrayList<>();
    store.list(folder, (BlobStatus status) -> names.add(status.name()));
    return names;
  }

  private String read(String content) throws IOException {
    return new String(Repository.open(store).readChunk(idOf(content)), UTF_8);
  }

  /** Has some contents, and shows what was asked for and something else. */
  private static ChunkSource having(String... contents) {
    return new ChunkSource() {
      @Override
      public String name() {
        return "a test";
      }

      @Override
      public void find(Set<ChunkId> wanted, Finder onFound) throws IOException {
        onFound.found(entry("not asked for"));
        for (String content : contents) {
          if (wanted.contains(idOf(content))) {
            onFound.found(entry(content));
            onFound.found(entry(content));
          }
        }
      }
    };
  }

  @Test
  void aSoundRepositoryIsLeftAsItIs() throws IOException {
    List<BlobName> before = names("");

    RepairReport report = repair(having("one"));

    assertThat(report.before().isSound()).isTrue();
    assertThat(report.after().isSound()).isTrue();
    assertThat(names("")).isEqualTo(before);
  }

  @Test
  void whatIsWholeInADamagedPackIsStoredAgainAndTheRestIsGotBack() throws IOException {
    flip(firstPack.pack().blobName(), FIRST_FRAME);

    RepairReport report = repair(having(), having("one"));

    assertThat(report.packs()).isEqualTo(1);
    assertThat(report.salvaged()).isEqualTo(1);
    assertThat(report.found()).extracting(RepairReport.Found::chunks).containsExactly(0L, 1L);
    assertThat(report.after().damages()).isEmpty();
    assertThat(names("packs/")).doesNotContain(firstPack.pack().blobName());
    assertThat(read("one")).isEqualTo("one");
    assertThat(read("two")).isEqualTo("two");
  }

  @Test
  void whatNobodyHasStaysLostAndIsNamed() throws IOException {
    flip(firstPack.pack().blobName(), FIRST_FRAME);

    RepairReport report = repair(having("two", "three"));

    assertThat(report.found().getFirst().chunks()).isZero();
    assertThat(report.after().damages())
        .singleElement()
        .satisfies(
            damage -> {
              assertThat(damage.subject()).isEqualTo("chunk " + idOf("one"));
              assertThat(damage.touches())
                  .extracting(touch -> touch.path().toString())
                  .containsOnly("a");
            });
    assertThat(read("two")).isEqualTo("two");
  }

  @Test
  void aMissingPackIsGotBackFromOutside() throws IOException {
    store.delete(firstPack.pack().blobName());

    RepairReport report = repair(having("one", "two"));

    assertThat(report.found().getFirst().chunks()).isEqualTo(2);
    assertThat(report.after().damages()).isEmpty();
    assertThat(read("one")).isEqualTo("one");
  }

  @Test
  void aPackOfWhichOnlyTheFooterIsDamagedIsMadeAgainInItsPlace() throws IOException {
    BlobName name = firstPack.pack().blobName();
    byte[] whole = store.get(name);
    flip(name, whole.length - 6);

    RepairReport report = repair();

    assertThat(report.salvaged()).isEqualTo(2);
    assertThat(report.after().damages()).isEmpty();
    assertThat(store.get(name)).isEqualTo(whole);
  }

  @Test
  void aPackThatIsGotBackWholeTakesThePlaceOfTheDamagedOne() throws IOException {
    StoredPack single = repository.storePack(List.of(entry("four")));
    script.append(put("d", file("four")), 2_004);
    seal();
    byte[] whole = store.get(single.pack().blobName());
    flip(single.pack().blobName(), FIRST_FRAME);

    RepairReport report = repair(having("four"));

    assertThat(report.after().damages()).isEmpty();
    assertThat(store.get(single.pack().blobName())).isEqualTo(whole);
  }

  @Test
  void aSourceThatGivesOtherBytesIsNotBelieved() throws IOException {
    store.delete(firstPack.pack().blobName());
    PackEntry wrong = new PackEntry(idOf("one"), entry("another").frame());
    ChunkSource lying =
        new ChunkSource() {
          @Override
          public String name() {
            return "a liar";
          }

          @Override
          public void find(Set<ChunkId> wanted, Finder onFound) throws IOException {
            onFound.found(wrong);
            throw new IOException("and a broken one");
          }
        };

    RepairReport report = repair(lying, having("two"));

    assertThat(report.found())
        .containsExactly(
            new RepairReport.Found("a liar", 0, "and a broken one"),
            new RepairReport.Found("a test", 1, ""));
    assertThat(report.after().damageCount()).isEqualTo(1);
  }

  @Test
  void indexBlobsAreMadeAgainFromThePacks() throws IOException {
    for (BlobName name : names("index/")) {
      flip(name, (int) store.length(name).getAsLong() / 2);
    }

    RepairReport report = repair();

    assertThat(report.before().damageCount()).isPositive();
    assertThat(report.after().damages()).isEmpty();
    assertThat(report.after().unindexedPacks()).isZero();
    assertThat(read("three")).isEqualTo("three");
  }

  @Test
  void damagedSnapshotsGoWhereTheLogGivesTheSameTrees() throws IOException {
    BlobName snapshot = names("trees/web/snapshots/").getFirst();
    flip(snapshot, 40);
    for (BlobName manifest : names("trees/web/manifests/")) {
      flip(manifest, 40);
    }

    RepairReport report = repair();

    assertThat(report.snapshots()).isEqualTo(2);
    assertThat(report.after().damages()).isEmpty();
    assertThat(names("trees/web/snapshots/")).isEmpty();
    var tree = Repository.open(store).history(WEB).at(new At.Newest()).tree();
    assertThat(tree.find(NodePath.ofText("c"))).isPresent();
  }

  @Test
  void aDamagedSnapshotWithoutTheLogBeforeItStays() throws IOException {
    BlobName snapshot = names("trees/web/snapshots/").getFirst();
    store.delete(names("trees/web/log/").getFirst());
    flip(snapshot, 40);

    RepairReport report = repair();

    assertThat(report.snapshots()).isZero();
    assertThat(names("trees/web/snapshots/")).contains(snapshot);
    assertThat(report.after().isSound()).isFalse();
  }

  @Test
  void interruptedAtAnyWriteItLosesNothingAndEndsTheSameWhenRunAgain() throws IOException {
    FaultyBlobStore whole = new FaultyBlobStore(damagedCopy());
    Repository.open(whole).repair(List.of(having("one")), Optional.empty(), _ -> {});
    assertThat(whole.puts()).isGreaterThan(3);
    assertThat(whole.deletes()).isGreaterThan(1);

    for (int step = 0; step < whole.puts(); step++) {
      for (PutFault fault : PutFault.values()) {
        int at = step;
        interruptAndRepeat(store -> store.failPut(at, fault));
      }
    }
    for (int step = 0; step < whole.deletes(); step++) {
      int at = step;
      interruptAndRepeat(store -> store.failDelete(at));
    }
  }

  private void interruptAndRepeat(Consumer<FaultyBlobStore> plan) throws IOException {
    InMemoryBlobStore copy = damagedCopy();
    FaultyBlobStore faulty = new FaultyBlobStore(copy);
    plan.accept(faulty);
    try {
      Repository.open(faulty).repair(List.of(having("one")), Optional.empty(), _ -> {});
    } catch (IOException planned) {
      assertThat(planned).hasStackTraceContaining("planned");
    }
    // What was whole before can be read, whatever had been done.
    assertThat(new String(Repository.open(copy).readChunk(idOf("two")), UTF_8)).isEqualTo("two");
    RepairReport again =
        Repository.open(copy).repair(List.of(having("one")), Optional.empty(), _ -> {});
    assertThat(again.after().damages()).isEmpty();
    assertThat(new String(Repository.open(copy).readChunk(idOf("one")), UTF_8)).isEqualTo("one");
  }

  private InMemoryBlobStore damagedCopy() throws IOException {
    InMemoryBlobStore copy = new InMemoryBlobStore();
    for (BlobName name : names("")) {
      copy.put(name, store.get(name));
    }
    byte[] damaged = store.get(firstPack.pack().blobName());
    damaged[FIRST_FRAME] ^= 1;
    copy.replace(firstPack.pack().blobName(), damaged);
    return copy;
  }
}
