package dev.tidemark.repository.pack;

import static dev.tidemark.repository.TestData.entry;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.repository.blob.BlobMissingException;
import dev.tidemark.repository.blob.BlobStore;
import dev.tidemark.repository.blob.CorruptBlobException;
import dev.tidemark.repository.blob.InMemoryBlobStore;
import dev.tidemark.repository.blob.UnsupportedBlobException;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

final class PackTest {
  private final InMemoryBlobStore store = new InMemoryBlobStore();
  private final PackReader reader = new PackReader(store);
  private final Pack pack = Pack.encode(List.of(entry("one"), entry("two"), entry("three")));

  private void putPack() throws IOException {
    ((BlobStore) store).put(pack.id().blobName(), pack.bytes());
  }

  @Test
  void theFooterTellsWhereEachFrameLies() throws IOException {
    putPack();

    List<PackedChunk> table = reader.readTable(pack.id());

    assertThat(table).isEqualTo(pack.chunks()).hasSize(3);
    PackedChunk two = table.get(1);
    assertThat(reader.read(pack.id(), two.position(), two.length()))
        .isEqualTo(entry("two").frame());
  }

  @Test
  void entriesAreReadForwardWithTheirFrames() throws IOException {
    putPack();

    assertThat(reader.readAll(pack.id()))
        .extracting(PackEntry::id)
        .containsExactly(entry("one").id(), entry("two").id(), entry("three").id());
  }

  @Test
  void aChunkGivenTwiceIsHeldOnce() {
    assertThat(Pack.encode(List.of(entry("one"), entry("one"))).chunks()).hasSize(1);
  }

  @Test
  void anEmptyPackIsRefused() {
    assertThatThrownBy(() -> Pack.encode(List.of())).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void everyFlippedBitShowsWhenAllIsRead() throws IOException {
    for (int bit = 0; bit < pack.bytes().length * 8; bit++) {
      byte[] damaged = pack.bytes().clone();
      damaged[bit / 8] ^= (byte) (1 << bit % 8);
      store.replace(pack.id().blobName(), damaged);

      assertThatThrownBy(() -> reader.readAll(pack.id()))
          .as("bit %d", bit)
          .isInstanceOf(CorruptPackException.class)
          .hasMessageContaining(pack.id().toString())
          .hasMessageContaining("another copy");
    }
  }

  @Test
  void everyFlippedBitOfTheFooterShowsWhenTheTableIsRead() throws IOException {
    int footer = pack.bytes().length - 3 * Pack.FOOTER_ENTRY_BYTES - Pack.TRAILER_BYTES;
    for (int bit = footer * 8; bit < pack.bytes().length * 8; bit++) {
      byte[] damaged = pack.bytes().clone();
      damaged[bit / 8] ^= (byte) (1 << bit % 8);
      store.replace(pack.id().blobName(), damaged);

      assertThatThrownBy(() -> reader.readTable(pack.id()))
          .as("bit %d", bit)
          .isInstanceOf(CorruptPackException.class);
    }
  }

  @Test
  void everyTruncationShows() throws IOException {
    for (int length = 0; length < pack.bytes().length; length++) {
      store.replace(pack.id().blobName(), Arrays.copyOf(pack.bytes(), length));

      assertThatThrownBy(() -> reader.readTable(pack.id()))
          .as("length %d", length)
          .isInstanceOf(CorruptBlobException.class);
      assertThatThrownBy(() -> reader.readAll(pack.id())).isInstanceOf(CorruptBlobException.class);
    }
  }

  @Test
  void aPackWithoutItsFooterGivesTheFramesThatAreWhole() throws IOException {
    byte[] damaged = Arrays.copyOf(pack.bytes(), pack.chunks().get(2).position() + 1);
    damaged[pack.chunks().getFirst().position() + 3] ^= 1;
    store.replace(pack.id().blobName(), damaged);

    assertThat(reader.salvage(pack.id())).containsExactly(pack.chunks().get(1));
  }

  @Test
  void aNewerVersionIsNotTakenForDamage() throws IOException {
    byte[] newer = pack.bytes().clone();
    newer[5] = 2;
    store.replace(pack.id().blobName(), newer);

    assertThatThrownBy(() -> reader.readTable(pack.id()))
        .isInstanceOf(UnsupportedBlobException.class)
        .hasMessageContaining("version 2");
  }

  @Test
  void anAbsentPackIsSaidToBeAbsent() {
    assertThatThrownBy(() -> reader.readTable(pack.id())).isInstanceOf(BlobMissingException.class);
    assertThatThrownBy(() -> reader.read(pack.id(), 0, 1)).isInstanceOf(BlobMissingException.class);
  }
}
