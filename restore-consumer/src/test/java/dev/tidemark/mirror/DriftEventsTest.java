package dev.tidemark.mirror;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tidemark.apply.TestFrames;
import dev.tidemark.log.LogConnection;
import dev.tidemark.mirror.DriftPlan.Events;
import dev.tidemark.schemas.change.Change;
import dev.tidemark.schemas.change.Metadata;
import dev.tidemark.schemas.change.Metadata.FileTime;
import dev.tidemark.schemas.change.Node;
import dev.tidemark.schemas.change.NodePath;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DriftEventsTest {
  private static final Duration LONG = Duration.ofSeconds(120);
  private static final FileTime TIME = new FileTime(1_700_000_000, 123_456_789);

  @TempDir Path folder;
  private final TestFrames frames = new TestFrames();

  @BeforeEach
  void ownersCanBeSet() throws Exception {
    assumeTrue(Privilege.isRoot(), "only root can give files to other owners");
    String watches =
        Files.readAllLines(Path.of("/proc/sys/fs/inotify/max_user_watches")).getFirst();
    assumeTrue(Long.parseLong(watches) > 1_000, "a user may have few watches here");
  }

  private static long seed() {
    long seed = Long.getLong("tidemark.seed", System.nanoTime());
    System.out.println("tidemark.seed=" + seed);
    return seed;
  }

  private MirrorConfig config(LogConnection log) {
    return MirrorConfig.of(
            SimulatedLog.TREE, folder.resolve("target"), folder.resolve("standby"), "one", log)
        .with(DriftPlan.DEFAULT.withInterval(Duration.ofDays(1)).with(Events.AUTO));
  }

  private DriftEvents events(TestSession session) throws IOException {
    var config = config(LogConnection.to("localhost:1"));
    return new DriftEvents(config, session.target, session.state);
  }

  private static void watchAll(DriftEvents events) throws IOException {
    events.begin();
    await()
        .atMost(LONG)
        .until(
            () -> {
              assertThat(events.look()).isZero();
              return events.isWatchingAll();
            });
  }

  private Node.File file(String text) {
    return frames.file(text.getBytes(StandardCharsets.UTF_8), 0644, TIME);
  }

  private static Change.Put put(String path, Node node) {
    return new Change.Put(path.isEmpty() ? NodePath.ROOT : NodePath.ofText(path), node);
  }

  private static Node.Directory directory() {
    return new Node.Directory(Metadata.of(0755, 0, 0, TIME));
  }

  private Path at(String name) {
    return folder.resolve("target").resolve(name);
  }

  private static void untilFound(DriftEvents events) {
    await().atMost(LONG).until(() -> events.look() > 0);
  }

  @Test
  void whatTheMirrorDoesIsNotTold() throws Exception {
    long seed = seed();
    Random random = new Random(seed);
    SimulatedLog log = new SimulatedLog();
    RandomChanges changes = new RandomChanges(random, frames, log);
    changes.addRoot();
    changes.add(50);
    try (TestSession session = new TestSession(folder, frames, CrashPoints.NONE);
        DriftEvents events = events(session)) {
      session.applyInBatches(log.after(session.sequence()), random);
      watchAll(events);
      for (int part = 0; part < 20; part++) {
        changes.add(20);
        session.applyInBatches(log.after(session.sequence()), random);
        assertThat(events.look()).as("seed %d, part %d", seed, part).isZero();
      }
      await().atMost(LONG).until(events::isWatchingAll);
      assertThat(events.takeLost()).isFalse();

      Files.writeString(at("of-somebody-else"), "x");
      untilFound(events);
    }
  }

  @Test
  void whatOthersDoIsToldInWhateverDirectoryItIs() throws Exception {
    SimulatedLog log = new SimulatedLog();
    log.add(put("", directory()));
    log.add(put("d", directory()));
    log.add(put("d/x", file("x")));
    try (TestSession session = new TestSession(folder, frames, CrashPoints.NONE);
        DriftEvents events = events(session)) {
      session.apply(log.after(session.sequence()));
      watchAll(events);
      // Directories that came later, one by a rename.
      log.add(new Change.Move(NodePath.ofText("d"), NodePath.ofText("e")));
      log.add(put("e/new", directory()));
      log.add(put("e/new/y", file("y")));
      session.apply(log.after(session.sequence()));
      assertThat(events.look()).isZero();
      assertThat(events.look()).as("also once the new one is watched").isZero();

      Files.writeString(at("e/new/y"), "z");

      untilFound(events);
    }
  }

  @Test
  void aFileIsLeftToItsWriterUntilItIsClosed() throws Exception {
    SimulatedLog log = new SimulatedLog();
    log.add(put("", directory()));
    try (TestSession session = new TestSession(folder, frames, CrashPoints.NONE);
        DriftEvents events = events(session)) {
      session.apply(log.after(session.sequence()));
      watchAll(events);
      try (OutputStream writer = Files.newOutputStream(at("new"))) {
        writer.write('x');
        assertThat(events.look()).isZero();
      }
      untilFound(events);
    }
  }

  @Test
  void withoutEnoughWatchesItSaysWhyItHearsOfNothing() throws Exception {
    SimulatedLog log = new SimulatedLog();
    log.add(put("", directory()));
    log.add(put("d", directory()));
    try (TestSession session = new TestSession(folder, frames, CrashPoints.NONE);
        DriftEvents events =
            new DriftEvents(
                config(LogConnection.to("localhost:1")), session.target, session.state, () -> 1)) {
      session.apply(log.after(session.sequence()));
      events.begin();
      assertThat(events.unheard()).isEmpty();

      await()
          .atMost(LONG)
          .until(
              () -> {
                assertThat(events.look()).isZero();
                return !events.unheard().isEmpty();
              });

      assertThat(events.unheard()).contains("watches that a user may have are in use");
      events.begin();
      assertThat(events.unheard()).as("it tries again").isEmpty();
    }
  }

  @Test
  void aForeignChangeIsMendedLongBeforeTheNextPass() throws Exception {
    try (TestLog log = TestLog.start(folder.resolve("broker"));
        TestWriter writer =
            new TestWriter(log.connection(), log.topics(), SimulatedLog.TREE, frames);
        Mirror mirror = Mirror.start(config(log.connection()))) {
      writer.beginEpoch();
      long last = writer.write(put("", directory()), put("d", directory()), put("d/x", file("x")));
      mirror.awaitApplied(last, LONG);
      // Until it is watched, again and again.
      await()
          .atMost(LONG)
          .until(
              () -> {
                Files.writeString(at("d/x"), "of somebody else");
                return mirror.drifted() > 0;
              });

      await().atMost(LONG).untilAsserted(() -> assertThat(at("d/x")).hasContent("x"));
      assertThat(folder.resolve("standby/kept-aside")).isDirectory();
    }
  }
}
