package dev.tidemark.mirror;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tidemark.apply.TargetCompare;
import dev.tidemark.apply.TestFrames;
import dev.tidemark.browse.LogAccess;
import dev.tidemark.log.ChangeReader;
import dev.tidemark.log.LogRecord;
import dev.tidemark.repository.history.At;
import dev.tidemark.restore.Restore;
import dev.tidemark.restore.RestoreConfig;
import dev.tidemark.restore.RestoreReport;
import dev.tidemark.restore.TestRepository;
import dev.tidemark.restore.TestRepository.Sealable;
import dev.tidemark.schemas.change.Change;
import dev.tidemark.schemas.change.Change.Body;
import dev.tidemark.schemas.change.Extent;
import dev.tidemark.schemas.change.Metadata;
import dev.tidemark.schemas.change.Metadata.FileTime;
import dev.tidemark.schemas.change.Node;
import dev.tidemark.schemas.change.NodePath;
import dev.tidemark.schemas.change.TreeName;
import dev.tidemark.schemas.cursor.Cursor;
import dev.tidemark.schemas.cursor.Verdict;
import dev.tidemark.schemas.topic.Partitioning;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MirrorRecoveryTest {
  private static final Duration LONG = Duration.ofSeconds(120);
  private static final FileTime TIME = new FileTime(1_700_000_000, 123_456_789);

  @TempDir static Path brokerFolder;
  private static TestLog log;
  private static int trees;

  @TempDir Path folder;
  private final TestFrames frames = new TestFrames();
  private TreeName tree = new TreeName("none");

  @BeforeAll
  static void startBroker() throws Exception {
    log = TestLog.start(brokerFolder);
  }

  @AfterAll
  static void stopBroker() throws Exception {
    log.close();
  }

  @BeforeEach
  void newTree() throws Exception {
    assumeTrue(Privilege.isRoot(), "only root can give files to other owners");
    trees++;
    tree = new TreeName("tree" + trees);
  }

  private TestWriter writer() throws Exception {
    TestWriter writer = new TestWriter(log.connection(), log.topics(), tree, frames);
    writer.beginEpoch();
    return writer;
  }

  private MirrorConfig config() {
    return MirrorConfig.of(
        tree, folder.resolve("target"), folder.resolve("state"), "standby", log.connection());
  }

  private Node.File file(String text) {
    return frames.file(text.getBytes(StandardCharsets.UTF_8), 0644, TIME);
  }

  private static Node.Directory directory() {
    return new Node.Directory(Metadata.of(0755, 0, 0, TIME));
  }

  private static Change.Put put(String path, Node node) {
    return new Change.Put(path.isEmpty() ? NodePath.ROOT : NodePath.ofText(path), node);
  }

  private Path target(String path) {
    return folder.resolve("target").resolve(path);
  }

  /** Seals what the log has of this tree. */
  private void seal(TestRepository repository, long sequence) throws Exception {
    int partition = Partitioning.of(tree, log.topics().changes().partitions());
    Cursor cursor = Cursor.start(log.topics().changes().id(), partition, 0);
    List<Sealable> changes = new ArrayList<>();
    try (ChangeReader reader = new ChangeReader(log.connection(), log.topics(), partition, 0)) {
      while (cursor.sequence() < sequence) {
        for (LogRecord record : reader.poll(Duration.ofSeconds(1))) {
          if (record.change().tree().equals(tree) && cursor.sequence() < sequence) {
            Verdict verdict =
                cursor.accept(record.change(), record.offset(), record.logTimeMillis());
            cursor = verdict.next();
            changes.add(new Sealable(record.change(), cursor));
          }
        }
      }
    }
    repository.store(frames, 20);
    repository.seal(tree, changes);
  }

  @Test
  void aNewStandbyBeginsFromTheRepositoryAndARestoreSeesTheUnsealedTail() throws Exception {
    try (TestRepository repository = TestRepository.create(folder.resolve("repository"));
        TestWriter writer = writer()) {
      long sealed =
          writer.write(
              put("", directory()),
              put("d", directory()),
              put("d/a", file("a")),
              put("b", file("b")));
      seal(repository, sealed);
      long last =
          writer.write(
              new Change.Move(NodePath.ofText("d"), NodePath.ofText("e")),
              put("e/new", file("not sealed yet")),
              new Change.Remove(NodePath.ofText("b")));

      try (Mirror mirror = Mirror.start(config().withRepository(repository.url()))) {
        mirror.awaitApplied(last, LONG);
        assertThat(target("e/a")).hasContent("a");
        assertThat(target("e/new")).hasContent("not sealed yet");
        assertThat(target("b")).doesNotExist();
      }

      RestoreConfig restore =
          RestoreConfig.of(tree, new At.Newest(), folder.resolve("restored"), repository.url())
              .withLog(LogAccess.to(log.connection()));
      RestoreReport report = Restore.run(restore);
      assertThat(report.sequence()).isEqualTo(last);
      assertThat(report.unsealedChanges()).isEqualTo(3);
      assertThat(TargetCompare.describe(folder.resolve("restored")))
          .isEqualTo(TargetCompare.describe(folder.resolve("target")));

      RestoreReport sealedOnly =
          Restore.run(
              RestoreConfig.of(tree, new At.Newest(), folder.resolve("sealed"), repository.url()));
      assertThat(sealedOnly.sequence()).isEqualTo(sealed);
      assertThat(folder.resolve("sealed/b")).hasContent("b");
    }
  }

  @Test
  void aStandbyGoesOnInANewLogFromWhatIsSealedOfTheLostOne() throws Exception {
    try (TestRepository repository = TestRepository.create(folder.resolve("repository"))) {
      MirrorConfig config = config().withRepository(repository.url());
      try (TestWriter writer = writer()) {
        long sealed = writer.write(put("", directory()), put("kept", file("kept")));
        seal(repository, sealed);
        // This one is in the log alone, which is about to be lost.
        long last = writer.write(put("unsealed", file("unsealed")));
        try (Mirror mirror = Mirror.start(config)) {
          mirror.awaitApplied(last, LONG);
        }
      }
      long inode = (long) Files.getAttribute(target("kept"), "unix:ino");

      try (TestLog other = TestLog.start(folder.resolve("other-broker"));
          TestWriter writer = new TestWriter(other.connection(), other.topics(), tree, frames)) {
        writer.beginEpoch();
        long scanned =
            writer.write(
                new Change.ScanStarted(Change.ScanKind.FULL),
                put("", directory()),
                put("kept", file("kept")),
                put("new", file("new")),
                new Change.ScanCompleted(Change.ScanKind.FULL));
        MirrorConfig goesOn =
            MirrorConfig.of(
                    tree,
                    folder.resolve("target"),
                    folder.resolve("state"),
                    "standby",
                    other.connection())
                .withRepository(repository.url());
        MirrorConfig begins =
            MirrorConfig.of(
                    tree,
                    folder.resolve("target2"),
                    folder.resolve("state2"),
                    "standby2",
                    other.connection())
                .withRepository(repository.url());
        for (MirrorConfig started : List.of(goesOn, begins, goesOn)) {
          try (Mirror mirror = Mirror.start(started)) {
            mirror.awaitApplied(Cursor.INCARNATION + scanned, LONG);
            assertThat(mirror.status().appliedSequence()).isEqualTo(Cursor.INCARNATION + scanned);
          }
        }
      }
      assertThat(target("new")).hasContent("new");
      assertThat(target("unsealed")).doesNotExist();
      assertThat(Files.getAttribute(target("kept"), "unix:ino")).isEqualTo(inode);
      assertThat(TargetCompare.describe(folder.resolve("target2")))
          .isEqualTo(TargetCompare.describe(folder.resolve("target")));
    }
  }

  @Test
  void aFrameThatIsNowhereYetIsWaitedForAndNamed() throws Exception {
    Node.File late = file("late");
    Extent.Chunk chunk = (Extent.Chunk) late.content().extents().getFirst();
    byte[] frame = frames.all().get(chunk.id());
    assertThat(frame).isNotNull();
    frames.forget(chunk);
    try (TestRepository repository = TestRepository.create(folder.resolve("repository"));
        TestWriter writer = writer();
        Mirror mirror = Mirror.start(config().withRepository(repository.url()))) {
      long sequence = writer.write(put("", directory()), put("a", file("a")), put("late", late));
      await().atMost(LONG).until(() -> mirror.status().error().contains("late: chunk"));
      assertThat(target("a")).hasContent("a");

      TestFrames found = new TestFrames();
      found.content("late".getBytes(StandardCharsets.UTF_8));
      repository.store(found, 1);
      mirror.awaitApplied(sequence, LONG);
      assertThat(target("late")).hasContent("late");
      await().atMost(LONG).until(() -> mirror.status().error().isEmpty());
    }
  }

  @Test
  void aKilledMirrorGoesOnAndEndsEqualToTheModel() throws Exception {
    long seed = Long.getLong("tidemark.seed", System.nanoTime());
    System.out.println("tidemark.seed=" + seed);
    SimulatedLog model = new SimulatedLog();
    RandomChanges changes = new RandomChanges(new Random(seed), frames, model);
    changes.addRoot();
    changes.add(200);
    try (TestWriter writer = writer()) {
      Process process = MirrorProcess.start(config(), folder.resolve("output"));
      try {
        for (Body body :
            model.after(1).stream().map(accepted -> accepted.change().body()).toList()) {
          if (body instanceof Change.EpochStarted) {
            writer.beginEpoch();
          } else {
            writer.write(body);
          }
        }
        // Killed somewhere in the middle of applying, wherever that is.
        await().atMost(LONG).until(() -> Files.exists(folder.resolve("state/entries/CURRENT")));
      } finally {
        process.destroyForcibly();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
      }
      try (Mirror mirror = Mirror.start(config())) {
        mirror.awaitApplied(writer.sequence(), LONG);
      }
    }
    assertThat(TargetCompare.describe(folder.resolve("target")))
        .as("seed %d", seed)
        .isEqualTo(TargetCompare.describe(model.model(), frames));
  }

  /** The target is a mount point of its own: staging has to be inside it, and no part of it. */
  @Test
  void aFullTargetIsReportedAndGoesOnOnceThereIsSpace() throws Exception {
    Path mount = Files.createDirectory(folder.resolve("target"));
    assumeTrue(
        run("mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", mount.toString()) == 0,
        "a tmpfs cannot be mounted here");
    try {
      byte[] bytes = new byte[4_000_000];
      new Random(1).nextBytes(bytes);
      try (TestWriter writer = writer();
          Mirror mirror = Mirror.start(config())) {
        long sequence = writer.write(put("", directory()), put("small", file("small")));
        mirror.awaitApplied(sequence, LONG);
        sequence =
            writer.write(put("big", frames.file(bytes, 0644, TIME)), put("after", file("after")));
        await().atMost(LONG).until(() -> mirror.status().error().contains("No space"));
        assertThat(target("big")).doesNotExist();
        assertThat(mirror.status().appliedSequence()).isLessThan(sequence);

        assertThat(run("mount", "-o", "remount,size=16m", mount.toString())).isZero();
        mirror.awaitApplied(sequence, LONG);
        assertThat(target("big")).hasBinaryContent(bytes);
        assertThat(target("after")).hasContent("after");
      }
      try (var names = Files.list(mount)) {
        assertThat(names.map(path -> path.getFileName().toString()))
            .containsExactlyInAnyOrder("small", "big", "after");
      }
    } finally {
      run("umount", "-l", mount.toString());
    }
  }

  private static int run(String... command) throws Exception {
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    return process.exitValue();
  }

  /** Prints how long bursts take; asserts only that they end right. */
  @Test
  @Tag("soak")
  void aBurstOfTenThousandFilesIsAppliedAndRestored() throws Exception {
    Random random = new Random(1);
    List<Body> bodies = new ArrayList<>(List.of(put("", directory()), put("d", directory())));
    for (int i = 0; i < 10_000; i++) {
      byte[] bytes = new byte[8192];
      random.nextBytes(bytes);
      bodies.add(put("d/file" + i, frames.file(bytes, 0644, TIME)));
    }
    try (TestRepository repository = TestRepository.create(folder.resolve("repository"));
        TestWriter writer = writer();
        Mirror mirror = Mirror.start(config())) {
      long sequence = writer.write(bodies.subList(0, 2));
      mirror.awaitApplied(sequence, LONG);
      long start = System.nanoTime();
      sequence = writer.write(bodies.subList(2, bodies.size()));
      long written = System.nanoTime();
      mirror.awaitApplied(sequence, LONG);
      System.out.printf(
          "10,000 files of 8 KiB: logged in %d ms, visible %d ms later%n",
          (written - start) / 1_000_000, (System.nanoTime() - written) / 1_000_000);
      start = System.nanoTime();
      mirror.awaitApplied(
          writer.write(new Change.Move(NodePath.ofText("d"), NodePath.ofText("e"))), LONG);
      System.out.printf(
          "rename of their directory: %d ms%n", (System.nanoTime() - start) / 1_000_000);
      seal(repository, sequence);
      for (int i = 0; i < 3; i++) {
        RestoreReport report =
            Restore.run(
                RestoreConfig.of(
                    tree, new At.Newest(), folder.resolve("restored" + i), repository.url()));
        System.out.printf("restored in %d ms%n", report.millis());
        assertThat(report.result().filesWritten()).isEqualTo(10_000);
      }
    }
  }
}
