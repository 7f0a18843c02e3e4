package dev.tidemark.repository;

import static dev.tidemark.repository.TestData.DESCRIPTOR;
import static dev.tidemark.repository.TestData.WEB;
import static dev.tidemark.repository.TestData.entry;
import static dev.tidemark.repository.TestData.idOf;
import static dev.tidemark.repository.TestData.plain;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.repository.blob.BlobName;
import dev.tidemark.repository.blob.BlobStore;
import dev.tidemark.repository.blob.FaultyBlobStore;
import dev.tidemark.repository.blob.FaultyBlobStore.PutFault;
import dev.tidemark.repository.blob.InMemoryBlobStore;
import dev.tidemark.repository.blob.LocalBlobStore;
import dev.tidemark.repository.pack.CorruptPackException;
import dev.tidemark.schemas.chunk.ChunkId;
import dev.tidemark.schemas.codec.ReleasedSchemas;
import dev.tidemark.schemas.cursor.Cursor;
import dev.tidemark.schemas.topic.RepositoryDescriptor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class RepositoryTest {
  private final InMemoryBlobStore memory = new InMemoryBlobStore();

  @Test
  void whatWasStoredIsReadByALaterProcess(@TempDir Path folder) throws IOException {
    try (Repository repository =
        Repository.create(Repository.openStore(folder.toString()), DESCRIPTOR)) {
      StoredPack pack = repository.storePack(List.of(entry("one"), entry("two")));
      assertThat(pack.chunks()).isEqualTo(2);
      assertThat(repository.contains(idOf("one"))).isTrue();
    }

    try (Repository repository = Repository.open(Repository.openStore(folder.toUri().toString()))) {
      assertThat(repository.descriptor()).isEqualTo(DESCRIPTOR);
      assertThat(repository.readChunk(idOf("two"))).isEqualTo(plain("two"));
      assertThat(repository.readFrame(idOf("one"))).isEqualTo(entry("one").frame());
      assertThat(repository.contains(idOf("three"))).isFalse();
      List<ChunkId> ids = new ArrayList<>();
      repository.forEachChunk(ids::add);
      assertThat(ids).containsExactlyInAnyOrder(idOf("one"), idOf("two"));
      assertThat(repository.trees()).isEmpty();
    }
  }

  @Test
  void aRepositoryHoldsEveryReleasedSchema() throws IOException {
    Repository.create(memory, DESCRIPTOR);

    List<String> names = new ArrayList<>();
    memory.list("schemas/", status -> names.add(status.name().value()));
    assertThat(names)
        .hasSize(
            (int)
                ReleasedSchemas.all().stream()
                    .map(ReleasedSchemas.Released::fingerprint)
                    .distinct()
                    .count());
    for (ReleasedSchemas.Released released : ReleasedSchemas.all()) {
      assertThat(names).contains("schemas/%016x.avsc".formatted(released.fingerprint()));
    }
  }

  @Test
  void aRepositoryIsMadeOnce() throws IOException {
    Repository.create(memory, DESCRIPTOR);

    assertThatThrownBy(() -> Repository.create(memory, DESCRIPTOR))
        .isInstanceOf(RepositoryExistsException.class)
        .hasMessageContaining("memory:///test");
  }

  @Test
  void aSuccessorNamesTheLostOneAndBeginsAboveItsSequences() throws IOException {
    RepositoryDescriptor successor =
        DESCRIPTOR.successor(new UUID(7, 8), 5, 3 * Cursor.INCARNATION + 42);

    Repository.create(memory, successor);

    RepositoryDescriptor read = Repository.open(memory).descriptor();
    assertThat(read).isEqualTo(successor);
    assertThat(read.replaces()).contains(DESCRIPTOR.id());
    assertThat(read.sequencesAfter()).isEqualTo(4 * Cursor.INCARNATION);
    assertThat(read.chunkSeed()).isEqualTo(DESCRIPTOR.chunkSeed());
  }

  @Test
  void anEmptyFolderIsNoRepository() {
    assertThatThrownBy(() -> Repository.open(memory))
        .isInstanceOf(RepositoryMissingException.class)
        .hasMessageContaining("memory:///test")
        .hasMessageContaining("tidemark up");
  }

  @Test
  void aNewerFormatIsRefusedWithItsRemedy() throws IOException {
    memory.put(
        DescriptorFile.NAME,
        "{\"format\":\"tidemark-repository\",\"formatVersion\":2,\"else\":true}".getBytes(UTF_8));

    assertThatThrownBy(() -> Repository.open(memory))
        .isInstanceOf(RepositoryFormatException.class)
        .hasMessageContaining("version 2")
        .hasMessageContaining("newer Tidemark");
  }

  @Test
  void everyFlippedBitOfTheDescriptorShows() throws IOException {
    Repository.create(memory, DESCRIPTOR);
    byte[] whole = memory.get(DescriptorFile.NAME);
    for (int bit = 0; bit < whole.length * 8; bit++) {
      byte[] damaged = whole.clone();
      damaged[bit / 8] ^= (byte) (1 << bit % 8);
      if (Character.isWhitespace(whole[bit / 8])) {
        continue;
      }
      memory.replace(DescriptorFile.NAME, damaged);
      assertThatThrownBy(() -> Repository.open(memory))
          .as("bit %d", bit)
          .isInstanceOfAny(CorruptRepositoryException.class, RepositoryFormatException.class)
          .hasMessageContaining("tidemark.json");
    }
  }

  @Test
  void anAddressOfAnotherKindIsRefused() {
    assertThatThrownBy(() -> Repository.openStore("gs://bucket/path"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("gs://bucket/path")
        .hasMessageContaining("file:///folder");
  }

  /**
   * A pack is put, the process dies or the answer is lost, at each of the two steps; the frames are
   * stored again.
   */
  @ParameterizedTest
  @EnumSource(PutFault.class)
  void aStoreThatWentWrongAtAnyStepIsRepeatedAndNothingReferredToIsMissing(PutFault fault)
      throws IOException {
    for (int step = 0; step < 2; step++) {
      InMemoryBlobStore store = new InMemoryBlobStore();
      FaultyBlobStore faulty = new FaultyBlobStore(store);
      Repository repository = Repository.create(faulty, DESCRIPTOR);
      faulty.failPut(step, fault);
      var entries = List.of(entry("one"), entry("two"));

      try {
        repository.storePack(entries);
      } catch (IOException planned) {
        requireNothingDangles(store);
        repository.storePack(entries);
      }

      requireNothingDangles(store);
      Repository later = Repository.open(store);
      assertThat(later.readChunk(idOf("one"))).isEqualTo(plain("one"));
      assertThat(later.readChunk(idOf("two"))).isEqualTo(plain("two"));
    }
  }

  private static void requireNothingDangles(BlobStore store) throws IOException {
    Repository repository = Repository.open(store);
    List<ChunkId> ids = new ArrayList<>();
    repository.forEachChunk(ids::add);
    for (ChunkId id : ids) {
      repository.readChunk(id);
    }
  }

  @Test
  void aMissingChunkIsNamed() throws IOException {
    Repository repository = Repository.create(memory, DESCRIPTOR);

    assertThatThrownBy(() -> repository.readChunk(idOf("none")))
        .isInstanceOf(ChunkMissingException.class)
        .hasMessageContaining(idOf("none").toString());
  }

  @Test
  void aChunkThatAnotherProcessStoredIsFoundWithoutBeingTold() throws IOException {
    Repository reader = Repository.create(memory, DESCRIPTOR);
    assertThat(reader.contains(idOf("new"))).isFalse();
    Repository.open(memory).storePack(List.of(entry("new")));

    assertThat(reader.readChunk(idOf("new"))).isEqualTo(plain("new"));
  }

  @Test
  void aDamagedFrameIsNamedWithItsPackAndNotGivenOut() throws IOException {
    Repository repository = Repository.create(memory, DESCRIPTOR);
    StoredPack pack = repository.storePack(List.of(entry("one")));
    flip(pack.pack().blobName(), 48);

    assertThatThrownBy(() -> repository.readChunk(idOf("one")))
        .isInstanceOf(CorruptPackException.class)
        .hasMessageContaining(pack.pack().toString());
  }

  /** One of two copies is gone, the other one is damaged, then there is a third. */
  @Test
  void aSecondCopyServesWhenTheFirstIsGoneOrDamaged() throws IOException {
    Repository repository = Repository.create(memory, DESCRIPTOR);
    StoredPack damaged = repository.storePack(List.of(entry("one"), entry("two")));
    StoredPack gone = repository.storePack(List.of(entry("one"), entry("three")));
    flip(damaged.pack().blobName(), 48);
    memory.delete(gone.pack().blobName());
    assertThatThrownBy(() -> repository.readChunk(idOf("one")))
        .isInstanceOf(CorruptPackException.class);
    Repository.open(memory).storePack(List.of(entry("one"), entry("four")));

    assertThat(repository.readChunk(idOf("one"))).isEqualTo(plain("one"));
  }

  @Test
  void aChunkIsFoundThoughTheIndexIsGone() throws IOException {
    Repository.create(memory, DESCRIPTOR).storePack(List.of(entry("one")));
    List<BlobName> index = new ArrayList<>();
    memory.list("index/", status -> index.add(status.name()));
    index.forEach(memory::delete);

    assertThat(Repository.open(memory).readChunk(idOf("one"))).isEqualTo(plain("one"));
    assertThat(Repository.open(memory).contains(idOf("one"))).isTrue();
  }

  private void flip(BlobName name, int at) throws IOException {
    byte[] bytes = memory.get(name);
    bytes[at] ^= 1;
    memory.replace(name, bytes);
  }

  @Test
  void treesAreThoseWithAFolder() throws IOException {
    Repository repository = Repository.create(memory, DESCRIPTOR);
    TestData.Script script = TestData.Script.start();
    repository.log(WEB).append(script.take(), script.cursor());

    assertThat(repository.trees()).containsExactly(WEB);
  }

  @Test
  void aLocalRepositoryHasNoTraceOfUnfinishedWork(@TempDir Path folder) throws IOException {
    try (Repository repository = Repository.create(LocalBlobStore.open(folder), DESCRIPTOR)) {
      repository.storePack(List.of(entry("one")));
    }
    assertThat(folder.resolve("tmp")).isEmptyDirectory();
  }
}
