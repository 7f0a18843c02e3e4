package dev.tidemark.repository.index;

import static dev.tidemark.repository.TestData.entry;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.repository.blob.BlobName;
import dev.tidemark.repository.blob.ContentHash;
import dev.tidemark.repository.blob.CountingBlobStore;
import dev.tidemark.repository.blob.CountingBlobStore.Requests;
import dev.tidemark.repository.blob.InMemoryBlobStore;
import dev.tidemark.repository.blob.TimedBlobStore;
import dev.tidemark.repository.pack.Pack;
import dev.tidemark.repository.pack.PackId;
import dev.tidemark.repository.pack.PackedChunk;
import dev.tidemark.repository.victim.Announcements;
import dev.tidemark.repository.victim.VictimList;
import dev.tidemark.schemas.chunk.ChunkId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Index blobs that are too large to be read whole for one question. */
final class IndexSearchTest {
  private final InMemoryBlobStore memory = new InMemoryBlobStore();
  private final CountingBlobStore store = new CountingBlobStore(memory);
  private final long seed = Long.getLong("tidemark.seed", System.nanoTime());
  private final Random random = new Random(seed);
  private final Map<ChunkId, Set<ChunkLocation>> model = new HashMap<>();

  IndexSearchTest() {
    System.out.println("tidemark.seed=" + seed);
  }

  private ChunkId uniformId() {
    byte[] id = new byte[ChunkId.BYTES];
    random.nextBytes(id);
    return ChunkId.of(id);
  }

  /** Ids that stand anywhere but where hashes would. */
  private ChunkId crowdedId() {
    byte[] id = new byte[ChunkId.BYTES];
    id[0] = (byte) (random.nextInt(2) * 255);
    id[1] = (byte) (random.nextInt(20) == 0 ? 0xff : 0);
    id[29] = (byte) random.nextInt(2);
    id[30] = (byte) random.nextInt(256);
    id[31] = (byte) random.nextInt(256);
    return ChunkId.of(id);
  }

  private interface Ids {
    ChunkId next();
  }

  private PackId randomPack() {
    byte[] hash = new byte[ContentHash.BYTES];
    random.nextBytes(hash);
    return new PackId(ContentHash.of(hash));
  }

  private BlobName putBlob(int packs, int chunksPerPack, Ids ids) throws IOException {
    TreeMap<PackId, List<PackedChunk>> tables = new TreeMap<>();
    for (int p = 0; p < packs; p++) {
      PackId pack = randomPack();
      List<PackedChunk> chunks = new ArrayList<>();
      for (int c = 0; c < chunksPerPack; c++) {
        PackedChunk chunk = new PackedChunk(ids.next(), c * 1_000 + 44, 900);
        chunks.add(chunk);
        model
            .computeIfAbsent(chunk.id(), _ -> new HashSet<>())
            .add(new ChunkLocation(pack, chunk.position(), chunk.length()));
      }
      tables.put(pack, chunks);
    }
    byte[] encoded = IndexBlob.encode(tables);
    BlobName name = IndexBlob.nameOf(encoded);
    store.put(name, encoded);
    return name;
  }

  private void assertLikeModel(int questions, Ids strangers) throws IOException {
    int asked = 0;
    for (Map.Entry<ChunkId, Set<ChunkLocation>> expected : model.entrySet()) {
      if (asked++ == questions) {
        break;
      }
      // Each time another index, which has read nothing yet.
      ChunkIndex index = new ChunkIndex(store);
      assertThat(index.findAll(expected.getKey()))
          .containsExactlyInAnyOrderElementsOf(expected.getValue());
      assertThat(expected.getValue()).contains(index.find(expected.getKey()).orElseThrow());
    }
    for (int i = 0; i < questions; i++) {
      ChunkId id = strangers.next();
      assertThat(new ChunkIndex(store).find(id).isPresent()).isEqualTo(model.containsKey(id));
    }
  }

  @Test
  void largeBlobsAreSearchedLikeAMap() throws IOException {
    putBlob(200, 300, this::uniformId);
    putBlob(40, 100, this::uniformId);
    assertLikeModel(200, this::uniformId);
  }

  @Test
  void idsThatAreNoHashesAreFoundToo() throws IOException {
    putBlob(100, 300, this::crowdedId);
    putBlob(50, 150, this::crowdedId);
    assertLikeModel(200, this::crowdedId);
  }

  @Test
  void oneChunkIsFoundByAHandfulOfReadsOfALittle() throws IOException {
    putBlob(1_000, 300, this::uniformId);
    store.take();
    ChunkId any = model.keySet().iterator().next();
    ChunkIndex index = new ChunkIndex(store);

    assertThat(index.find(any)).isPresent();
    Requests cold = store.take();
    assertThat(index.find(model.keySet().stream().skip(7).findFirst().orElseThrow())).isPresent();
    Requests warm = store.take();

    // The head, the fan-out, a run of entries, a pack's name.
    assertThat(cold.reads()).isEqualTo(4);
    assertThat(cold.readBytes()).isLessThan(64 << 10);
    assertThat(warm.lists()).isZero();
    assertThat(warm.reads()).isLessThanOrEqualTo(2);
    assertThat(warm.readBytes()).isLessThan(32 << 10);
  }

  @Test
  void whatIsAskedOftenIsReadWholeOnce() throws IOException {
    putBlob(100, 300, this::uniformId);
    store.take();
    ChunkIndex index = new ChunkIndex(store);
    for (ChunkId id : model.keySet()) {
      index.find(id);
    }

    Requests requests = store.take();
    assertThat(requests.reads()).isLessThan(50);
    assertThat(requests.readBytes()).isLessThan(2L * 30_000 * IndexBlob.ENTRY_BYTES);
  }

  @Test
  void addingAPackReadsNothing() throws IOException {
    ChunkIndex index = new ChunkIndex(store);
    Pack pack = Pack.encode(List.of(entry("a")));
    store.put(pack.id().blobName(), pack.bytes());
    store.take();

    index.add(pack);

    Requests requests = store.take();
    assertThat(requests.puts()).isEqualTo(1);
    assertThat(requests.reads() + requests.lists()).isZero();
    assertThat(index.find(pack.chunks().getFirst().id())).isPresent();
  }

  @Test
  void aLargeBlobThatIsCutOffOrOfAnotherShapeIsReplacedFromThePacks() throws IOException {
    Pack pack = Pack.encode(List.of(entry("a")));
    store.put(pack.id().blobName(), pack.bytes());
    new ChunkIndex(store).add(pack);
    BlobName large = putBlob(100, 100, this::uniformId);
    byte[] whole = store.get(large);
    byte[] cut = Arrays.copyOf(whole, whole.length - 1_000);
    memory.replace(large, cut);

    assertThat(new ChunkIndex(store).find(pack.chunks().getFirst().id())).isPresent();

    whole[9] ^= 1;
    memory.replace(large, whole);
    assertThat(new ChunkIndex(store).find(pack.chunks().getFirst().id())).isPresent();
  }

  @Test
  void aFlippedBitAmongTheEntriesShowsWhenAllIsRead() throws IOException {
    BlobName large = putBlob(100, 100, this::uniformId);
    byte[] whole = store.get(large);
    whole[whole.length / 2] ^= 1;
    memory.replace(large, whole);

    assertThatThrownBy(() -> IndexBlob.open(store, large))
        .isInstanceOf(CorruptIndexException.class);
    // What it does not give any more is looked for in the packs, which are not there in this test.
    assertThat(new ChunkIndex(store).rebuild()).isZero();
  }

  private List<BlobName> indexBlobs() {
    List<BlobName> names = new ArrayList<>();
    memory.list(IndexBlob.FOLDER, status -> names.add(status.name()));
    return names;
  }

  /** The law: whatever is merged and by whom, the index answers as a map does, from few blobs. */
  @Test
  void manySmallBlobsBecomeFewThatAnswerTheSame() throws IOException {
    ChunkIndex other = new ChunkIndex(store);
    store.take();
    for (int i = 0; i < 600; i++) {
      putBlob(1, 1 + random.nextInt(60), this::uniformId);
      if (i % 20 == 19) {
        new ChunkIndex(store).merge(InstantSource.system());
      }
      if (random.nextInt(10) == 0) {
        ChunkId id = model.keySet().iterator().next();
        other.refresh();
        assertThat(other.findAll(id)).containsExactlyInAnyOrderElementsOf(model.get(id));
      }
    }
    long entries = model.values().stream().mapToLong(Set::size).sum();
    Requests requests = store.take();

    assertThat(indexBlobs()).hasSizeLessThan(20 + 8);
    // Each entry is written some times, however many there are.
    assertThat(requests.putBytes()).isLessThan(8 * entries * IndexBlob.ENTRY_BYTES + (2 << 20));
    assertLikeModel(100, this::uniformId);
    Set<ChunkId> shown = new HashSet<>();
    new ChunkIndex(store).forEachChunk(shown::add);
    assertThat(shown).isEqualTo(model.keySet());
  }

  /** A pack that is about to be deleted must not come back by way of a merged blob. */
  @Test
  void blobsThatNameAnAnnouncedPackAreNotMerged() throws IOException {
    List<BlobName> names = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      names.add(putBlob(1, 5, this::uniformId));
    }
    PackId announced = IndexBlob.open(store, names.get(17)).packs().getFirst();
    BitSet dead = new BitSet();
    dead.set(0, 5);
    new Announcements(store)
        .announce(new VictimList(new TreeMap<>(Map.of(announced, dead)), List.of()));

    assertThat(new ChunkIndex(store).merge(InstantSource.system())).isEqualTo(39);

    assertThat(indexBlobs()).hasSize(2).contains(names.get(17));
    assertLikeModel(200, this::uniformId);
  }

  /** Or the same blobs would be merged again and again. */
  @Test
  void whoMayNotDeleteDoesNotMerge() throws IOException {
    TimedBlobStore refusing = new TimedBlobStore(store, InstantSource.system());
    refusing.refuseDeletions();
    for (int i = 0; i < 40; i++) {
      putBlob(1, 5, this::uniformId);
    }

    assertThat(new ChunkIndex(refusing).merge(InstantSource.system())).isZero();

    assertThat(indexBlobs()).hasSize(40);
  }

  @Test
  void aLargeBlobIsNotReadForAFewSmallOnesToBeMerged() throws IOException {
    putBlob(1_000, 100, this::uniformId);
    for (int i = 0; i < 20; i++) {
      putBlob(1, 20, this::uniformId);
    }
    store.take();

    assertThat(new ChunkIndex(store).merge(InstantSource.system())).isEqualTo(20);

    assertThat(store.take().readBytes()).isLessThan(100 << 10);
    assertThat(indexBlobs()).hasSize(2);
  }

  @Test
  void aSearchGoesOnWhereWhatItListedIsMergedAway() throws IOException {
    for (int i = 0; i < 40; i++) {
      putBlob(1, 5, this::uniformId);
    }
    ChunkIndex reader = new ChunkIndex(store);
    ChunkId first = model.keySet().iterator().next();
    reader.refresh();
    new ChunkIndex(store).merge(InstantSource.system());

    assertThat(reader.findAll(first)).containsExactlyInAnyOrderElementsOf(model.get(first));
    for (Map.Entry<ChunkId, Set<ChunkLocation>> expected : model.entrySet()) {
      assertThat(reader.findAll(expected.getKey()))
          .containsExactlyInAnyOrderElementsOf(expected.getValue());
    }
  }

  @Test
  void mergingDropsNothingWhereItDiesBetweenItsSteps() throws IOException {
    for (int i = 0; i < 40; i++) {
      putBlob(1, 5, this::uniformId);
    }
    List<BlobName> before = indexBlobs();
    Map<BlobName, byte[]> bytes = new HashMap<>();
    for (BlobName name : before) {
      bytes.put(name, memory.get(name));
    }
    new ChunkIndex(store).merge(InstantSource.system());
    // Killed before it had deleted what it merged, or some of it.
    for (BlobName name : before.subList(0, 1 + random.nextInt(before.size()))) {
      memory.put(name, ByteBuffer.wrap(bytes.get(name)));
    }

    assertLikeModel(200, this::uniformId);
    new ChunkIndex(store).merge(InstantSource.system());
    assertLikeModel(200, this::uniformId);
  }
}
