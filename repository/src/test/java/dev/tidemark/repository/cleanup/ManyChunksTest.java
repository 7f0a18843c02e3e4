package dev.tidemark.repository.cleanup;

import static dev.tidemark.repository.cleanup.CleanupWorld.DAY;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.repository.blob.ContentHash;
import dev.tidemark.repository.index.ChunkFilter;
import dev.tidemark.repository.index.ChunkLocation;
import dev.tidemark.repository.index.IndexBlob;
import dev.tidemark.repository.pack.PackId;
import dev.tidemark.repository.pack.PackedChunk;
import dev.tidemark.schemas.chunk.ChunkId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Clean-up of an index that is far larger than what a run may hold of it. */
final class ManyChunksTest {
  private static final int PACKS = 2_000;
  private static final int CHUNKS_PER_PACK = 250;

  private final CleanupWorld world = new CleanupWorld(new Random(5));

  ManyChunksTest() throws IOException {}

  private static ChunkId id(int pack, int chunk) {
    return ChunkId.computeOf(ByteBuffer.allocate(8).putInt(pack).putInt(chunk).array());
  }

  private static PackId pack(int number) {
    return new PackId(ContentHash.compute(ByteBuffer.allocate(4).putInt(number).array()));
  }

  /** Index blobs of 40 packs each; the packs are names only, since nothing reads them. */
  private void index() throws IOException {
    for (int first = 0; first < PACKS; first += 40) {
      TreeMap<PackId, List<PackedChunk>> tables = new TreeMap<>();
      for (int number = first; number < first + 40; number++) {
        List<PackedChunk> chunks = new ArrayList<>();
        for (int chunk = 0; chunk < CHUNKS_PER_PACK; chunk++) {
          chunks.add(new PackedChunk(id(number, chunk), 44 + chunk * 1_000, 900));
        }
        tables.put(pack(number), chunks);
        world.store.put(pack(number).blobName(), new byte[] {1});
      }
      byte[] encoded = IndexBlob.encode(tables);
      world.store.put(IndexBlob.nameOf(encoded), encoded);
    }
  }

  private VictimChoice weigh(ChunkFilter live) throws IOException {
    VictimChoice choice = new VictimChoice(PackListing.of(world.store), Set.of(), live);
    choice.weigh(world.repository.index().blobs());
    return choice;
  }

  @Test
  void halfAMillionChunksAreWeighedWithinOneMebibyte() throws IOException {
    index();
    ChunkFilter live = new ChunkFilter(PACKS * CHUNKS_PER_PACK, 1 << 20, 3);
    // Of every second pack nothing is needed, of the others all.
    for (int number = 0; number < PACKS; number += 2) {
      for (int chunk = 0; chunk < CHUNKS_PER_PACK; chunk++) {
        live.add(id(number, chunk));
      }
    }
    world.now += 2 * DAY;

    var chosen = weigh(live).choose(CleanupConfig.DEFAULT, world.now - DAY);

    Set<PackId> dead = new HashSet<>();
    for (int number = 1; number < PACKS; number += 2) {
      dead.add(pack(number));
    }
    assertThat(live.overestimate()).isLessThan(0.001);
    assertThat(chosen)
        .filteredOn(candidate -> candidate.neededBytes() < 10_000)
        .extracting(VictimChoice.Candidate::pack)
        .containsExactlyInAnyOrderElementsOf(dead);
  }

  @Test
  void whatNeedsMoreCopyingThanIsAllowedIsLeftForLater() throws IOException {
    index();
    ChunkFilter live = new ChunkFilter(PACKS * CHUNKS_PER_PACK, 1 << 20, 3);
    for (int number = 0; number < PACKS; number++) {
      for (int chunk = 0; chunk < CHUNKS_PER_PACK / 2; chunk++) {
        live.add(id(number, chunk));
      }
    }
    world.now += 2 * DAY;
    CleanupConfig little = new CleanupConfig(CleanupWorld.GRACE, 1 << 20, 16 << 20, 5, 5_000_000);

    var chosen = weigh(live).choose(little, world.now - DAY);

    // A pack has some 113,000 bytes to be copied.
    assertThat(chosen).hasSizeBetween(30, 44);
  }

  @Test
  void packsAreRewrittenUntilNoMoreThanTheShareAllowedIsUnusedInTheOthers() throws IOException {
    index();
    ChunkFilter live = new ChunkFilter(PACKS * CHUNKS_PER_PACK, 1 << 20, 3);
    // From pack to pack a little less is needed, from all of the first to none of the last.
    for (int number = 0; number < PACKS; number++) {
      for (int chunk = 0; chunk < CHUNKS_PER_PACK * (PACKS - number) / PACKS; chunk++) {
        live.add(id(number, chunk));
      }
    }
    world.now += 2 * DAY;
    // With packs of this size none of those here is so small that it is joined with others.
    CleanupConfig config = new CleanupConfig(CleanupWorld.GRACE, 1 << 20, 1_000, 20, 1L << 40);
    VictimChoice choice = weigh(live);

    List<VictimChoice.Candidate> all = choice.choose(config.withUnusedPercent(0), world.now);
    List<VictimChoice.Candidate> chosen = choice.choose(config, world.now);
    List<VictimChoice.Candidate> few = choice.choose(config.withUnusedPercent(100), world.now);

    List<VictimChoice.Candidate> left = new ArrayList<>(all);
    left.removeAll(chosen);
    long copied = chosen.stream().mapToLong(VictimChoice.Candidate::neededBytes).sum();
    long dead = left.stream().mapToLong(VictimChoice.Candidate::deadBytes).sum();
    long stored = copied + left.stream().mapToLong(VictimChoice.Candidate::frameBytes).sum();
    assertThat((double) dead / stored).isBetween(0.19, 0.20);
    assertThat(left)
        .allSatisfy(
            candidate ->
                assertThat(candidate.deadShare())
                    .isLessThanOrEqualTo(chosen.getLast().deadShare()));
    assertThat(few).allSatisfy(candidate -> assertThat(candidate.neededBytes()).isZero());
  }

  @Test
  void theIndexIsWrittenAnewWithoutSomePacksAndInFewBlobs() throws IOException {
    index();
    Set<PackId> dropped = new HashSet<>();
    for (int number = 0; number < PACKS; number += 3) {
      dropped.add(pack(number));
    }

    world.repository.index().drop(dropped);

    List<String> blobs = new ArrayList<>();
    world.memory.list(IndexBlob.FOLDER, status -> blobs.add(status.name().value()));
    assertThat(blobs).hasSize(1);
    for (int number = 0; number < PACKS; number += 97) {
      List<ChunkLocation> found = world.repository.index().findAll(id(number, 7));
      if (dropped.contains(pack(number))) {
        assertThat(found).isEmpty();
      } else {
        assertThat(found).containsExactly(new ChunkLocation(pack(number), 44 + 7_000, 900));
      }
    }
  }
}
