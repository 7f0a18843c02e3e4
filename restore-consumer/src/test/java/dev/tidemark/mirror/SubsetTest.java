package dev.tidemark.mirror;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tidemark.apply.OwnerIds;
import dev.tidemark.apply.TargetCompare;
import dev.tidemark.apply.TestFrames;
import dev.tidemark.log.LogConnection;
import dev.tidemark.schemas.change.Change;
import dev.tidemark.schemas.change.Extent;
import dev.tidemark.schemas.change.Metadata;
import dev.tidemark.schemas.change.Metadata.FileTime;
import dev.tidemark.schemas.change.Node;
import dev.tidemark.schemas.change.NodePath;
import dev.tidemark.schemas.tree.EntryStream;
import dev.tidemark.schemas.tree.TreeBase;
import dev.tidemark.schemas.tree.TreeDigest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SubsetTest {
  private static final FileTime TIME = new FileTime(1_700_000_000, 123_456_789);
  private static final Subset SUBSET = subset("a", "b/c", "a-/b/a");

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

  private static NodePath path(String text) {
    return NodePath.ofText(text);
  }

  private static Subset subset(String... paths) {
    return Subset.of(Stream.of(paths).map(SubsetTest::path).toList());
  }

  private Node.File file(String text) {
    return frames.file(text.getBytes(StandardCharsets.UTF_8), 0644, TIME);
  }

  private static Node.Directory directory() {
    return new Node.Directory(Metadata.of(0755, 0, 0, TIME));
  }

  /** What a standby of a part of a tree is to show. */
  private record Part(TreeBase tree, Subset subset) implements TreeBase {
    @Override
    public Optional<Node> find(NodePath path) throws IOException {
      return tree.find(path).filter(node -> subset.holds(path, node));
    }

    @Override
    public EntryStream children(NodePath directory) throws IOException {
      return SubsetStream.within(subset, tree.children(directory));
    }

    @Override
    public EntryStream subtree(NodePath path) throws IOException {
      return SubsetStream.within(subset, tree.subtree(path));
    }
  }

  private void assertShows(TreeBase tree, Subset subset, Path base, String description)
      throws Exception {
    assertThat(TargetCompare.describe(base.resolve("target")))
        .as(description)
        .isEqualTo(TargetCompare.describe(new Part(tree, subset), frames));
  }

  private static Synchroniser synchroniser(Path base, TestSession session) {
    var config =
        MirrorConfig.of(
            SimulatedLog.TREE,
            base.resolve("target"),
            base.resolve("standby"),
            "one",
            LogConnection.to("localhost:1"));
    return new Synchroniser(
        config,
        session.target,
        session.state,
        new StatusBoard(Clock.systemUTC()),
        Clock.systemUTC());
  }

  /** As a mirror does at its start. */
  private void mend(Path base, TestSession session) throws IOException {
    if (session.state.notes().isDriftNoted()) {
      synchroniser(base, session).repair(Long.MAX_VALUE, frames);
      session.state.notes().forgetDrift();
    }
  }

  private void settle(Path base, TestSession session, Subset wanted) throws IOException {
    new SubsetChange(
            wanted,
            session.state,
            session.applier,
            synchroniser(base, session),
            new StatusBoard(Clock.systemUTC()))
        .settle(frames);
  }

  private static boolean keptAside(Path base) {
    return Files.exists(base.resolve("standby/kept-aside"));
  }

  @Test
  void anySequenceOfChangesMakesTheTargetEqualToItsPartOfTheModel() throws Exception {
    long seed = seed();
    for (int round = 0; round < 3; round++) {
      Random random = new Random(seed + round);
      Path base = Files.createDirectory(folder.resolve("round" + round));
      SimulatedLog log = new SimulatedLog();
      RandomChanges changes = new RandomChanges(random, frames, log);
      changes.addRoot();
      try (TestSession session = new TestSession(base, SUBSET, frames, CrashPoints.NONE)) {
        for (int part = 0; part < 5; part++) {
          changes.add(50);
          session.applyInBatches(log.after(session.sequence()), random);
          String description = "seed %d part %d".formatted(seed + round, part);
          assertShows(log.model(), SUBSET, base, description);
          assertThat(session.state.digest())
              .as(description)
              .isEqualTo(TreeDigest.of(log.model().subtree(NodePath.ROOT)));
        }
      }
      assertThat(driftOf(base)).as("seed %d", seed + round).isZero();
    }
  }

  private static long driftOf(Path base) throws IOException {
    return DriftCheck.runOn(
            base.resolve("target"), base.resolve("state"), OwnerIds.BY_NAME, (_, _) -> {})
        .drifted();
  }

  @Test
  void aCrashAtSomeStepLosesAndRepeatsNothing() throws Exception {
    long seed = seed();
    Random random = new Random(seed);
    SimulatedLog log = new SimulatedLog();
    RandomChanges changes = new RandomChanges(random, frames, log);
    changes.addRoot();
    changes.add(60);
    boolean crashed = true;
    for (int step = 1; crashed; step += 1 + random.nextInt(13)) {
      Path base = Files.createDirectory(folder.resolve("step" + step));
      int[] left = {step};
      CrashPoints crashes =
          _ -> {
            left[0]--;
            if (left[0] == 0) {
              throw new Crash();
            }
          };
      crashed = false;
      try (TestSession session = new TestSession(base, SUBSET, frames, crashes)) {
        session.applyInBatches(log.accepted(), new Random(seed));
      } catch (Crash e) {
        crashed = true;
      }
      try (TestSession session = new TestSession(base, SUBSET, frames, CrashPoints.NONE)) {
        mend(base, session);
        session.applyInBatches(log.after(session.sequence()), new Random(seed + 1));
      }
      assertShows(log.model(), SUBSET, base, "seed %d, crash at step %d".formatted(seed, step));
    }
  }

  @Test
  void anotherSubsetIsSettledWithoutKeepingAsideWhatLeaves() throws Exception {
    long seed = seed();
    Random random = new Random(seed);
    SimulatedLog log = new SimulatedLog();
    RandomChanges changes = new RandomChanges(random, frames, log);
    changes.addRoot();
    Path base = Files.createDirectory(folder.resolve("base"));
    for (Subset wanted : List.of(SUBSET, subset("b", "c"), Subset.ALL, subset("a/b"), SUBSET)) {
      changes.add(40);
      try (TestSession session = reopened(base)) {
        settle(base, session, wanted);
        session.applyInBatches(log.after(session.sequence()), random);
      }
      assertShows(log.model(), wanted, base, "seed %d, %s".formatted(seed, wanted));
    }
    assertThat(keptAside(base)).as("seed %d: something was kept aside", seed).isFalse();
  }

  private TestSession reopened(Path base) throws IOException {
    Subset known = Subset.ALL;
    if (Files.exists(base.resolve("state"))) {
      try (MirrorState state = MirrorState.open(base.resolve("state"))) {
        known = state.notes().subset();
      }
    }
    return new TestSession(base, known, frames, CrashPoints.NONE);
  }

  @Test
  void aBootstrapPutsThePartAndNotesTheRest() throws Exception {
    long seed = seed();
    Random random = new Random(seed);
    SimulatedLog log = new SimulatedLog();
    RandomChanges changes = new RandomChanges(random, frames, log);
    changes.addRoot();
    changes.add(120);
    Path base = Files.createDirectory(folder.resolve("base"));
    try (TestSession session = new TestSession(base, SUBSET, frames, CrashPoints.NONE)) {
      for (int times = 0; times < 2; times++) {
        // Begun once more, as after the log has lost what came next, it finds what it left.
        synchroniser(base, session)
            .bootstrap(log.model(), log.cursor(), Synchroniser.Known.APPLIED, frames);
        assertShows(log.model(), SUBSET, base, "seed %d".formatted(seed));
        assertThat(session.state.digest())
            .as("seed %d", seed)
            .isEqualTo(TreeDigest.of(log.model().subtree(NodePath.ROOT)));
      }
      changes.add(60);
      session.applyInBatches(log.after(session.sequence()), random);
      assertShows(log.model(), SUBSET, base, "seed %d, followed".formatted(seed));
    }
    assertThat(keptAside(base)).as("seed %d: something was kept aside", seed).isFalse();
  }

  @Test
  void whatIsOutsideIsFetchedOnlyWhenItComesIn() throws Exception {
    SimulatedLog log = new SimulatedLog();
    Node.File outside = file("not needed before it comes in");
    Extent.Chunk chunk = (Extent.Chunk) outside.content().extents().getFirst();
    log.add(new Change.Put(NodePath.ROOT, directory()));
    log.add(new Change.Put(path("out"), directory()));
    log.add(new Change.Put(path("out/d"), directory()));
    log.add(new Change.Put(path("out/d/x"), outside));
    frames.forget(chunk);
    Path base = Files.createDirectory(folder.resolve("base"));
    try (TestSession session = new TestSession(base, subset("in"), frames, CrashPoints.NONE)) {
      session.apply(log.after(session.sequence()));
      assertShows(log.model(), subset("in"), base, "before");

      log.add(new Change.Move(path("out/d"), path("in")));
      assertThatThrownBy(() -> session.apply(log.after(session.sequence())))
          .isInstanceOf(TargetDriftException.class)
          .hasMessageContaining("in");
      assertThat(session.state.notes().isDriftNoted())
          .as("it is compared at the next start")
          .isTrue();
      assertThat(file("not needed before it comes in")).isEqualTo(outside);
      mend(base, session);

      assertShows(log.model(), subset("in"), base, "after its bytes were there");
      log.add(new Change.Move(path("in"), path("out/d")));
      session.apply(log.after(session.sequence()));
      assertShows(log.model(), subset("in"), base, "when it left");
    }
  }

  /** As a program does that writes a file beside its place, and renames it. */
  @Test
  void whatIsPutInsideMayBeMovedOverTheBorderInTheSameBatch() throws Exception {
    SimulatedLog log = new SimulatedLog();
    log.add(new Change.Put(NodePath.ROOT, directory()));
    log.add(new Change.Put(path("in"), directory()));
    log.add(new Change.Put(path("in/old"), file("old")));
    log.add(new Change.Put(path("out"), directory()));
    log.add(new Change.Put(path("out/x"), file("from outside")));
    Path base = Files.createDirectory(folder.resolve("base"));
    try (TestSession session = new TestSession(base, subset("in"), frames, CrashPoints.NONE)) {
      session.apply(log.after(session.sequence()));

      log.add(new Change.Put(path("in/a"), file("goes out")));
      log.add(new Change.Move(path("in/a"), path("out/a")));
      log.add(new Change.Put(path("in/b"), file("is exchanged")));
      log.add(new Change.Exchange(path("in/b"), path("out/x")));
      session.apply(log.after(session.sequence()));

      assertShows(log.model(), subset("in"), base, "after one batch");
    }
  }

  @Test
  void theTimesAndModesOfTheWayToASubtreeAreKept() throws Exception {
    SimulatedLog log = new SimulatedLog();
    log.add(new Change.Put(NodePath.ROOT, directory()));
    log.add(new Change.Put(path("way"), new Node.Directory(Metadata.of(0510, 1, 2, TIME))));
    log.add(new Change.Put(path("way/beside"), file("outside")));
    log.add(new Change.Put(path("way/in"), directory()));
    log.add(new Change.Put(path("way/in/x"), file("inside")));
    Subset subset = subset("way/in");
    Path base = Files.createDirectory(folder.resolve("base"));
    try (TestSession session = new TestSession(base, subset, frames, CrashPoints.NONE)) {
      session.apply(log.after(session.sequence()));
      assertShows(log.model(), subset, base, "the way");

      log.add(new Change.Put(path("way"), file("a file where the way was")));
      session.apply(log.after(session.sequence()));
      assertThat(base.resolve("target/way")).doesNotExist();

      log.add(new Change.Put(path("way"), directory()));
      log.add(new Change.Put(path("way/in"), file("a file as the top")));
      session.apply(log.after(session.sequence()));
      assertShows(log.model(), subset, base, "the way again");
    }
  }

  @Test
  void namesOfOneInodeInsideAreOneInodeWhateverIsOutside() throws Exception {
    SimulatedLog log = new SimulatedLog();
    Metadata plain = Metadata.of(0644, 0, 0, TIME);
    Metadata shared =
        new Metadata(
            plain.mode(), 0, 0, plain.owner(), plain.group(), TIME, plain.attributes(), 42);
    var inode = new Node.File(shared, file("shared").content());
    log.add(new Change.Put(NodePath.ROOT, directory()));
    log.add(new Change.Put(path("in"), directory()));
    log.add(new Change.Put(path("out"), directory()));
    for (String name : List.of("out/1", "in/1", "out/2", "in/2")) {
      log.add(new Change.Put(path(name), inode));
    }
    Path base = Files.createDirectory(folder.resolve("base"));
    try (TestSession session = new TestSession(base, subset("in"), frames, CrashPoints.NONE)) {
      session.apply(log.after(session.sequence()));
      assertShows(log.model(), subset("in"), base, "two inside");

      log.add(new Change.Move(path("out/1"), path("in/3")));
      log.add(new Change.Move(path("in/1"), path("out/1")));
      session.apply(log.after(session.sequence()));

      assertShows(log.model(), subset("in"), base, "one came in, one went out");
      assertThat(Files.getAttribute(base.resolve("target/in/2"), "unix:nlink")).isEqualTo(2);
    }
  }

  @Test
  void aSubtreeInAnotherIsPartOfItAndTheRootIsAll() {
    assertThat(subset("a/b", "a", "a/c", "a-").paths()).containsExactly(path("a"), path("a-"));
    assertThat(Subset.of(List.of(NodePath.ROOT, path("a"))).isAll()).isTrue();
    assertThat(subset("a/b").contains(path("a/b/c"))).isTrue();
    assertThat(subset("a/b").contains(path("a/bc"))).isFalse();
    assertThat(subset("a/b").reaches(path("a"))).isTrue();
    assertThat(subset("a/b").holds(path("a"), directory())).isTrue();
    assertThat(subset("a/b").holds(path("a"), new Node.Fifo(Metadata.of(0600, 0, 0, TIME))))
        .isFalse();
  }
}
