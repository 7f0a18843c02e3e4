package dev.tidemark.repository.stats;

import static dev.tidemark.repository.TestData.DESCRIPTOR;
import static dev.tidemark.repository.TestData.WEB;
import static dev.tidemark.repository.TestData.directory;
import static dev.tidemark.repository.TestData.entry;
import static dev.tidemark.repository.TestData.idOf;
import static dev.tidemark.repository.TestData.put;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.repository.Repository;
import dev.tidemark.repository.TestData.Script;
import dev.tidemark.repository.blob.BlobStore;
import dev.tidemark.repository.blob.InMemoryBlobStore;
import dev.tidemark.repository.pack.PackEntry;
import dev.tidemark.repository.stats.ChunkUse.Stored;
import dev.tidemark.repository.stats.StoreUse.Amount;
import dev.tidemark.repository.stats.StoreUse.Kind;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ChunkUseTest {
  private final BlobStore store = new InMemoryBlobStore();

  @Test
  void eachChunkCountsOnceAndTakesWhatItsFrameDoes() throws IOException {
    Repository repository = Repository.create(store, DESCRIPTOR);
    List<PackEntry> pack = new ArrayList<>();
    long frames = 0;
    for (int i = 0; i < 5_000; i++) {
      pack.add(entry("text " + i));
      frames += i < 1_000 ? entry("text " + i).frame().length : 0;
    }
    repository.storePack(pack);
    // A second copy of some of them.
    repository.storePack(pack.subList(10, 20));

    ChunkUse use = ChunkUse.begin(repository.index());
    for (int round = 0; round < 2; round++) {
      for (int i = 0; i < 1_000; i++) {
        use.add(idOf("text " + i), 7);
      }
    }
    use.add(idOf("not stored"), 10);
    use.addList(idOf("text 0"));

    assertThat(use.chunks()).isEqualTo(1_001);
    assertThat(use.plainBytes()).isEqualTo(7_010);
    assertThat(use.stored()).isEqualTo(new Stored(1_000, frames));
    assertThat(use.error()).isLessThan(1e-4);
  }

  @Test
  void aRepositoryWithoutAnyChunkIsCounted() throws IOException {
    Repository repository = Repository.create(store, DESCRIPTOR);

    ChunkUse use = ChunkUse.begin(repository.index());
    use.addList(idOf("list"));

    assertThat(use.stored()).isEqualTo(new Stored(0, 0));
    assertThat(use.chunks()).isEqualTo(1);
    assertThat(use.plainBytes()).isZero();
  }

  @Test
  void everyBlobIsOfOneKind() throws IOException {
    Repository repository = Repository.create(store, DESCRIPTOR);
    repository.storePack(List.of(entry("one")));
    repository.storePack(List.of(entry("two")));
    Script script = Script.start().append(put("", directory()), 2_000);
    repository.log(WEB).append(script.take(), script.cursor());
    repository.history(WEB).snapshotNow();
    repository.log(WEB).addGap(1, 1);
    List<Long> all = new ArrayList<>();
    store.list("", status -> all.add(status.bytes()));

    StoreUse use = StoreUse.of(store);

    assertThat(use.amount(Kind.PACKS).count()).isEqualTo(2);
    assertThat(use.amount(Kind.INDEX_BLOBS).count()).isEqualTo(2);
    assertThat(use.amount(Kind.LOG_SEGMENTS).count()).isEqualTo(1);
    assertThat(use.amount(Kind.SNAPSHOTS).count()).isEqualTo(1);
    assertThat(use.amount(Kind.MANIFESTS).count()).isEqualTo(1);
    assertThat(use.amounts().values().stream().mapToLong(Amount::count).sum())
        .isEqualTo(all.size());
    assertThat(use.bytes()).isEqualTo(all.stream().mapToLong(bytes -> bytes).sum());
  }
}
