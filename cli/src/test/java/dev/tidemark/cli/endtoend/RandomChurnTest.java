package dev.tidemark.cli.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.tidemark.cli.CommandRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.FutureTask;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Whatever can be done to a tree, at random and mixed: the standby, a restore of now and of every
 * quiet instant in between are what the source was, under comparisons that owe nothing to our code.
 */
final class RandomChurnTest {
  private static final Duration LIMIT = Duration.ofSeconds(120);
  private static final int INSTANTS = 6;

  /** Of so many operations, one may have been told by no event (see {@link #up}). */
  private static final int MISSED = 5_000;

  private static final Pattern MISSES = Pattern.compile("([0-9,]+) missed by events");

  /** How the watcher learns of changes. */
  enum Capture {
    INOTIFY,
    FANOTIFY;

    String option() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** An instant at which nothing was going on, and what stood in the source. */
  private record Quiet(Instant at, Path manifest) {}

  @TempDir(cleanup = CleanupMode.ON_SUCCESS)
  private Path dir;

  private Path source;
  private Path standby;
  private Path data;
  private long seed;
  private int starts;
  private final List<Quiet> quiets = new ArrayList<>();

  @BeforeEach
  void createFolders() throws IOException {
    seed = Long.getLong("tidemark.seed", System.nanoTime());
    System.out.println("tidemark.seed=" + seed);
    source = Files.createDirectory(dir.resolve("source"));
    standby = dir.resolve("standby");
    data = dir.resolve("data");
    Files.createDirectory(dir.resolve("outside"));
  }

  @Tag("churn")
  @ParameterizedTest
  @EnumSource
  void everyInstantOfAChurnedTreeCanBeHadAgain(Capture capture) throws Exception {
    churn(capture, 20_000);
  }

  @Tag("soak")
  @ParameterizedTest
  @EnumSource
  void everyInstantOfALongChurnedTreeCanBeHadAgain(Capture capture) throws Exception {
    churn(capture, 400_000);
  }

  @Tag("churn")
  @ParameterizedTest
  @EnumSource
  void killsEveryFewSecondsMissNothing(Capture capture) throws Exception {
    churnUnderKills(capture, 4);
  }

  @Tag("soak")
  @ParameterizedTest
  @EnumSource
  void killsEveryFewSecondsForLongMissNothing(Capture capture) throws Exception {
    churnUnderKills(capture, 100);
  }

  private void churn(Capture capture, int operations) throws Exception {
    requireAvailable(capture);
    int each = Math.ceilDiv(operations, INSTANTS);
    try (ChurnDriver driver = driver()) {
      driver.run(500);
      try (TidemarkProcess up = up(capture)) {
        up.awaitOutput("ready: tree demo", LIMIT);
        for (int i = 0; i < INSTANTS; i++) {
          // A flood first, in which changes overtake one another; then as much at a pace at which
          // each is seen on its own.
          driver.run(each / 2);
          driver.run(each - each / 2, 2_000);
          keepQuietInstant(up);
        }
        makePlain(driver);
        keepQuietInstant(up);
        Waiting.untilSealed("demo", "--data", data.toString());
        assertThat(up.stop()).as(up.output()).isZero();
        assertThat(missed(up.output())).as(up.output()).isLessThanOrEqualTo(operations / MISSED);
      }
      System.out.println(driver.counts());
    }
    compareAll();
  }

  private void churnUnderKills(Capture capture, int kills) throws Exception {
    requireAvailable(capture);
    try (ChurnDriver driver = driver()) {
      driver.run(500);
      for (int i = 0; i < kills; i++) {
        int number = i;
        try (TidemarkProcess up = up(capture)) {
          FutureTask<Void> writing = start(() -> driver.run(3_000, 600));
          // Now in the start-up scan, now long after it.
          if (number % 2 == 0) {
            up.awaitOutput("ready: tree demo", LIMIT);
          } else {
            up.awaitOutput("started: ", LIMIT);
          }
          assertThat(up.awaitNoExit(Duration.ofMillis(200 + 700L * (number % 4))))
              .as(up.output())
              .isTrue();
          up.kill();
          writing.get();
        }
      }
      try (TidemarkProcess up = up(capture)) {
        up.awaitOutput("ready: tree demo", LIMIT);
        keepQuietInstant(up);
        driver.run(1_000, 500);
        makePlain(driver);
        keepQuietInstant(up);
        Waiting.untilSealed("demo", "--data", data.toString());
        assertThat(up.stop()).as(up.output()).isZero();
      }
    }
    compareAll();
  }

  /**
   * Ends the tree with what every tool can compare. There may be nothing to remove: one more file
   * makes sure that the log goes on past the quiet instant before.
   */
  private void makePlain(ChurnDriver driver) throws IOException {
    driver.makePlain();
    Files.writeString(source.resolve("last"), "written last");
  }

  private interface Work {
    void run() throws IOException;
  }

  private static FutureTask<Void> start(Work work) {
    FutureTask<Void> task =
        new FutureTask<>(
            () -> {
              work.run();
              return null;
            });
    Thread.ofPlatform().name("churn").start(task);
    return task;
  }

  /** Waits until the standby shows all and nothing is on its way, and notes when and what it is. */
  private void keepQuietInstant(TidemarkProcess up) throws IOException, InterruptedException {
    long deadline = System.nanoTime() + LIMIT.toNanos();
    long before;
    long applied = -1;
    do {
      String differences = IndependentOracle.differencesAfter(source, standby, LIMIT);
      assertThat(differences)
          .as("source and standby after %s; the watcher says%n%s", LIMIT, up.output())
          .isEmpty();
      // Equal while changes are on their way would be chance: none may have come since.
      before = applied;
      applied = Waiting.untilApplied("demo", "--data", data.toString());
      assertThat(System.nanoTime())
          .as("changes without end:%n%s", up.output())
          .isLessThan(deadline);
    } while (before != applied);
    Instant at = Waiting.instantBetween();
    Path manifest = dir.resolve("manifest" + quiets.size());
    IndependentOracle.freeze(source, manifest);
    quiets.add(new Quiet(at, manifest));
  }

  /** Restores each quiet instant, and now, from the repository alone. */
  private void compareAll() throws IOException, InterruptedException {
    IndependentOracle.delete(dir.resolve("outside"));
    // The log ends with the last one: that is now.
    for (Quiet quiet : quiets.subList(0, quiets.size() - 1)) {
      Path restored = restore(quiet.at().toString());
      IndependentOracle.requireEqual(quiet.manifest(), restored);
      IndependentOracle.delete(restored);
    }
    Path now = restore("now");
    IndependentOracle.requireEqual(source, standby);
    IndependentOracle.requireEqual(source, now);
    IndependentOracle.requireEqualForRsync(source, standby);
    IndependentOracle.requireEqualForRsync(source, now);
    assertThat(TreeOracle.of(source).differences(TreeOracle.of(standby))).isEmpty();
    assertThat(TreeOracle.of(source).differences(TreeOracle.of(now))).isEmpty();
  }

  private Path restore(String at) {
    Path target = dir.resolve("restored-" + at);
    CommandRun run =
        CommandRun.of(
            "restore",
            "demo",
            "--at",
            at,
            "--to",
            target.toString(),
            "--repository",
            data.resolve("repository").toString());
    assertThat(run.exitCode()).as("%s%s", run.out(), run.err()).isZero();
    return target;
  }

  /** How many changes the background pass has found that no event told of. */
  private static long missed(String output) {
    return MISSES
        .matcher(output)
        .results()
        .mapToLong(match -> Long.parseLong(match.group(1).replace(",", "")))
        .max()
        .orElse(0);
  }

  private ChurnDriver driver() throws IOException {
    return ChurnDriver.start(source, dir.resolve("outside"), seed, dir.resolve("trace"));
  }

  private TidemarkProcess up(Capture capture) throws IOException {
    // Written through a new name, and that name gone before it was looked at: no event leads to the
    // other names of the file. The background pass is what finds that.
    String interval = "10s";
    // Under a watcher that is away, more than half of the names of a churned tree change.
    String removals = "100%";
    return TidemarkProcess.start(
        dir.resolve("up%d.log".formatted(starts++)),
        "up",
        "demo=" + source,
        "--standby",
        standby.toString(),
        "--data",
        data.toString(),
        "--capture",
        capture.option(),
        "--reconcile-interval",
        interval,
        "--max-removals",
        removals);
  }

  private static void requireAvailable(Capture capture) {
    if (capture == Capture.FANOTIFY) {
      assumeThat(SourceFiles.isRoot()).as("this user may mark a filesystem").isTrue();
    }
  }
}
