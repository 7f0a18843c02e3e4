package dev.tidemark.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.repository.Repository;
import dev.tidemark.repository.history.At;
import dev.tidemark.schemas.change.Change;
import dev.tidemark.schemas.change.Extent;
import dev.tidemark.schemas.change.Node;
import dev.tidemark.schemas.change.NodePath;
import dev.tidemark.schemas.change.TreeName;
import dev.tidemark.schemas.chunk.ChunkId;
import dev.tidemark.schemas.tree.EntryStream;
import dev.tidemark.schemas.tree.TreeEntry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.awaitility.Awaitility;

/**
 * A tree to which a thread writes all the time, and a plain memory of how it stood after each
 * change. Every change that the memory has was acknowledged.
 */
final class LoadedTree implements AutoCloseable {
  private static final int NAMES = 40;
  private static final long PACE_NANOS = 8_000_000;

  private final TestWriter writer;
  private final Random random;
  private final TreeMap<Long, Map<String, List<ChunkId>>> moments = new TreeMap<>();
  private final Map<String, List<ChunkId>> files = new TreeMap<>();
  private final AtomicLong sequence = new AtomicLong();
  private final Thread thread;
  private volatile boolean stopping;
  private volatile Optional<Throwable> failure = Optional.empty();

  LoadedTree(TestCluster cluster, String name, long seed) throws Exception {
    random = new Random(seed);
    writer = cluster.writer(name).begin();
    remember();
    writer.send(writer.changes.directory(""));
    remember();
    thread = Thread.ofPlatform().name("writer-of-" + name).start(this::write);
  }

  TreeName name() {
    return writer.changes.tree;
  }

  /** Of the last change that was acknowledged. */
  long sequence() {
    return sequence.get();
  }

  private void write() {
    try {
      while (!stopping) {
        change();
        LockSupport.parkNanos(PACE_NANOS);
      }
    } catch (Throwable e) {
      failure = Optional.of(e);
    }
  }

  private void change() throws Exception {
    switch (random.nextInt(10)) {
      case 0 -> remove();
      case 1 -> move();
      default -> put();
    }
    remember();
  }

  private void put() throws Exception {
    List<byte[]> chunks = new ArrayList<>();
    // Some content is known already, some comes twice at about the same time.
    for (int left = 1 + random.nextInt(3); left > 0; left--) {
      boolean known = random.nextInt(4) == 0;
      chunks.add(
          known
              ? Changes.plain(random.nextInt(60), 9_000)
              : Changes.plain(random.nextLong(), 1 + random.nextInt(30_000)));
    }
    String name = "f" + random.nextInt(NAMES);
    writer.put(name, chunks.toArray(byte[][]::new));
    files.put(name, chunks.stream().map(Changes::id).toList());
  }

  private void remove() throws Exception {
    String name = "f" + random.nextInt(NAMES);
    files.remove(name);
    writer.send(writer.changes.next(new Change.Remove(NodePath.ofText(name))));
  }

  private void move() throws Exception {
    String from = "f" + random.nextInt(NAMES);
    String to = "f" + random.nextInt(NAMES);
    List<ChunkId> content = files.get(from);
    if (content == null || from.equals(to)) {
      put();
      return;
    }
    files.remove(from);
    files.put(to, content);
    writer.send(writer.changes.next(new Change.Move(NodePath.ofText(from), NodePath.ofText(to))));
  }

  private void remember() {
    moments.put(sequence.incrementAndGet(), new TreeMap<>(files));
  }

  /** Waits until that many changes were acknowledged. */
  void awaitChanges(long count) {
    Awaitility.await()
        .alias("changes of " + name())
        .atMost(Duration.ofSeconds(60))
        .until(() -> failure.isPresent() || sequence() >= count);
  }

  /** No more changes. */
  void stop() throws InterruptedException {
    stopping = true;
    thread.join();
    failure.ifPresent(
        e -> {
          throw new AssertionError("the writer failed", e);
        });
  }

  /** The newest moment, and some before it, come from the repository with every byte. */
  void assertRestores(Repository repository, int count) throws Exception {
    assertMoment(repository, moments.lastKey());
    Random choice = new Random(moments.size());
    List<Long> sequences = List.copyOf(moments.keySet());
    for (int i = 0; i < count; i++) {
      assertMoment(repository, sequences.get(choice.nextInt(sequences.size())));
    }
  }

  private void assertMoment(Repository repository, long at) throws Exception {
    Map<String, List<ChunkId>> found = new TreeMap<>();
    try (EntryStream entries =
        repository.history(name()).at(new At.Sequence(at)).tree().subtree(NodePath.ROOT)) {
      for (Optional<TreeEntry> next = entries.next(); next.isPresent(); next = entries.next()) {
        if (next.get().node() instanceof Node.File(_, var content)) {
          List<ChunkId> ids = new ArrayList<>();
          for (Extent extent : content.extents()) {
            Extent.Chunk chunk = (Extent.Chunk) extent;
            assertThat(repository.readChunk(chunk.id())).hasSize(chunk.plainBytes());
            ids.add(chunk.id());
          }
          found.put(next.get().path().toString(), ids);
        }
      }
    }
    assertThat(found).describedAs("tree %s at sequence %d", name(), at).isEqualTo(moments.get(at));
  }

  @Override
  public void close() throws InterruptedException {
    stopping = true;
    thread.join();
    writer.close();
  }
}
