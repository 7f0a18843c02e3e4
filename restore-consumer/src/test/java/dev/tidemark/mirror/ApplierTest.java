package dev.tidemark.mirror;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tidemark.apply.FrameSource;
import dev.tidemark.apply.TargetCompare;
import dev.tidemark.apply.TestFrames;
import dev.tidemark.schemas.change.Bytes;
import dev.tidemark.schemas.change.Change;
import dev.tidemark.schemas.change.Extent;
import dev.tidemark.schemas.change.Metadata;
import dev.tidemark.schemas.change.Metadata.FileTime;
import dev.tidemark.schemas.change.Node;
import dev.tidemark.schemas.change.NodePath;
import dev.tidemark.schemas.tree.Tree;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ApplierTest {
  private static final FileTime TIME = new FileTime(1_700_000_000, 123_456_789);

  @TempDir Path folder;
  private final TestFrames frames = new TestFrames();

  @BeforeEach
  void ownersCanBeSet() throws Exception {
    assumeTrue(Privilege.isRoot(), "only root can give files to other owners");
  }

  private static final class Crash extends RuntimeException {}

  private static long seed() {
    long seed = Long.getLong("tidemark.seed", System.nanoTime());
    System.out.println("tidemark.seed=" + seed);
    return seed;
  }

  private void assertEqual(Tree model, Path base, String description) throws Exception {
    assertThat(TargetCompare.describe(base.resolve("target")))
        .as(description)
        .isEqualTo(TargetCompare.describe(model, frames));
  }

  @Test
  void anySequenceOfChangesMakesTheTargetEqualToTheModel() throws Exception {
    roundsOfRandomChanges(2, 4);
  }

  @Test
  @Tag("soak")
  void manyLongSequencesOfChangesMakeTheTargetEqualToTheModel() throws Exception {
    roundsOfRandomChanges(20, 8);
  }

  private void roundsOfRandomChanges(int rounds, int parts) throws Exception {
    long seed = seed();
    for (int round = 0; round < rounds; round++) {
      Random random = new Random(seed + round);
      Path base = Files.createDirectory(folder.resolve("round" + round));
      SimulatedLog log = new SimulatedLog();
      RandomChanges changes = new RandomChanges(random, frames, log);
      changes.addRoot();
      try (TestSession session = new TestSession(base, frames, CrashPoints.NONE)) {
        for (int part = 0; part < parts; part++) {
          changes.add(50);
          session.applyInBatches(log.after(session.sequence()), random);
          assertEqual(log.model(), base, "seed %d part %d".formatted(seed + round, part));
        }
        while (session.state.collectGone()) {
          // What no path reaches any more.
        }
        try (StateStream entries = new StateStream(session.state)) {
          for (NodePath path : TargetCompare.describe(log.model(), frames).keySet()) {
            assertThat(entries.next().orElseThrow().path()).isEqualTo(path);
          }
          assertThat(entries.next()).isEmpty();
        }
      }
      deleteAll(base);
    }
  }

  @Test
  void aCrashAtSomeStepLosesAndRepeatsNothing() throws Exception {
    crashAtSteps(12);
  }

  @Test
  @Tag("soak")
  void aCrashAtAnyStepLosesAndRepeatsNothing() throws Exception {
    crashAtSteps(1);
  }

  private void crashAtSteps(int stride) throws Exception {
    long seed = seed();
    Random random = new Random(seed);
    SimulatedLog log = new SimulatedLog();
    RandomChanges changes = new RandomChanges(random, frames, log);
    changes.addRoot();
    changes.add(60);
    int step = 1;
    boolean crashed = true;
    while (crashed) {
      Path base = Files.createDirectory(folder.resolve("step" + step));
      crashed = applyAllWithCrashAt(step, base, log, seed);
      assertEqual(log.model(), base, "seed %d, crash at step %d".formatted(seed, step));
      deleteAll(base);
      step += 1 + random.nextInt(2 * stride - 1);
    }
  }

  private boolean applyAllWithCrashAt(int step, Path base, SimulatedLog log, long seed)
      throws Exception {
    int[] left = {step};
    CrashPoints crashes =
        _ -> {
          left[0]--;
          if (left[0] == 0) {
            throw new Crash();
          }
        };
    boolean crashed = false;
    try (TestSession session = new TestSession(base, frames, crashes)) {
      session.applyInBatches(log.accepted(), new Random(seed));
    } catch (Crash e) {
      crashed = true;
      try (TestSession session = new TestSession(base, frames, CrashPoints.NONE)) {
        session.applyInBatches(log.after(session.sequence()), new Random(seed + 1));
      }
    }
    return crashed;
  }

  private static void deleteAll(Path base) throws IOException {
    try (Stream<Path> all = Files.walk(base)) {
      for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }

  private Node.File file(String text) {
    return frames.file(text.getBytes(StandardCharsets.UTF_8), 0644, TIME);
  }

  private static Node.Directory directory() {
    return new Node.Directory(Metadata.of(0755, 0, 0, TIME));
  }

  private static NodePath path(String text) {
    return NodePath.ofText(text);
  }

  private SimulatedLog logOf(Change.Body... bodies) throws IOException {
    SimulatedLog log = new SimulatedLog();
    log.add(new Change.Put(NodePath.ROOT, directory()));
    for (Change.Body body : bodies) {
      assertThat(log.add(body)).as(body.toString()).isTrue();
    }
    return log;
  }

  /** Move a to b, put a, crash before the state knew: the new a must not be moved over b. */
  @Test
  void aMoveThatWasMadeBeforeACrashIsNotMadeAgain() throws Exception {
    SimulatedLog log =
        logOf(
            new Change.Put(path("a"), file("first")),
            new Change.Move(path("a"), path("b")),
            new Change.Put(path("a"), file("second")));
    for (String at : List.of("intent", "moved", "applied", "before commit", "committed")) {
      for (int occurrence = 1; occurrence < 4; occurrence++) {
        Path base = Files.createDirectory(folder.resolve(at.replace(' ', '-') + occurrence));
        int[] left = {occurrence};
        CrashPoints crashes =
            step -> {
              if (step.equals(at) && --left[0] == 0) {
                throw new Crash();
              }
            };
        try (TestSession session = new TestSession(base, frames, crashes)) {
          session.apply(log.accepted());
        } catch (Crash e) {
          try (TestSession session = new TestSession(base, frames, CrashPoints.NONE)) {
            session.apply(log.accepted());
          }
        }
        assertThat(base.resolve("target/b")).hasContent("first");
        assertThat(base.resolve("target/a")).hasContent("second");
      }
    }
  }

  @Test
  void oneNameCanBecomeAnythingAndBackAgain() throws Exception {
    List<Change.Body> bodies = new ArrayList<>();
    Node link = new Node.Symlink(Metadata.of(0777, 1, 2, TIME), Bytes.ofText("/etc/passwd"));
    Node fifo = new Node.Fifo(Metadata.of(0600, 1, 2, TIME));
    for (Node node : List.of(file("f"), directory(), link, directory(), fifo, file("g"), link)) {
      bodies.add(new Change.Put(path("x"), node));
      if (node instanceof Node.Directory) {
        bodies.add(new Change.Put(path("x/y"), directory()));
        bodies.add(new Change.Put(path("x/y/z"), file("z")));
      }
    }
    SimulatedLog log = logOf(bodies.toArray(Change.Body[]::new));

    for (boolean together : new boolean[] {true, false}) {
      Path base = Files.createDirectory(folder.resolve("together-" + together));
      try (TestSession session = new TestSession(base, frames, CrashPoints.NONE)) {
        if (together) {
          session.apply(log.accepted());
        } else {
          for (Accepted change : log.accepted()) {
            session.apply(List.of(change));
          }
        }
      }
      assertEqual(log.model(), base, "together " + together);
    }
  }

  @Test
  void aSymlinkPutInPlaceOfADirectoryIsNotFollowed() throws Exception {
    SimulatedLog log = logOf(new Change.Put(path("d"), directory()));
    Path outside = Files.createDirectory(folder.resolve("outside"));
    Path base = Files.createDirectory(folder.resolve("base"));
    try (TestSession session = new TestSession(base, frames, CrashPoints.NONE)) {
      session.apply(log.accepted());
    }
    Files.delete(base.resolve("target/d"));
    Files.createSymbolicLink(base.resolve("target/d"), outside);
    log.add(new Change.Put(path("d/f"), file("stray")));

    try (TestSession session = new TestSession(base, frames, CrashPoints.NONE)) {
      assertThatThrownBy(() -> session.apply(log.after(session.sequence())))
          .isInstanceOf(TargetDriftException.class);
    }

    assertThat(outside).isEmptyDirectory();
  }

  @Test
  void aChangeThatDoesNotFitIsRefusedAndNothingIsLost() throws Exception {
    SimulatedLog log = logOf(new Change.Put(path("a"), file("a")));
    SimulatedLog other =
        logOf(
            new Change.Put(path("q"), file("q")),
            new Change.Put(path("r"), file("r")),
            new Change.Move(path("r"), path("s")));
    Path base = Files.createDirectory(folder.resolve("base"));
    try (TestSession session = new TestSession(base, frames, CrashPoints.NONE)) {
      session.apply(log.accepted());
      assertThatThrownBy(() -> session.apply(other.accepted().subList(4, 5)))
          .isInstanceOf(MirrorDivergedException.class);
      assertThat(session.sequence()).isEqualTo(log.cursor().sequence());
    }
    assertEqual(log.model(), base, "unchanged");
  }

  @Test
  void whatCameBeforeAFailedFileIsKeptAndTheRestComesLater() throws Exception {
    Node.File lost = file("lost for now");
    SimulatedLog log =
        logOf(
            new Change.Put(path("a"), file("a")),
            new Change.Put(path("b"), lost),
            new Change.Put(path("c"), file("c")));
    Path base = Files.createDirectory(folder.resolve("base"));
    FrameSource without =
        wanted -> {
          var found = new HashMap<>(frames.read(wanted));
          lost.content().extents().forEach(e -> found.remove(((Extent.Chunk) e).id()));
          return found;
        };
    try (TestSession session = new TestSession(base, frames, CrashPoints.NONE)) {
      for (int i = 0; i < 3; i++) {
        assertThatThrownBy(() -> session.applier.apply(log.accepted(), without, log.cursor()))
            .isInstanceOf(ApplyFailedException.class)
            .hasMessageContaining("b: chunk");
      }
      assertThat(base.resolve("target/a")).hasContent("a");
      assertThat(base.resolve("target/b")).doesNotExist();
      session.apply(log.accepted());
    }
    assertEqual(log.model(), base, "after all");
  }
}
