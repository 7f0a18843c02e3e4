package dev.tidemark.apply;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.repository.Repository;
import dev.tidemark.repository.blob.BlobStore;
import dev.tidemark.repository.pack.PackEntry;
import dev.tidemark.restore.TestRepository;
import dev.tidemark.schemas.change.Content;
import dev.tidemark.schemas.change.Extent;
import dev.tidemark.schemas.change.Metadata;
import dev.tidemark.schemas.change.Metadata.FileTime;
import dev.tidemark.schemas.change.Node;
import dev.tidemark.schemas.change.NodePath;
import dev.tidemark.schemas.chunk.ChunkId;
import java.io.File;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is asked of a store over a network, of which each request costs a way there and back. */
final class FetchPlanTest {
  private static final FileTime TIME = new FileTime(1_700_000_000, 5);
  private static final int FILES = 1_500;
  private static final int FILE_BYTES = 4_096;

  @TempDir Path folder;

  private final Random random = new Random(4);

  /** Bytes of packs asked for, a request each. */
  private final Queue<Integer> ranges = new ConcurrentLinkedQueue<>();

  private final TestFrames frames = new TestFrames();

  private Repository openAsRemote() throws IOException {
    BlobStore local = Repository.openStore(folder.resolve("repository").toString());
    return Repository.open(
        (BlobStore)
            Proxy.newProxyInstance(
                BlobStore.class.getClassLoader(),
                new Class<?>[] {BlobStore.class},
                (_, method, arguments) -> {
                  if (method.getName().equals("isRemote")) {
                    return true;
                  }
                  if (method.getName().equals("getRange")
                      && arguments[0].toString().contains("packs/")) {
                    ranges.add((Integer) arguments[2]);
                  }
                  try {
                    return method.invoke(local, arguments);
                  } catch (InvocationTargetException e) {
                    throw e.getCause();
                  }
                }));
  }

  private byte[] bytes(int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return bytes;
  }

  private static Map<NodePath, Node> treeWithRoot() {
    Map<NodePath, Node> tree = TestTarget.tree();
    tree.put(NodePath.ROOT, new Node.Directory(Metadata.of(0755, 0, 0, TIME)));
    return tree;
  }

  /** Packs of some chunks each, in an order that has nothing to do with that of paths. */
  private long store(int perPack) throws IOException {
    List<Map.Entry<ChunkId, byte[]>> all = new ArrayList<>(frames.all().entrySet());
    Collections.shuffle(all, random);
    long bytes = 0;
    try (TestRepository repository = TestRepository.create(folder.resolve("repository"))) {
      for (int from = 0; from < all.size(); from += perPack) {
        List<PackEntry> pack = new ArrayList<>();
        for (var frame : all.subList(from, Math.min(all.size(), from + perPack))) {
          pack.add(new PackEntry(frame.getKey(), frame.getValue()));
          bytes += frame.getValue().length;
        }
        repository.repository().storePack(pack);
      }
    }
    return bytes;
  }

  private SyncReport sync(Map<NodePath, Node> tree, SyncOptions options) throws IOException {
    try (Repository repository = openAsRemote()) {
      return TestTarget.sync(
          tree, new RepositoryFrames(repository), folder.resolve("target"), options);
    }
  }

  private static Extent.Chunk firstChunk(Map<NodePath, Node> tree, String path) {
    Node.File file = (Node.File) Objects.requireNonNull(tree.get(NodePath.ofText(path)));
    return (Extent.Chunk) file.content().extents().getFirst();
  }

  private long bytesAsked() {
    return ranges.stream().mapToLong(Integer::longValue).sum();
  }

  @Test
  void packsAreReadOnceThroughHoweverPathsAreSpreadOverThem() throws Exception {
    Map<NodePath, Node> tree = treeWithRoot();
    Map<String, byte[]> contents = new HashMap<>();
    for (int i = 0; i < FILES; i++) {
      byte[] bytes = bytes(FILE_BYTES);
      contents.put("file" + i, bytes);
      tree.put(NodePath.ofText("file" + i), frames.file(bytes, 0644, TIME));
    }
    long stored = store(500);

    SyncReport report = sync(tree, SyncOptions.DEFAULT.withWorkers(8));

    assertThat(report.filesWritten()).isEqualTo(FILES);
    for (Map.Entry<String, byte[]> file : contents.entrySet()) {
      assertThat(folder.resolve("target").resolve(file.getKey())).hasBinaryContent(file.getValue());
    }
    // Three packs of 2 MB, which are a request of up to 2 MiB each, or two.
    assertThat(ranges).hasSizeBetween(3, 6);
    assertThat(bytesAsked()).isBetween(stored, stored + (64 << 10));
  }

  @Test
  void aChunkThatManyFilesNeedIsFetchedOnce() throws Exception {
    Map<NodePath, Node> tree = treeWithRoot();
    byte[] shared = bytes(50_000);
    for (int i = 0; i < 300; i++) {
      byte[] own = bytes(20_000);
      byte[] both = Arrays.copyOf(own, own.length + shared.length);
      System.arraycopy(shared, 0, both, own.length, shared.length);
      List<Extent> extents =
          List.of(frames.chunk(own, 0, own.length), frames.chunk(shared, 0, shared.length));
      tree.put(
          NodePath.ofText("file" + i),
          new Node.File(Metadata.of(0644, 0, 0, TIME), new Content(both.length, extents, false)));
    }
    ChunkId repeated = ChunkId.computeOf(shared);
    long stored = store(1);

    // So little memory that there are many plans.
    SyncReport report =
        sync(tree, SyncOptions.DEFAULT.withMemoryBytes(1 << 20).withRepeated(repeated::equals));

    assertThat(report.filesWritten()).isEqualTo(300);
    assertThat(ranges).hasSize(301);
    assertThat(bytesAsked()).isEqualTo(stored);
    assertThat(Files.size(folder.resolve("target/file299"))).isEqualTo(70_000);
  }

  @Test
  void ofAFileChangedInPlaceOnlyThePartsThatDifferAreFetched() throws Exception {
    Map<NodePath, Node> tree = treeWithRoot();
    byte[] large = bytes(100 * TestFrames.CHUNK_BYTES);
    byte[] small = bytes(3 * TestFrames.CHUNK_BYTES);
    tree.put(NodePath.ofText("large"), frames.file(large, 0644, TIME));
    tree.put(NodePath.ofText("small"), frames.file(small, 0644, TIME));
    Path target = Files.createDirectory(folder.resolve("target"));
    Files.write(target.resolve("large"), large);
    Files.write(target.resolve("small"), small);
    try (var file = new RandomAccessFile(target.resolve("large").toFile(), "rw")) {
      file.seek(50L * TestFrames.CHUNK_BYTES + 7);
      file.write(~large[50 * TestFrames.CHUNK_BYTES + 7]);
    }
    try (var file = new RandomAccessFile(target.resolve("small").toFile(), "rw")) {
      file.setLength(2 * TestFrames.CHUNK_BYTES + 5);
    }
    store(1);

    SyncReport report = sync(tree, SyncOptions.DEFAULT);

    assertThat(target.resolve("large")).hasBinaryContent(large);
    assertThat(target.resolve("small")).hasBinaryContent(small);
    assertThat(ranges).hasSize(2);
    assertThat(report.bytesReused()).isEqualTo(101L * TestFrames.CHUNK_BYTES);
  }

  @Test
  void filesTouchedOnlyAreFetchedNotAtAll() throws Exception {
    Map<NodePath, Node> tree = treeWithRoot();
    byte[] bytes = bytes(2 * TestFrames.CHUNK_BYTES);
    tree.put(NodePath.ofText("touched"), frames.file(bytes, 0644, TIME));
    Path target = Files.createDirectory(folder.resolve("target"));
    Files.write(target.resolve("touched"), bytes);
    store(1);

    SyncReport report = sync(tree, SyncOptions.DEFAULT);

    assertThat(ranges).isEmpty();
    assertThat(report.filesWritten()).isEqualTo(1);
    assertThat(Files.getLastModifiedTime(target.resolve("touched")).toInstant())
        .hasToString("2023-11-14T22:13:20.000000005Z");
  }

  @Test
  void aPackThatIsGoneFailsTheFilesInItAlone() throws Exception {
    Map<NodePath, Node> tree = treeWithRoot();
    for (int i = 0; i < 40; i++) {
      tree.put(NodePath.ofText("file" + i), frames.file(bytes(FILE_BYTES), 0644, TIME));
    }
    store(10);
    try (Repository repository = openAsRemote()) {
      var lost = firstChunk(tree, "file7");
      var pack = repository.locate(lost.id()).orElseThrow().pack();
      repository.store().delete(pack.blobName());
    }

    SyncReport report = sync(tree, SyncOptions.DEFAULT);

    assertThat(report.filesWritten()).isEqualTo(30);
    assertThat(report.failures()).hasSize(10);
    assertThat(folder.resolve("target/file7")).doesNotExist();
  }

  @Test
  void howeverLittleFilesHoldFewOfTheirDirectoriesAreOpenAtOnce() throws Exception {
    Map<NodePath, Node> tree = treeWithRoot();
    Node.File same = frames.file(bytes(300), 0644, TIME);
    int directories = 4_000;
    for (int i = 0; i < directories; i++) {
      NodePath directory = NodePath.ofText("d" + i);
      tree.put(directory, new Node.Directory(Metadata.of(0755, 0, 0, TIME)));
      tree.put(directory.child("same".getBytes(StandardCharsets.UTF_8)), same);
    }
    store(1);
    AtomicInteger most = new AtomicInteger();
    AtomicInteger seen = new AtomicInteger();
    SyncListener listener =
        new SyncListener() {
          @Override
          public void passed(NodePath path, Node node) {
            if (seen.incrementAndGet() % 50 == 0) {
              most.accumulateAndGet(openDescriptors(), Math::max);
            }
          }
        };

    SyncReport report;
    try (Repository repository = openAsRemote()) {
      report =
          TestTarget.sync(
              tree,
              new RepositoryFrames(repository),
              folder.resolve("target"),
              SyncOptions.DEFAULT,
              listener);
    }

    assertThat(report.filesWritten()).isEqualTo(directories);
    assertThat(most.get()).isBetween(1, directories / 2);
  }

  private static int openDescriptors() {
    String[] open = new File("/proc/self/fd").list();
    return open == null ? 0 : open.length;
  }

  @Test
  void aFileLargerThanAllMemoryGivenIsWrittenInParts() throws Exception {
    Map<NodePath, Node> tree = treeWithRoot();
    byte[] large = bytes(400 * TestFrames.CHUNK_BYTES);
    tree.put(NodePath.ofText("large"), frames.file(large, 0644, TIME));
    store(100);

    SyncReport report = sync(tree, SyncOptions.DEFAULT.withMemoryBytes(1 << 20));

    assertThat(report.failures()).isEmpty();
    assertThat(folder.resolve("target/large")).hasBinaryContent(large);
  }

  @Test
  void aFrameThatIsDamagedInARunIsSaidOfItsFile() throws Exception {
    Map<NodePath, Node> tree = treeWithRoot();
    for (int i = 0; i < 20; i++) {
      tree.put(NodePath.ofText("file" + i), frames.file(bytes(FILE_BYTES), 0644, TIME));
    }
    frames.damage(firstChunk(tree, "file3"));
    store(20);

    SyncReport report = sync(tree, SyncOptions.DEFAULT);

    assertThat(report.filesWritten()).isEqualTo(19);
    assertThat(report.failures())
        .singleElement()
        .satisfies(failure -> assertThat(failure.path()).hasToString("file3"));
  }
}
