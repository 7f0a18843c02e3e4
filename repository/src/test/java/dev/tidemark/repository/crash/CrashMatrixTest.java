package dev.tidemark.repository.crash;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.repository.blob.LocalBlobStore;
import dev.tidemark.repository.crash.CrashingStore.ReadFault;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every request that changes a repository goes wrong in every way, and the real process that makes
 * it is killed there. Each time nothing may be damaged, everything must restore, and the next run
 * must come to its end. Holds the table of docs/crashes.md to what is so.
 */
final class CrashMatrixTest {
  private static final Path TABLE = Path.of("../docs/crashes.md");

  /** Those behind that of the kills. */
  private static final List<CrashFault> COLUMNS =
      List.of(
          CrashFault.FAIL_BEFORE,
          CrashFault.FAIL_AFTER,
          CrashFault.LOST_REQUEST,
          CrashFault.LOST_ANSWER,
          CrashFault.FULL,
          CrashFault.STALE_LIST,
          CrashFault.SLOW);

  @TempDir private Path folder;
  private final long seed = Long.getLong("tidemark.seed", System.nanoTime());
  private final Map<CrashTask, Map<String, Integer>> undisturbed = new EnumMap<>(CrashTask.class);
  private final AtomicInteger worlds = new AtomicInteger();

  @Tag("churn")
  @Test
  void whateverGoesWrongAtAnyStepNothingIsLostAndTheTableSaysWhatIsLeft() throws Exception {
    System.out.println("tidemark.seed=" + seed);
    List<String> rows = new ArrayList<>();
    for (CrashTask task : CrashTask.values()) {
      rows.addAll(play(task));
    }
    assertThat(rows)
        .as("rows of docs/crashes.md; as they are:%n%s", String.join("\n", rows))
        .isEqualTo(rowsOf(Files.readAllLines(TABLE)));
  }

  /** What is on disk is sound, and only the answer was not: the next look sees that. */
  @Tag("churn")
  @Test
  void aReadThatGoesWrongOnceDoesNoHarm() throws Exception {
    System.out.println("tidemark.seed=" + seed);
    for (CrashTask task : CrashTask.values()) {
      List<CrashStep> reads = readsOf(task);
      Set<CrashStep> seen = new HashSet<>();
      for (int i = 0; i < reads.size(); i++) {
        if (seen.add(reads.get(i))) {
          misread(task, i);
        }
      }
    }
  }

  @Tag("soak")
  @Test
  void noReadAtAllThatGoesWrongOnceDoesHarm() throws Exception {
    System.out.println("tidemark.seed=" + seed);
    for (CrashTask task : CrashTask.values()) {
      for (int i = 0; i < readsOf(task).size(); i++) {
        misread(task, i);
      }
    }
  }

  private List<CrashStep> readsOf(CrashTask task) throws IOException {
    CrashWorld world = new CrashWorld(seed, task);
    try (LocalBlobStore local = LocalBlobStore.open(make(world))) {
      CrashingStore store = new CrashingStore(local);
      world.run(store);
      return List.copyOf(store.reads());
    }
  }

  private void misread(CrashTask task, int step) throws Exception {
    for (ReadFault fault : ReadFault.values()) {
      misread(task, step, fault);
    }
  }

  private void misread(CrashTask task, int step, ReadFault fault) throws Exception {
    try {
      CrashWorld world = new CrashWorld(seed, task);
      Path made = make(world);
      boolean ended;
      try (LocalBlobStore local = LocalBlobStore.open(made)) {
        CrashingStore store = new CrashingStore(local);
        store.failRead(step, fault);
        world.run(store);
        ended = true;
      } catch (IOException planned) {
        ended = false;
      }
      world.assertNoWorse(made);
      if (!ended || task == CrashTask.REPAIR) {
        world.goOn(made);
      }
      world.assertDone(made);
    } catch (Exception | AssertionError e) {
      throw new AssertionError(
          "%s, read %d, %s, -Dtidemark.seed=%d: %s"
              .formatted(task.words(), step, fault, seed, e.getMessage()),
          e);
    }
  }

  /** The other test takes the first request of each kind. */
  @Tag("soak")
  @Test
  void nothingIsLostWhateverGoesWrongWithAnyRequestAtAll() throws Exception {
    System.out.println("tidemark.seed=" + seed);
    for (CrashTask task : CrashTask.values()) {
      List<CrashStep> steps = stepsOf(task);
      for (int i = 0; i < steps.size(); i++) {
        for (CrashFault fault : CrashFault.values()) {
          if (fault.fits(steps.get(i))) {
            outcome(task, i, fault);
          }
        }
      }
    }
  }

  private static List<String> rowsOf(List<String> lines) {
    List<String> tasks = new ArrayList<>();
    for (CrashTask task : CrashTask.values()) {
      tasks.add("| " + task.words() + " ");
    }
    return lines.stream().filter(line -> tasks.stream().anyMatch(line::startsWith)).toList();
  }

  private List<String> play(CrashTask task) throws Exception {
    List<CrashStep> steps = stepsOf(task);
    Map<CrashStep, Integer> firsts = new LinkedHashMap<>();
    for (int i = 0; i < steps.size(); i++) {
      firsts.putIfAbsent(steps.get(i), i);
    }
    List<String> rows = new ArrayList<>();
    // Processes take their time to start, and meanwhile the others are played.
    try (ExecutorService kills = Executors.newSingleThreadExecutor()) {
      // A process that is killed before a request has ended after the one before it.
      Future<String> before = kills.submit(() -> outcome(task, 0, CrashFault.KILL_BEFORE));
      List<Future<String>> killed = new ArrayList<>();
      for (int i : firsts.values()) {
        killed.add(kills.submit(() -> outcome(task, i, CrashFault.KILL_AFTER)));
      }
      for (var first : firsts.entrySet()) {
        CrashStep step = first.getKey();
        StringBuilder row = new StringBuilder();
        for (CrashFault fault : COLUMNS) {
          row.append(
              fault.fits(step)
                  ? " %s |".formatted(outcome(task, first.getValue(), fault))
                  : " – |");
        }
        rows.add(
            "| %s %d | %s | %s |%s"
                .formatted(
                    task.words(), rows.size() + 1, step, killed.get(rows.size()).get(), row));
      }
      assertThat(before.get()).isEqualTo("again");
    }
    return rows;
  }

  private Path make(CrashWorld world) throws IOException {
    Path made = folder.resolve("world-" + worlds.getAndIncrement());
    Files.createDirectories(made);
    world.copyTo(made);
    return made;
  }

  private List<CrashStep> stepsOf(CrashTask task) throws IOException {
    CrashWorld world = new CrashWorld(seed, task);
    Path made = make(world);
    try (LocalBlobStore local = LocalBlobStore.open(made)) {
      CrashingStore store = new CrashingStore(local);
      world.run(store);
      world.assertDone(made);
      return List.copyOf(store.steps());
    }
  }

  /** Lets it go wrong, and says what came of it. */
  private String outcome(CrashTask task, int step, CrashFault fault) throws Exception {
    try {
      CrashWorld world = new CrashWorld(seed, task);
      Path made = make(world);
      boolean ended = goWrong(world, made, task, step, fault);
      world.assertNoWorse(made);
      if (!ended) {
        world.goOn(made);
      }
      world.assertDone(made);
      return (ended ? "goes on" : "again") + leftOver(task, made);
    } catch (Exception | AssertionError e) {
      throw new AssertionError(
          "%s, request %d, %s, -Dtidemark.seed=%d: %s"
              .formatted(task.words(), step, fault, seed, e.getMessage()),
          e);
    }
  }

  /** True if the task came to its end in spite of it. */
  private boolean goWrong(CrashWorld world, Path made, CrashTask task, int step, CrashFault fault)
      throws Exception {
    if (fault.isKill()) {
      CrashChild.run(made, seed, task, step, fault);
      return false;
    }
    try (LocalBlobStore local = LocalBlobStore.open(made)) {
      world.run(new CrashingStore(local, step, fault));
      return true;
    } catch (IOException planned) {
      return false;
    }
  }

  /** Kinds of blobs of which there are more than without the fault. */
  private synchronized String leftOver(CrashTask task, Path made) throws IOException {
    Map<String, Integer> expected = undisturbed.get(task);
    if (expected == null) {
      CrashWorld world = new CrashWorld(seed, task);
      Path other = make(world);
      world.goOn(other);
      expected = CrashWorld.inventory(other);
      undisturbed.put(task, expected);
    }
    Map<String, Integer> found = new TreeMap<>(CrashWorld.inventory(made));
    List<String> more = new ArrayList<>();
    for (Map.Entry<String, Integer> kind : found.entrySet()) {
      if (kind.getValue() > expected.getOrDefault(kind.getKey(), 0)) {
        more.add(kind.getKey());
      }
    }
    return more.isEmpty() ? "" : "; left: " + String.join(", ", more);
  }
}
