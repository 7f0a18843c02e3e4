package dev.tidemark.store.pack;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.repository.Repository;
import dev.tidemark.repository.pack.PackId;
import dev.tidemark.repository.pack.PackedChunk;
import dev.tidemark.schemas.change.Bytes;
import dev.tidemark.schemas.chunk.ChunkBounds;
import dev.tidemark.schemas.chunk.ChunkId;
import dev.tidemark.schemas.frame.Frame;
import dev.tidemark.schemas.topic.RepositoryDescriptor;
import dev.tidemark.store.counts.Counters;
import dev.tidemark.store.pack.PackWriter.Offer;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class PackWriterTest {
  private static final PackLimits LIMITS = new PackLimits(1 << 20, Duration.ofHours(1), 4 << 20, 1);

  @TempDir private Path folder;

  private static ChunkId offer(PackWriter writer, PackClient client, long offset, long sentMillis) {
    byte[] plain = {(byte) offset, (byte) sentMillis};
    ChunkId id = ChunkId.computeOf(plain);
    byte[] frame = Frame.store(plain, 0, plain.length);
    assertThat(writer.offer(client, offset, sentMillis, id, frame, Duration.ZERO))
        .isEqualTo(Offer.TAKEN);
    return id;
  }

  /** Partitions are read one ahead of the other; files are not. */
  @Test
  void aPackIsInTheOrderInWhichItsFramesWereSent() throws Exception {
    BlockingQueue<Long> durable = new LinkedBlockingQueue<>();
    PackClient client =
        offsets -> {
          for (long offset : offsets) {
            durable.add(offset);
          }
        };
    try (Repository repository = create();
        PackWriter writer =
            new PackWriter(
                repository,
                LIMITS,
                new Counters(),
                failure -> {
                  throw new AssertionError(failure);
                })) {
      ChunkId third = offer(writer, client, 1, 7);
      ChunkId fifth = offer(writer, client, 2, 9);
      ChunkId first = offer(writer, client, 3, 5);
      ChunkId second = offer(writer, client, 4, 5);
      ChunkId fourth = offer(writer, client, 5, 7);
      writer.flushNow();

      Set<Long> told = new TreeSet<>();
      while (told.size() < 5) {
        told.add(durable.poll(30, TimeUnit.SECONDS));
      }
      assertThat(told).containsExactly(1L, 2L, 3L, 4L, 5L);
      assertThat(packed(repository)).containsExactly(first, second, third, fourth, fifth);
    }
  }

  private Repository create() throws IOException {
    return Repository.create(
        Repository.openStore(folder.resolve("repository").toString()),
        new RepositoryDescriptor(
            new UUID(3, 3),
            RepositoryDescriptor.FORMAT_VERSION,
            0,
            ChunkBounds.DEFAULT,
            Bytes.of(new byte[RepositoryDescriptor.SEED_BYTES]),
            1,
            1));
  }

  private static List<ChunkId> packed(Repository repository) throws IOException {
    List<ChunkId> chunks = new ArrayList<>();
    List<PackId> packs = new ArrayList<>();
    repository
        .store()
        .list(PackId.FOLDER, status -> PackId.find(status.name()).ifPresent(packs::add));
    for (PackId pack : packs) {
      repository.packs().readTable(pack).stream().map(PackedChunk::id).forEach(chunks::add);
    }
    return chunks;
  }
}
