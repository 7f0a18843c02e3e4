package dev.tidemark.repository.retention;

import static dev.tidemark.repository.TestData.DESCRIPTOR;
import static dev.tidemark.repository.TestData.WEB;
import static dev.tidemark.repository.TestData.entry;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.repository.Repository;
import dev.tidemark.repository.SimulatedTree;
import dev.tidemark.repository.SimulatedTree.Moment;
import dev.tidemark.repository.blob.InMemoryBlobStore;
import dev.tidemark.repository.blob.TimedBlobStore;
import dev.tidemark.repository.blob.TimedBlobStore.Death;
import dev.tidemark.repository.history.At;
import dev.tidemark.repository.history.NoSuchInstantException;
import dev.tidemark.repository.history.PathEvent;
import dev.tidemark.repository.history.TreeAt;
import dev.tidemark.repository.treelog.LogSegment;
import dev.tidemark.repository.verify.VerifyMode;
import dev.tidemark.schemas.change.NodePath;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class TreeRetentionTest {
  private static final ZoneId UTC = ZoneId.of("UTC");
  private static final Duration GRACE = Duration.ofHours(24);
  private static final long START = Instant.parse("2026-01-01T00:00:00Z").toEpochMilli();
  private static final long HOUR = 3_600_000;
  private static final long DAY = 24 * HOUR;

  private long now = START;
  private final InMemoryBlobStore memory = new InMemoryBlobStore();
  private final TimedBlobStore store = new TimedBlobStore(memory, () -> Instant.ofEpochMilli(now));
  private Repository repository;

  @BeforeEach
  void create() throws IOException {
    repository = Repository.create(store, DESCRIPTOR);
  }

  private SimulatedTree tree(Random random) {
    return new SimulatedTree(
        WEB,
        random,
        6,
        now,
        text -> {
          try {
            repository.storePack(List.of(entry(text)));
          } catch (IOException e) {
            throw new AssertionError(e);
          }
        });
  }

  /** One file, changed at each of these hours after the start. */
  private SimulatedTree changedAt(long... hours) throws IOException {
    SimulatedTree tree = tree(new Random(1));
    tree.seal(repository);
    for (long hour : hours) {
      now = START + hour * HOUR;
      tree.putFile(0, "at hour " + hour, now);
      tree.seal(repository);
    }
    return tree;
  }

  private TreeRetention retention() {
    return new TreeRetention(repository, WEB, GRACE);
  }

  private RetentionReport retain(RetentionPolicy policy) throws IOException {
    return retention().apply(retention().plan(policy).orElseThrow());
  }

  private static RetentionPolicy daily(int count) {
    return new RetentionPolicy(Duration.ZERO, 0, count, 0, 0, 0, UTC);
  }

  private List<Long> restorable(SimulatedTree tree) throws IOException {
    List<Long> sequences = new ArrayList<>();
    for (Moment moment : tree.moments().values()) {
      try {
        SimulatedTree.assertRestores(repository, WEB, moment);
        sequences.add(moment.sequence());
      } catch (NoSuchInstantException e) {
        assertThat(e).hasMessageContaining("`tidemark retain`");
      }
    }
    return sequences;
  }

  @Test
  void ofEachOfTheLastDaysTheLastInstantIsKept() throws IOException {
    // Sequences 1 and 2 begin the tree; 3, 4 | 5 | 6, 7 | 8, 9 stand on days 1, 2, 3 and 5.
    SimulatedTree tree = changedAt(1, 2, 25, 50, 51, 100, 101);

    retain(daily(3));

    assertThat(restorable(tree)).containsExactly(5L, 7L, 8L, 9L);
    assertThat(repository.history(WEB).open().follow(NodePath.ofText("f0"), 100).events())
        .extracting(PathEvent::sequence)
        .containsExactly(5L, 7L, 8L, 9L);
  }

  @Test
  void whatIsWithinTheGraceOfTheNewestInstantIsKeptWhole() throws IOException {
    SimulatedTree tree = changedAt(1, 90, 100, 110);

    retain(RetentionPolicy.keepWithin(Duration.ofMinutes(1)));

    assertThat(restorable(tree)).containsExactly(3L, 4L, 5L, 6L);
  }

  @Test
  void theStateInWhichTheWindowBeginsIsKept() throws IOException {
    SimulatedTree tree = changedAt(1, 2, 100);

    retain(RetentionPolicy.keepWithin(Duration.ofHours(48)));

    assertThat(restorable(tree)).containsExactly(4L, 5L);
    assertThat(repository.history(WEB).at(new At.Time(START + 60 * HOUR)).sequence()).isEqualTo(4);
  }

  @Test
  void aTimeBetweenTwoKeptInstantsIsAnsweredAsCompleteToTheEarlier() throws IOException {
    changedAt(1, 2, 25, 50, 51, 100, 101);
    retain(daily(3));

    TreeAt at = repository.history(WEB).at(new At.Time(START + 50 * HOUR));

    assertThat(at.sequence()).isEqualTo(5);
    assertThat(at.completeToMillis()).isEqualTo(START + 25 * HOUR);
  }

  @Test
  void aTagIsKeptAndItsChangeStaysInTheLog() throws IOException {
    SimulatedTree tree = changedAt(1);
    tree.tag("release", START + 2 * HOUR);
    tree.putFile(0, "later", START + 3 * HOUR);
    tree.putFile(0, "much later", START + 100 * HOUR);
    tree.putFile(0, "newest", START + 200 * HOUR);
    tree.seal(repository);

    retain(daily(1));

    assertThat(restorable(tree)).containsExactly(4L, 6L, 7L);
    try (var changes = repository.log(WEB).readKept()) {
      assertThat(changes.next().orElseThrow().sequence()).isEqualTo(4);
    }
  }

  @Test
  void aHeldInstantStaysUntilItIsReleased() throws IOException {
    SimulatedTree tree = changedAt(1, 2, 3, 100, 200);
    retention().hold(4, "case 7");

    retain(daily(1));
    assertThat(restorable(tree)).containsExactly(4L, 6L, 7L);
    assertThat(retention().holds().list())
        .singleElement()
        .satisfies(hold -> assertThat(hold.note()).isEqualTo("case 7"));

    assertThat(retention().release(4)).isEqualTo(1);
    retain(daily(1));
    assertThat(restorable(tree)).containsExactly(6L, 7L);
  }

  @Test
  void whatIsGoneCannotBeHeld() throws IOException {
    changedAt(1, 2, 3, 100, 200);
    retain(daily(1));

    assertThatThrownBy(() -> retention().hold(4, ""))
        .isInstanceOf(HeldInstantException.class)
        .hasMessageContaining("retain");
    assertThat(retention().holds().list()).isEmpty();
  }

  @Test
  void aHoldThatComesAfterThePlanWins() throws IOException {
    SimulatedTree tree = changedAt(1, 2, 3, 100, 200);
    RetentionPlan plan = retention().plan(daily(1)).orElseThrow();

    retention().hold(4, "in time");
    RetentionReport report = retention().apply(plan);

    assertThat(report.rangesTakenBack()).isEqualTo(1);
    assertThat(restorable(tree)).contains(4L);
    retain(daily(1));
    assertThat(restorable(tree)).containsExactly(4L, 6L, 7L);
  }

  @Test
  void segmentsGoOnlyAfterTheGrace() throws IOException {
    SimulatedTree tree = changedAt(1, 2, 3, 100, 200);
    retain(daily(1));
    int before = repository.log(WEB).list().segments().size();

    assertThat(retention().sweep(now + GRACE.toMillis() - 1).segmentsDeleted()).isZero();
    assertThat(repository.log(WEB).list().segments()).hasSize(before);
    assertThat(retention().sweep(now + GRACE.toMillis()).segmentsDeleted()).isEqualTo(5);

    assertThat(repository.log(WEB).list().segments())
        .extracting(LogSegment::first)
        .containsExactly(7L);
    assertThat(restorable(tree)).containsExactly(6L, 7L);
    assertThat(repository.verify(VerifyMode.READ_DATA).damages()).isEmpty();
  }

  @Test
  void runsInShorterIntervalsThanTheGraceStillFreeSegments() throws IOException {
    SimulatedTree tree = changedAt(1);
    for (int hour = 2; hour < 300; hour += 6) {
      now = START + hour * HOUR;
      tree.putFile(0, "hour " + hour, now);
      tree.seal(repository);
      retention().sweep(now);
      retain(RetentionPolicy.keepWithin(Duration.ZERO));
    }

    // A day stays, a day is in its grace.
    assertThat(repository.log(WEB).list().segments()).hasSizeBetween(5, 11);
    assertThat(repository.log(WEB).list().gaps()).hasSizeBetween(1, 12);
  }

  @Test
  void aReaderThatHasBegunReadsOnThroughARun() throws IOException {
    SimulatedTree tree = changedAt(1, 2, 3, 100, 200);
    try (var changes = repository.log(WEB).read(0, 5)) {
      assertThat(changes.next()).isPresent();

      retain(daily(1));
      retention().sweep(now + GRACE.toMillis() - 1);

      for (long sequence = 2; sequence <= 5; sequence++) {
        assertThat(changes.next().orElseThrow().sequence()).isEqualTo(sequence);
      }
    }
    assertThat(restorable(tree)).containsExactly(6L, 7L);
  }

  @Test
  void anotherIncarnationIsNeverReplayedOntoTheStateBeforeAGap() throws IOException {
    SimulatedTree tree = changedAt(1, 2);
    now = START + 100 * HOUR;
    tree.newTopic(now);
    tree.putFile(1, "of the new log", now + 1);
    tree.putFile(0, "also", now + 2);
    tree.putFile(0, "newest", now + 100 * HOUR);
    tree.seal(repository);
    retention().hold(4, "before the log was lost");

    retain(RetentionPolicy.keepWithin(Duration.ofHours(1)));

    long incarnation = 1_000_000_000_000L;
    assertThat(restorable(tree)).containsExactly(4L, incarnation + 4, incarnation + 5);
  }

  @Test
  void aRunThatIsKilledAtAnyStepLosesNothingAndIsFinishedByTheNext() throws IOException {
    for (Death death : Death.values()) {
      for (int step = 0; ; step++) {
        create(new InMemoryBlobStore());
        SimulatedTree tree = history(new Random(7), 30);
        TreeSet<Long> kept = keptByModel(policyOfMany(), tree.moments().values(), Set.of());
        faulty.dieAt(step, death);
        boolean died = dies(() -> retain(policyOfMany()));
        faulty.revive();
        repository = Repository.open(faulty);
        assertKept(tree, kept);
        retain(policyOfMany());
        assertThat(restorable(tree)).containsExactlyElementsOf(kept);
        now += 2 * DAY;

        faulty.dieAt(step, death);
        boolean diedSweeping = dies(() -> retention().sweep(now));
        faulty.revive();
        repository = Repository.open(faulty);
        assertKept(tree, kept);
        retention().sweep(now);
        assertThat(restorable(tree)).containsExactlyElementsOf(kept);
        assertThat(repository.verify(VerifyMode.STRUCTURE).damages()).isEmpty();
        if (!died && !diedSweeping) {
          break;
        }
      }
    }
  }

  private TimedBlobStore faulty = store;

  private void create(InMemoryBlobStore fresh) throws IOException {
    now = START;
    faulty = new TimedBlobStore(fresh, () -> Instant.ofEpochMilli(now));
    repository = Repository.create(faulty, DESCRIPTOR);
  }

  private interface Step {
    void run() throws IOException;
  }

  private static boolean dies(Step step) throws IOException {
    try {
      step.run();
      return false;
    } catch (IOException planned) {
      assertThat(planned).hasMessageContaining("planned death");
      return true;
    }
  }

  private void assertKept(SimulatedTree tree, Set<Long> kept) throws IOException {
    for (long sequence : kept) {
      SimulatedTree.assertRestores(repository, WEB, tree.moment(sequence));
    }
  }

  private static RetentionPolicy policyOfMany() {
    return new RetentionPolicy(Duration.ofHours(30), 5, 4, 3, 2, 2, ZoneId.of("Europe/Berlin"));
  }

  private static TreeSet<Long> keptByModel(
      RetentionPolicy policy, Collection<Moment> moments, Set<Long> held) {
    return RetentionModel.keep(policy, GRACE.toMillis(), moments, held);
  }

  private SimulatedTree history(Random random, int changes) throws IOException {
    SimulatedTree tree = tree(random);
    for (int i = 0; i < changes; i++) {
      now += random.nextInt(5) == 0 ? random.nextLong(3 * DAY) : random.nextLong(HOUR);
      tree.change(now);
      if (random.nextInt(4) == 0) {
        tree.seal(repository);
      }
    }
    tree.seal(repository);
    return tree;
  }

  @Test
  void anyHistoryUnderAnyPolicyKeepsWhatTheModelKeeps() throws IOException {
    long seed = Long.getLong("tidemark.seed", System.nanoTime());
    System.out.println("tidemark.seed=" + seed);
    Random random = new Random(seed);
    for (int round = 0; round < 6; round++) {
      create(new InMemoryBlobStore());
      SimulatedTree tree = history(random, 20 + random.nextInt(40));
      Map<Long, Moment> left = new TreeMap<>(tree.moments());
      Set<Long> held = new TreeSet<>();
      for (int run = 0; run < 4; run++) {
        RetentionPolicy policy = anyPolicy(random);
        if (random.nextInt(3) == 0) {
          long sequence = List.copyOf(left.keySet()).get(random.nextInt(left.size()));
          retention().hold(sequence, "");
          held.add(sequence);
        }
        TreeSet<Long> kept = keptByModel(policy, left.values(), held);

        retain(policy);
        retention().sweep(now);

        assertThat(restorable(tree))
            .describedAs("round %d, run %d, %s, held %s", round, run, policy, held)
            .containsExactlyElementsOf(kept);
        left.keySet().retainAll(kept);
        assertTimesAreAnswered(tree, left, random);
        more(tree, random);
        tree.moments().tailMap(List.copyOf(left.keySet()).getLast(), false).forEach(left::put);
      }
      assertThat(repository.verify(VerifyMode.STRUCTURE).damages()).isEmpty();
    }
  }

  private void more(SimulatedTree tree, Random random) throws IOException {
    for (int i = 0; i < random.nextInt(20); i++) {
      now += random.nextLong(DAY);
      tree.change(now);
    }
    if (random.nextInt(5) == 0) {
      now += random.nextLong(DAY);
      tree.newTopic(now);
    }
    tree.seal(repository);
  }

  private void assertTimesAreAnswered(SimulatedTree tree, Map<Long, Moment> left, Random random)
      throws IOException {
    TreeMap<Long, Moment> byTime = new TreeMap<>();
    left.values().forEach(moment -> byTime.put(moment.logTimeMillis(), moment));
    for (int i = 0; i < 5; i++) {
      long time = START + random.nextLong(now - START + 1);
      var expected = byTime.floorEntry(time);
      if (expected == null) {
        assertThatThrownBy(() -> repository.history(WEB).at(new At.Time(time)))
            .isInstanceOf(NoSuchInstantException.class);
      } else {
        TreeAt at = repository.history(WEB).at(new At.Time(time));
        assertThat(at.sequence()).isEqualTo(expected.getValue().sequence());
        assertThat(SimulatedTree.filesOf(repository, at)).isEqualTo(expected.getValue().files());
        Long next = tree.moments().higherKey(at.sequence());
        boolean whole = next == null || left.containsKey(next);
        assertThat(at.completeToMillis() == at.logTimeMillis() || whole).isTrue();
      }
    }
  }

  private static RetentionPolicy anyPolicy(Random random) {
    return new RetentionPolicy(
        Duration.ofHours(random.nextInt(200)),
        random.nextInt(6),
        random.nextInt(6),
        random.nextInt(4),
        random.nextInt(3),
        random.nextInt(2),
        random.nextBoolean() ? UTC : ZoneId.of("America/New_York"));
  }

  @Test
  void whatStandsInThePlanIsWhatGoes() throws IOException {
    changedAt(1, 2, 25, 50, 51, 100, 101);

    RetentionPlan plan = retention().plan(daily(3)).orElseThrow();

    assertThat(plan.kept())
        .containsExactly(
            new KeptInstant(5, START + 25 * HOUR, List.of("daily")),
            new KeptInstant(7, START + 51 * HOUR, List.of("daily")));
    assertThat(plan.windowBase()).isEqualTo(7);
    assertThat(plan.ranges()).containsExactly(new RetentionPlan.Range(1, 7));
    assertThat(plan.snapshotsToMake()).containsExactly(5L, 7L);
    assertThat(plan.segments()).isEqualTo(6);
  }
}
