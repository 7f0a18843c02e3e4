package dev.tidemark.mirror;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tidemark.apply.TargetCompare;
import dev.tidemark.apply.TestFrames;
import dev.tidemark.log.Commands;
import dev.tidemark.log.CompactedTopic;
import dev.tidemark.mirror.MirrorConfig.TargetTakeOver;
import dev.tidemark.schemas.change.Change;
import dev.tidemark.schemas.change.Change.Body;
import dev.tidemark.schemas.change.Extent;
import dev.tidemark.schemas.change.Metadata;
import dev.tidemark.schemas.change.Metadata.FileTime;
import dev.tidemark.schemas.change.Node;
import dev.tidemark.schemas.change.NodePath;
import dev.tidemark.schemas.change.TreeName;
import dev.tidemark.schemas.codec.Records;
import dev.tidemark.schemas.cursor.CommandReport;
import dev.tidemark.schemas.cursor.StandbyCommand;
import dev.tidemark.schemas.cursor.StandbyCommand.Kind;
import dev.tidemark.schemas.cursor.StandbyStatus;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;

class MirrorTest {
  private static final Duration LONG = Duration.ofSeconds(60);
  private static final FileTime TIME = new FileTime(1_700_000_000, 123_456_789);

  @TempDir static Path brokerFolder;
  private static TestLog log;
  private static int trees;

  @TempDir Path folder;
  private final TestFrames frames = new TestFrames();
  private TreeName tree;

  @BeforeAll
  static void startBroker() throws Exception {
    log = TestLog.start(brokerFolder);
  }

  @AfterAll
  static void stopBroker() throws Exception {
    log.close();
  }

  @BeforeEach
  void newTree(TestInfo info) throws Exception {
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

  /** The same tree beside it, without a delay. */
  private MirrorConfig promptConfig() {
    return MirrorConfig.of(
        tree, folder.resolve("prompt"), folder.resolve("prompt-state"), "prompt", log.connection());
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

  @Test
  void changesBecomeVisibleAsTheyAreLogged() throws Exception {
    try (TestWriter writer = writer();
        Mirror mirror = Mirror.start(config())) {
      long sequence =
          writer.write(put("", directory()), put("d", directory()), put("d/f", file("one")));
      mirror.awaitApplied(sequence, LONG);
      assertThat(target("d/f")).hasContent("one");

      List<Long> lags = new ArrayList<>();
      for (int i = 0; i < 100; i++) {
        mirror.awaitApplied(writer.write(put("d/f", file("version " + i))), LONG);
        assertThat(target("d/f")).hasContent("version " + i);
        lags.add(mirror.status().lagMillis());
      }
      lags.sort(null);
      System.out.println("lag ms p50 " + lags.get(50) + " p99 " + lags.get(98));
      assertThat(Files.getLastModifiedTime(target("d")).toInstant().getNano())
          .isEqualTo(TIME.nanos());
    }
  }

  @Test
  void whatOthersChangeInTheTargetIsFoundWhileItFollowsAndPutRight() throws Exception {
    try (TestWriter writer = writer();
        Mirror mirror = Mirror.start(config().withDriftInterval(Duration.ofMillis(100)))) {
      long sequence =
          writer.write(
              put("", directory()),
              put("d", directory()),
              put("d/same", file("these bytes")),
              put("d/mode", file("mode")),
              put("d/gone", file("gone")),
              put("other", directory()),
              put("other/f", file("f")));
      mirror.awaitApplied(sequence, LONG);

      Files.writeString(target("d/same"), "other bytes");
      Files.setLastModifiedTime(
          target("d/same"),
          java.nio.file.attribute.FileTime.from(
              Instant.ofEpochSecond(TIME.seconds(), TIME.nanos())));
      Files.setPosixFilePermissions(
          target("d/mode"), java.nio.file.attribute.PosixFilePermissions.fromString("rwxrwxrwx"));
      Files.delete(target("d/gone"));
      Files.writeString(target("d/extra"), "extra");
      Files.delete(target("other/f"));
      Files.delete(target("other"));
      Files.writeString(target("other"), "a file now");
      await()
          .atMost(LONG)
          .untilAsserted(
              () -> {
                assertThat(target("d/same")).hasContent("these bytes");
                assertThat(target("d/gone")).hasContent("gone");
                assertThat(target("d/extra")).doesNotExist();
                assertThat(target("other/f")).hasContent("f");
                assertThat(Files.getPosixFilePermissions(target("d/mode"))).hasSize(4);
              });
      assertThat(mirror.drifted()).isPositive();
      assertThat(kept()).contains("other bytes", "extra", "a file now");

      // It goes on from there.
      mirror.awaitApplied(writer.write(put("d/same", file("newer"))), LONG);
      assertThat(target("d/same")).hasContent("newer");
    }
  }

  private List<String> kept() throws Exception {
    List<String> contents = new ArrayList<>();
    try (Stream<Path> files = Files.walk(folder.resolve("state/kept-aside"))) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        contents.add(Files.readString(file));
      }
    }
    return contents;
  }

  @Test
  void theMirrorsOwnWritesAreNoDrift() throws Exception {
    try (TestWriter writer = writer();
        Mirror mirror = Mirror.start(config().withDriftInterval(Duration.ofMillis(1)))) {
      writer.write(put("", directory()), put("d", directory()), put("e", directory()));
      long sequence = 0;
      for (int i = 0; i < 400; i++) {
        String path = (i % 2 == 0 ? "d/" : "e/") + i % 20;
        sequence =
            i % 10 == 9
                ? writer.write(
                    new Change.Move(NodePath.ofText("d"), NodePath.ofText("x")),
                    new Change.Move(NodePath.ofText("x"), NodePath.ofText("d")))
                : writer.write(put(path, file("version " + i)));
        if (i % 50 == 0) {
          mirror.awaitApplied(sequence, LONG);
        }
      }
      mirror.awaitApplied(sequence, LONG);
      // Passes go on behind the last change.
      long later = writer.write(put("e/last", file("last")));
      mirror.awaitApplied(later, LONG);
      assertThat(mirror.drifted()).isZero();
    }
  }

  @Test
  void aRestartedMirrorGoesOnWhereItWasAndReportsItself() throws Exception {
    try (TestWriter writer = writer()) {
      long sequence = writer.write(put("", directory()), put("a", file("a")));
      try (Mirror mirror = Mirror.start(config())) {
        mirror.awaitApplied(sequence, LONG);
      }
      long inode = inode(target("a"));
      sequence =
          writer.write(
              new Change.Move(NodePath.ofText("a"), NodePath.ofText("b")), put("a", file("new")));
      try (Mirror mirror = Mirror.start(config())) {
        mirror.awaitApplied(sequence, LONG);
        assertThat(inode(target("b"))).isEqualTo(inode);
        assertThat(target("a")).hasContent("new");
      }
      StandbyStatus status = reported();
      assertThat(status.appliedSequence()).isEqualTo(sequence);
      assertThat(status.error()).isEmpty();
    }
  }

  @Test
  void aStandbyWithoutARepositorySaysThatItCannotGoBackAndFollowsOn() throws Exception {
    try (TestWriter writer = writer();
        Mirror mirror = Mirror.start(config())) {
      long first = writer.write(put("", directory()), put("a", file("first")));
      mirror.awaitApplied(writer.write(put("a", file("second"))), LONG);

      UUID id = UUID.randomUUID();
      Commands.send(
          log.connection(),
          log.topics(),
          List.of(new StandbyCommand(id, Kind.RESTORE, tree, "standby", first, 0)));

      await()
          .atMost(LONG)
          .untilAsserted(
              () -> {
                CommandReport report = reported().command();
                assertThat(report.id()).isEqualTo(id);
                assertThat(report.state()).isEqualTo(CommandReport.State.FAILED);
                assertThat(report.detail()).contains("--repository");
              });
      mirror.awaitApplied(writer.write(put("a", file("third"))), LONG);
      assertThat(target("a")).hasContent("third");
    }
  }

  private StandbyStatus reported() throws IOException {
    byte[] record =
        CompactedTopic.read(log.connection(), log.topics().standbys()).get(tree + "/standby");
    return Records.decodeStandbyStatus(Objects.requireNonNull(record));
  }

  @Test
  void aDelayedStandbyStaysBehindAndComesAfter() throws Exception {
    AtomicLong ahead = new AtomicLong();
    InstantSource clock = () -> Instant.now().plusMillis(ahead.get());
    MirrorConfig config = config().withDelay(Duration.ofHours(1));
    try (TestWriter writer = writer();
        Mirror mirror = Mirror.start(config, clock, CrashPoints.NONE);
        Mirror prompt = Mirror.start(promptConfig())) {
      prompt.awaitApplied(writer.write(put("", directory()), put("a", file("first"))), LONG);
      ahead.set(Duration.ofMinutes(50).toMillis());
      prompt.awaitApplied(writer.write(put("b", file("later"))), LONG);
      assertThat(target("a")).doesNotExist();

      ahead.set(Duration.ofMinutes(61).toMillis());
      await().atMost(LONG).untilAsserted(() -> assertThat(target("a")).hasContent("first"));
      long sequence = writer.write(put("a", file("second")));
      ahead.addAndGet(Duration.ofMinutes(61).toMillis());
      mirror.awaitApplied(sequence, LONG);
      assertThat(target("a")).hasContent("second");
      assertThat(mirror.status().lagMillis()).isGreaterThan(Duration.ofHours(1).toMillis());
    }
  }

  /** What an older version had is not sent again. */
  private Node.File withoutFrames(Node.File node, Node.File older) {
    node.content().extents().stream()
        .filter(older.content().extents()::contains)
        .forEach(extent -> frames.forget((Extent.Chunk) extent));
    return node;
  }

  private static long inode(Path path) throws Exception {
    return (long) Files.getAttribute(path, "unix:ino");
  }

  @Test
  void randomChangesThroughTheLogMakeTheTargetEqualToTheModel() throws Exception {
    long seed = Long.getLong("tidemark.seed", System.nanoTime());
    System.out.println("tidemark.seed=" + seed);
    SimulatedLog model = new SimulatedLog();
    RandomChanges changes = new RandomChanges(new Random(seed), frames, model);
    changes.addRoot();
    try (TestWriter writer = writer();
        Mirror mirror = Mirror.start(config())) {
      for (int part = 0; part < 2; part++) {
        long before = model.cursor().sequence();
        changes.add(60);
        List<Body> bodies =
            model.after(part == 0 ? 1 : before).stream()
                .map(accepted -> accepted.change().body())
                .toList();
        for (Body body : bodies) {
          if (body instanceof Change.EpochStarted) {
            writer.beginEpoch();
          } else {
            writer.write(body);
          }
        }
        mirror.awaitApplied(writer.sequence(), LONG);
        assertThat(TargetCompare.describe(folder.resolve("target")))
            .as("seed %d part %d", seed, part)
            .isEqualTo(TargetCompare.describe(model.model(), frames));
      }
    }
  }

  @Test
  void aNonEmptyTargetIsRefusedUnlessItIsTakenOver() throws Exception {
    Files.createDirectories(folder.resolve("target"));
    Files.writeString(target("mine"), "precious");
    try (TestWriter writer = writer()) {
      long sequence = writer.write(put("", directory()), put("a", file("a")));
      assertThatThrownBy(() -> Mirror.start(config()))
          .isInstanceOf(MirrorRefusedException.class)
          .hasMessageContaining("not empty");
      assertThat(target("mine")).hasContent("precious");

      try (Mirror mirror = Mirror.start(config().withTakeOver(TargetTakeOver.REPLACE))) {
        mirror.awaitApplied(sequence, LONG);
      }
      assertThat(target("mine")).doesNotExist();
      try (Stream<Path> kept = Files.walk(folder.resolve("state/kept-aside"))) {
        assertThat(kept.filter(path -> path.endsWith("mine")))
            .singleElement()
            .satisfies(path -> assertThat(path).hasContent("precious"));
      }
    }
  }

  @Test
  void whatSomebodyChangedInTheTargetIsMendedWhenItIsInTheWay() throws Exception {
    Path outside = Files.createDirectory(folder.resolve("outside"));
    try (TestWriter writer = writer();
        Mirror mirror = Mirror.start(config())) {
      long sequence =
          writer.write(
              put("", directory()),
              put("d", directory()),
              put("d/old", file("old")),
              put("e", directory()));
      mirror.awaitApplied(sequence, LONG);
      // A change elsewhere, so that the directory is not held open.
      Files.move(target("d"), outside.resolve("d"));
      Files.createSymbolicLink(target("d"), outside);
      mirror.awaitApplied(
          writer.write(
              new Change.Move(NodePath.ofText("e"), NodePath.ofText("g")),
              put("d/new", file("new"))),
          LONG);
      assertThat(target("d/new")).hasContent("new");
      assertThat(target("d/old")).hasContent("old");
      assertThat(Files.isSymbolicLink(target("d"))).isFalse();
      assertThat(outside.resolve("new")).doesNotExist();
    }
  }

  @Test
  void aGapIsReportedAndTheNextEpochGoesOn() throws Exception {
    try (TestWriter writer = writer();
        Mirror mirror = Mirror.start(config())) {
      long sequence = writer.write(put("", directory()), put("a", file("a")));
      mirror.awaitApplied(sequence, LONG);
      writer.skipNumber();
      writer.write(put("b", file("b")));
      await().atMost(LONG).until(() -> mirror.status().error().contains("missing"));
      assertThat(target("b")).doesNotExist();

      writer.beginEpoch();
      writer.write(
          new Change.ScanStarted(Change.ScanKind.FULL),
          put("", directory()),
          put("b", file("b")),
          new Change.ScanCompleted(Change.ScanKind.FULL));
      await().atMost(LONG).until(() -> Files.exists(target("b")) && !Files.exists(target("a")));
      await().atMost(LONG).until(() -> mirror.status().error().isEmpty());
    }
  }

  @Test
  void aLargeFileIsMirroredInWindows() throws Exception {
    byte[] bytes = new byte[30_000_000];
    new Random(1).nextBytes(bytes);
    try (TestWriter writer = writer();
        Mirror mirror = Mirror.start(config())) {
      long sequence =
          writer.write(put("", directory()), put("big", frames.file(bytes, 0600, TIME)));
      mirror.awaitApplied(sequence, LONG);
      assertThat(target("big")).hasBinaryContent(bytes);

      // The new version's other chunks are nowhere but in the old one.
      Node.File before = frames.file(bytes.clone(), 0600, TIME);
      bytes[15_000_000] ^= 1;
      Node.File after = frames.file(bytes, 0600, TIME);
      writer.forgetPositions();
      mirror.awaitApplied(writer.write(put("big", withoutFrames(after, before))), LONG);
      assertThat(target("big")).hasBinaryContent(bytes);
    }
  }
}
