package dev.tidemark.restore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tidemark.apply.SyncOptions.ExistingFiles;
import dev.tidemark.apply.SyncOptions.ExtraEntries;
import dev.tidemark.apply.TargetCompare;
import dev.tidemark.apply.TestFrames;
import dev.tidemark.filesystem.linux.Descriptor;
import dev.tidemark.filesystem.linux.LinuxFiles;
import dev.tidemark.filesystem.linux.NativePath;
import dev.tidemark.mirror.RandomChanges;
import dev.tidemark.mirror.SimulatedLog;
import dev.tidemark.repository.history.At;
import dev.tidemark.repository.history.NoSuchInstantException;
import dev.tidemark.restore.ProgressListener.Progress;
import dev.tidemark.schemas.change.Change;
import dev.tidemark.schemas.change.Content;
import dev.tidemark.schemas.change.Extent;
import dev.tidemark.schemas.change.Metadata;
import dev.tidemark.schemas.change.Metadata.FileTime;
import dev.tidemark.schemas.change.Node;
import dev.tidemark.schemas.change.NodePath;
import dev.tidemark.schemas.change.TreeName;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RestoreTest {
  private static final TreeName TREE = SimulatedLog.TREE;
  private static final FileTime TIME = new FileTime(1_700_000_000, 123_456_789);

  @TempDir Path folder;
  private final TestFrames frames = new TestFrames();

  @BeforeEach
  void ownersCanBeSet() throws Exception {
    assumeTrue(
        Files.getAttribute(Path.of("/proc/self/status"), "unix:uid").equals(0),
        "only root can give files to other owners");
  }

  private RestoreConfig config(TestRepository repository, At at, String target) {
    return RestoreConfig.of(TREE, at, folder.resolve(target), repository.url());
  }

  private Node.File file(String text) {
    return frames.file(text.getBytes(StandardCharsets.UTF_8), 0644, TIME);
  }

  private static Node.Directory directory() {
    return new Node.Directory(Metadata.of(0750, 1, 2, TIME));
  }

  private static Change.Put put(String path, Node node) {
    return new Change.Put(path.isEmpty() ? NodePath.ROOT : NodePath.ofText(path), node);
  }

  private TestRepository repositoryOf(SimulatedLog log) throws Exception {
    TestRepository repository = TestRepository.create(folder.resolve("repository"));
    repository.store(frames, 50);
    repository.seal(TREE, log.sealable(0, log.cursor().sequence()));
    return repository;
  }

  private SimulatedLog logOf(Change.Body... bodies) throws Exception {
    SimulatedLog log = new SimulatedLog();
    for (Change.Body body : bodies) {
      assertThat(log.add(body)).isTrue();
    }
    return log;
  }

  @Test
  void everyNotedInstantIsRestoredAsItStood() throws Exception {
    long seed = Long.getLong("tidemark.seed", System.nanoTime());
    System.out.println("tidemark.seed=" + seed);
    Random random = new Random(seed);
    SimulatedLog log = new SimulatedLog();
    RandomChanges changes = new RandomChanges(random, frames, log);
    changes.addRoot();
    Map<Long, Map<NodePath, String>> noted = new TreeMap<>();
    try (TestRepository repository = TestRepository.create(folder.resolve("repository"))) {
      long sealed = 0;
      for (int i = 0; i < 5; i++) {
        changes.add(25);
        repository.store(frames, 10);
        long now = log.cursor().sequence();
        repository.seal(TREE, log.sealable(sealed, now));
        sealed = now;
        noted.put(now, TargetCompare.describe(log.model(), frames));
        if (i % 3 == 2) {
          repository.repository().history(TREE).snapshotNow();
        }
      }
      for (var instant : noted.entrySet()) {
        var at = new At.Sequence(instant.getKey());
        RestoreReport report = Restore.run(config(repository, at, "at" + instant.getKey()));
        assertThat(report.result().failures()).isEmpty();
        assertThat(TargetCompare.describe(folder.resolve("at" + instant.getKey())))
            .as("seed %d at %d", seed, instant.getKey())
            .isEqualTo(instant.getValue());
      }
      // One directory through all instants, so that everything is replaced by everything.
      for (var instant : noted.entrySet()) {
        Restore.run(
            config(repository, new At.Sequence(instant.getKey()), "one")
                .withExtras(ExtraEntries.REMOVE));
        assertThat(TargetCompare.describe(folder.resolve("one")))
            .as("seed %d in place at %d", seed, instant.getKey())
            .isEqualTo(instant.getValue());
      }
    }
  }

  @Test
  void onlyWhatDiffersIsWrittenAndExtrasStayUnlessTheyAreToGo() throws Exception {
    SimulatedLog log =
        logOf(
            put("", directory()),
            put("d", directory()),
            put("d/a", file("a")),
            put("d/b", file("b")),
            put("d/c", file("c")));
    try (TestRepository repository = repositoryOf(log)) {
      RestoreConfig config = config(repository, new At.Newest(), "target");
      Restore.run(config);
      Path target = folder.resolve("target");
      Files.writeString(target.resolve("d/b"), "changed");
      Files.setAttribute(target.resolve("d/c"), "unix:mode", 0600);
      Files.writeString(target.resolve("d/extra"), "extra");

      RestoreReport second = Restore.run(config);
      assertThat(second.result().filesWritten()).isEqualTo(1);
      assertThat(second.result().metadataChanged()).isEqualTo(1);
      assertThat(second.result().kept()).isEqualTo(1);
      assertThat(second.result().extras()).isEqualTo(1);
      assertThat(target.resolve("d/extra")).exists();

      Restore.run(config.withExtras(ExtraEntries.REMOVE));
      assertThat(TargetCompare.describe(target))
          .isEqualTo(TargetCompare.describe(log.model(), frames));
    }
  }

  @Test
  void changedBytesBehindAnOldTimeAreFoundWhenContentIsCompared() throws Exception {
    SimulatedLog log = logOf(put("", directory()), put("a", file("right")));
    try (TestRepository repository = repositoryOf(log)) {
      RestoreConfig config = config(repository, new At.Newest(), "target");
      Restore.run(config);
      Path file = folder.resolve("target/a");
      var time = Files.getLastModifiedTime(file);
      Files.writeString(file, "wrong");
      Files.setLastModifiedTime(file, time);

      Restore.run(config);
      assertThat(file).hasContent("wrong");
      Restore.run(config.withExisting(ExistingFiles.KEEP_IF_CONTENT_EQUAL));
      assertThat(file).hasContent("right");
    }
  }

  @Test
  void aDamagedChunkFailsItsFileAloneAndLeavesNothingHalfWritten() throws Exception {
    byte[] bytes = new byte[3 * TestFrames.CHUNK_BYTES];
    new Random(1).nextBytes(bytes);
    Node.File damaged = frames.file(bytes, 0644, TIME);
    SimulatedLog log =
        logOf(
            put("", directory()),
            put("before", file("before")),
            put("damaged", damaged),
            put("later", file("later")));
    frames.damage((Extent.Chunk) damaged.content().extents().get(1));
    try (TestRepository repository = repositoryOf(log)) {
      RestoreReport report = Restore.run(config(repository, new At.Newest(), "target"));

      assertThat(report.isComplete()).isFalse();
      assertThat(report.result().failures())
          .singleElement()
          .satisfies(failure -> assertThat(failure.path()).isEqualTo(NodePath.ofText("damaged")));
      assertThat(folder.resolve("target/before")).hasContent("before");
      assertThat(folder.resolve("target/later")).hasContent("later");
      assertThat(folder.resolve("target/damaged")).doesNotExist();
      try (var left = Files.list(folder)) {
        assertThat(left.map(path -> path.getFileName().toString()))
            .noneMatch(name -> name.startsWith(".tidemark-"));
      }
    }
  }

  @Test
  void aPartOfATreeIsRestoredWithItsOwnProgress() throws Exception {
    SimulatedLog log =
        logOf(
            put("", directory()),
            put("d", directory()),
            put("d/a", file("a")),
            put("d/e", directory()),
            put("d/e/b", file("bb")),
            put("x", file("x")));
    try (TestRepository repository = repositoryOf(log)) {
      AtomicReference<Progress> last = new AtomicReference<>(new Progress(0, 0, 0, 0));
      Restore.run(
          config(repository, new At.Newest(), "part")
              .withPath(NodePath.ofText("d"))
              .withProgress(
                  progress ->
                      last.accumulateAndGet(
                          progress, (a, b) -> a.entries() > b.entries() ? a : b)));
      assertThat(folder.resolve("part/e/b")).hasContent("bb");
      assertThat(folder.resolve("part/x")).doesNotExist();
      assertThat(last.get()).isEqualTo(new Progress(4, 4, 3, 3));

      Restore.run(config(repository, new At.Newest(), "single").withPath(NodePath.ofText("d/e/b")));
      assertThat(folder.resolve("single/b")).hasContent("bb");
    }
  }

  @Test
  void anInstantBeforeTheFirstIsRefusedAndNothingIsTouched() throws Exception {
    SimulatedLog log = logOf(put("", directory()));
    try (TestRepository repository = repositoryOf(log)) {
      assertThatThrownBy(() -> Restore.run(config(repository, new At.Time(5), "target")))
          .isInstanceOf(NoSuchInstantException.class);
      assertThat(folder.resolve("target")).doesNotExist();
    }
  }

  @Test
  void aSymlinkInTheTargetIsNotFollowed() throws Exception {
    SimulatedLog log =
        logOf(put("", directory()), put("d", directory()), put("d/f", file("stray")));
    Path outside = Files.createDirectory(folder.resolve("outside"));
    Files.createDirectory(folder.resolve("target"));
    Files.createSymbolicLink(folder.resolve("target/d"), outside);
    try (TestRepository repository = repositoryOf(log)) {
      Restore.run(config(repository, new At.Newest(), "target"));
    }
    assertThat(outside).isEmptyDirectory();
    assertThat(folder.resolve("target/d/f")).hasContent("stray");
  }

  @Test
  void largeFilesWithHolesComeBack() throws Exception {
    byte[] bytes = new byte[20_000_000];
    new Random(2).nextBytes(bytes);
    List<Extent> extents = new ArrayList<>();
    extents.add(new Extent.Hole(5_000_000));
    extents.addAll(frames.content(bytes).extents());
    extents.add(new Extent.Hole(1_000_000));
    var content = new Content(bytes.length + 6_000_000L, extents, false);
    SimulatedLog log =
        logOf(
            put("", directory()),
            put("sparse", new Node.File(Metadata.of(0640, 0, 0, TIME), content)));
    try (TestRepository repository = repositoryOf(log)) {
      Restore.run(config(repository, new At.Newest(), "target"));
    }
    assertThat(TargetCompare.describe(folder.resolve("target")))
        .isEqualTo(TargetCompare.describe(log.model(), frames));
    long blocks = sizeOnDisk(folder.resolve("target"), "sparse");
    assertThat(blocks).isLessThan(22_000_000);
  }

  private static long sizeOnDisk(Path directory, String name) throws Exception {
    try (Descriptor parent = LinuxFiles.openRoot(NativePath.of(directory))) {
      return LinuxFiles.status(parent, name.getBytes(StandardCharsets.UTF_8)).blocks() * 512;
    }
  }
}
