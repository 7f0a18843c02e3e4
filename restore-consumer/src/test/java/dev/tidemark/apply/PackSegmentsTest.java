package dev.tidemark.apply;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.repository.Repository;
import dev.tidemark.repository.blob.BlobMissingException;
import dev.tidemark.repository.blob.BlobStore;
import dev.tidemark.repository.index.ChunkLocation;
import dev.tidemark.repository.pack.PackEntry;
import dev.tidemark.restore.TestRepository;
import dev.tidemark.schemas.change.Extent;
import dev.tidemark.schemas.change.FramePosition;
import dev.tidemark.schemas.chunk.ChunkId;
import dev.tidemark.schemas.frame.Frame;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class PackSegmentsTest {
  private static final int CHUNKS = 2_500;
  private static final int CHUNK_BYTES = 4_096;

  @TempDir private Path folder;

  /** Requests that cost a round trip, by method. */
  private final Map<String, Integer> requests = new ConcurrentHashMap<>();

  private final List<byte[]> plain = new ArrayList<>();
  private final List<Extent.Chunk> chunks = new ArrayList<>();

  /** One pack of some 10 MB, which are three segments. */
  @BeforeEach
  void storeOnePack() throws IOException {
    Random random = new Random(4);
    List<PackEntry> entries = new ArrayList<>();
    for (int i = 0; i < CHUNKS; i++) {
      byte[] bytes = new byte[CHUNK_BYTES];
      random.nextBytes(bytes);
      ChunkId id = ChunkId.computeOf(bytes);
      plain.add(bytes);
      chunks.add(new Extent.Chunk(id, CHUNK_BYTES, FramePosition.UNKNOWN));
      entries.add(new PackEntry(id, Frame.store(bytes, 0, bytes.length)));
    }
    try (TestRepository repository = TestRepository.create(folder)) {
      repository.repository().storePack(entries);
    }
  }

  private Repository openAsRemote() throws IOException {
    BlobStore local = Repository.openStore(folder.toString());
    return Repository.open(
        (BlobStore)
            Proxy.newProxyInstance(
                BlobStore.class.getClassLoader(),
                new Class<?>[] {BlobStore.class},
                (_, method, arguments) -> {
                  if (method.getName().equals("isRemote")) {
                    return true;
                  }
                  requests.merge(method.getName(), 1, Integer::sum);
                  try {
                    return method.invoke(local, arguments);
                  } catch (InvocationTargetException e) {
                    throw e.getCause();
                  }
                }));
  }

  private void assertRead(RepositoryFrames frames, int from, int to) throws Exception {
    Map<ChunkId, byte[]> read = frames.read(chunks.subList(from, to));
    for (int i = from; i < to; i++) {
      ChunkId id = chunks.get(i).id();
      assertThat(Frame.decode(id, read.getOrDefault(id, new byte[0]))).isEqualTo(plain.get(i));
    }
  }

  @Test
  void batchesOfNeighboursCostFewRequestsForEachSegment() throws Exception {
    try (Repository repository = openAsRemote()) {
      RepositoryFrames frames = new RepositoryFrames(repository);
      for (int i = 0; i < CHUNKS; i += 25) {
        assertRead(frames, i, i + 25);
      }

      // Of each of the three: what was wanted first, and the whole.
      assertThat(requests.get("getRange")).isLessThanOrEqualTo(2 * 3 + 2);
    }
  }

  @Test
  void oneSmallFileReadsNoMoreThanItsChunks() throws Exception {
    try (Repository repository = openAsRemote()) {
      assertRead(new RepositoryFrames(repository), 1_000, 1_002);

      assertThat(requests.get("getRange")).isEqualTo(1);
      assertThat(requests).doesNotContainKey("length");
    }
  }

  @Test
  void manyThreadsGetTheSameBytes() throws Exception {
    try (Repository repository = openAsRemote();
        ExecutorService pool = Executors.newFixedThreadPool(8)) {
      RepositoryFrames frames = new RepositoryFrames(repository);
      List<Future<?>> reads = new ArrayList<>();
      for (int round = 0; round < 4; round++) {
        for (int i = 0; i < CHUNKS; i += 125) {
          int from = i;
          reads.add(
              pool.submit(
                  () -> {
                    assertRead(frames, from, from + 125);
                    return null;
                  }));
        }
      }
      for (Future<?> read : reads) {
        read.get();
      }

      assertThat(requests.get("getRange")).isLessThan(40);
    }
  }

  @Test
  void aPackThatGoesMeanwhileIsSaidToEachReader() throws Exception {
    try (Repository repository = openAsRemote()) {
      PackSegments segments = new PackSegments(repository);
      ChunkLocation at = repository.locate(chunks.getFirst().id()).orElseThrow();
      segments.read(at.pack(), at.position(), at.length());
      repository.store().delete(at.pack().blobName());

      for (int i = 0; i < 2; i++) {
        assertThatThrownBy(() -> segments.read(at.pack(), at.position(), at.length()))
            .isInstanceOf(BlobMissingException.class);
      }
    }
  }
}
