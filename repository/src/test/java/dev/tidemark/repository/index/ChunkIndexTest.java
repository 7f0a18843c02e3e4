package dev.tidemark.repository.index;

import static dev.tidemark.repository.TestData.entry;
import static dev.tidemark.repository.TestData.idOf;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.repository.blob.BlobName;
import dev.tidemark.repository.blob.BlobStatus;
import dev.tidemark.repository.blob.CorruptBlobException;
import dev.tidemark.repository.blob.FaultyBlobStore;
import dev.tidemark.repository.blob.InMemoryBlobStore;
import dev.tidemark.repository.blob.UnsupportedBlobException;
import dev.tidemark.repository.pack.Pack;
import dev.tidemark.repository.pack.PackEntry;
import dev.tidemark.repository.pack.PackId;
import dev.tidemark.repository.pack.PackedChunk;
import dev.tidemark.schemas.chunk.ChunkId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

final class ChunkIndexTest {
  private final InMemoryBlobStore store = new InMemoryBlobStore();

  private Pack store(String... texts) throws IOException {
    List<PackEntry> entries = new ArrayList<>();
    for (String text : texts) {
      entries.add(entry(text));
    }
    Pack pack = Pack.encode(entries);
    store.put(pack.id().blobName(), ByteBuffer.wrap(pack.bytes()));
    return pack;
  }

  private List<BlobName> indexBlobs() {
    List<BlobName> names = new ArrayList<>();
    store.list(IndexBlob.FOLDER, (BlobStatus status) -> names.add(status.name()));
    return names;
  }

  @Test
  void whatWasAddedIsFoundByThisIndexAndByALaterOne() throws IOException {
    Pack pack = store("a", "b");
    ChunkIndex index = new ChunkIndex(store);

    index.add(pack);

    PackedChunk b = pack.chunks().get(1);
    ChunkLocation expected = new ChunkLocation(pack.id(), b.position(), b.length());
    assertThat(index.find(idOf("b"))).contains(expected);
    assertThat(new ChunkIndex(store).find(idOf("b"))).contains(expected);
    assertThat(index.find(idOf("c"))).isEmpty();
  }

  @Test
  void whatAnotherAddedIsFoundAfterARefresh() throws IOException {
    ChunkIndex index = new ChunkIndex(store);
    assertThat(index.find(idOf("a"))).isEmpty();
    new ChunkIndex(store).add(store("a"));

    assertThat(index.find(idOf("a"))).isEmpty();
    index.refresh();

    assertThat(index.find(idOf("a"))).isPresent();
  }

  @Test
  void aChunkInTwoPacksHasTwoPlaces() throws IOException {
    ChunkIndex index = new ChunkIndex(store);
    Pack first = store("a", "b");
    Pack second = store("b", "c");
    index.add(first);
    index.add(second);

    assertThat(index.findAll(idOf("b")))
        .extracting(ChunkLocation::pack)
        .containsExactlyInAnyOrder(first.id(), second.id());
  }

  /** Else who opens the repository next would have to read the packs again. */
  @Test
  void whatCouldNotBePutWhenItWasMadeIsPutWhenPacksAreDropped() throws IOException {
    FaultyBlobStore failing = new FaultyBlobStore(store);
    ChunkIndex index = new ChunkIndex(failing);
    Pack gone = store("gone");
    index.add(gone);
    store("a");
    failing.failPut(0, FaultyBlobStore.PutFault.FAIL_BEFORE);
    index.rebuild();
    int before = indexBlobs().size();

    index.drop(Set.of(gone.id()));

    assertThat(before).isEqualTo(1);
    assertThat(index.find(idOf("a"))).isPresent();
    assertThat(new ChunkIndex(store).find(idOf("a"))).isPresent();
  }

  /** The law: the index answers as a map does, for ids that share prefixes too. */
  @Test
  void randomTablesAreSearchedLikeAMap() throws IOException {
    long seed = Long.getLong("tidemark.seed", System.nanoTime());
    System.out.println("tidemark.seed=" + seed);
    Random random = new Random(seed);
    Map<ChunkId, Set<ChunkLocation>> model = new HashMap<>();
    TreeMap<PackId, List<PackedChunk>> tables = new TreeMap<>();
    for (int p = 0; p < 5; p++) {
      PackId pack = Pack.encode(List.of(entry("pack " + p))).id();
      List<PackedChunk> chunks = new ArrayList<>();
      for (int i = 0; i < 400; i++) {
        ChunkId id = randomId(random);
        PackedChunk chunk = new PackedChunk(id, random.nextInt(1 << 30), 1 + random.nextInt(9));
        chunks.add(chunk);
        model
            .computeIfAbsent(id, _ -> new HashSet<>())
            .add(new ChunkLocation(pack, chunk.position(), chunk.length()));
      }
      tables.put(pack, chunks);
    }
    byte[] encoded = IndexBlob.encode(tables);
    store.put(IndexBlob.nameOf(encoded), ByteBuffer.wrap(encoded));
    ChunkIndex index = new ChunkIndex(store);

    for (Map.Entry<ChunkId, Set<ChunkLocation>> expected : model.entrySet()) {
      assertThat(index.findAll(expected.getKey()))
          .containsExactlyInAnyOrderElementsOf(expected.getValue());
      assertThat(expected.getValue()).contains(index.find(expected.getKey()).orElseThrow());
    }
    for (int i = 0; i < 1000; i++) {
      ChunkId id = randomId(random);
      assertThat(index.find(id).isPresent()).isEqualTo(model.containsKey(id));
    }
    Set<ChunkId> shown = new HashSet<>();
    index.forEachChunk(shown::add);
    assertThat(shown).isEqualTo(model.keySet());
  }

  private static ChunkId randomId(Random random) {
    byte[] id = new byte[ChunkId.BYTES];
    id[0] = (byte) (random.nextInt(4) * 85);
    id[8] = (byte) random.nextInt(3);
    id[17] = (byte) random.nextInt(3);
    id[31] = (byte) random.nextInt(256);
    return ChunkId.of(id);
  }

  @Test
  void aLostIndexIsRebuiltFromThePacks() throws IOException {
    ChunkIndex index = new ChunkIndex(store);
    for (int i = 0; i < 70; i++) {
      index.add(store("chunk " + i, "other " + i));
    }
    indexBlobs().forEach(store::delete);
    ChunkIndex later = new ChunkIndex(store);
    assertThat(later.find(idOf("chunk 3"))).isEmpty();

    assertThat(later.rebuild()).isEqualTo(2);

    for (int i = 0; i < 70; i++) {
      assertThat(later.find(idOf("chunk " + i))).isEqualTo(index.find(idOf("chunk " + i)));
    }
    assertThat(later.rebuild()).isZero();
    assertThat(new ChunkIndex(store).find(idOf("other 69"))).isPresent();
  }

  @Test
  void everyFlippedBitAndTruncationOfAnIndexBlobShows() throws IOException {
    new ChunkIndex(store).add(store("a", "b"));
    BlobName name = indexBlobs().getFirst();
    byte[] whole = store.get(name);
    for (int bit = 0; bit < whole.length * 8; bit++) {
      byte[] damaged = whole.clone();
      damaged[bit / 8] ^= (byte) (1 << bit % 8);
      store.replace(name, damaged);
      assertThatThrownBy(() -> IndexBlob.open(store, name))
          .as("bit %d", bit)
          .isInstanceOf(CorruptIndexException.class)
          .hasMessageContaining(name.value());
    }
    for (int length = 0; length < whole.length; length++) {
      store.replace(name, Arrays.copyOf(whole, length));
      assertThatThrownBy(() -> IndexBlob.open(store, name))
          .isInstanceOf(CorruptBlobException.class);
    }
  }

  @Test
  void aDamagedIndexBlobIsReplacedFromThePacksWhenItIsMet() throws IOException {
    ChunkIndex index = new ChunkIndex(store);
    index.add(store("a"));
    BlobName damaged = indexBlobs().getFirst();
    index.add(store("b"));
    byte[] bytes = store.get(damaged);
    bytes[40] ^= 1;
    store.replace(damaged, bytes);

    ChunkIndex later = new ChunkIndex(store);

    assertThat(later.find(idOf("a"))).isEqualTo(index.find(idOf("a"))).isPresent();
    assertThat(later.find(idOf("b"))).isPresent();
    assertThat(IndexBlob.open(store, damaged).size()).isEqualTo(1);
  }

  @Test
  void aNewerVersionIsNotTakenForDamage() throws IOException {
    new ChunkIndex(store).add(store("a"));
    BlobName name = indexBlobs().getFirst();
    byte[] newer = store.get(name);
    newer[5] = 2;
    var checksum = new java.util.zip.CRC32C();
    checksum.update(newer, 0, newer.length - 4);
    ByteBuffer.wrap(newer).putInt(newer.length - 4, (int) checksum.getValue());
    store.replace(name, newer);

    assertThatThrownBy(() -> new ChunkIndex(store).find(idOf("a")))
        .isInstanceOf(UnsupportedBlobException.class);
  }
}
