package dev.tidemark.repository.crash;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.repository.blob.BlobStore;
import dev.tidemark.repository.crash.CrashingStore.ReadFault;
import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Lets requests of tasks go wrong, each in a world of its own, and says what came of it. */
final class CrashMatrix {
  private final long seed;
  private final CrashPlace.Maker places;
  private final Map<CrashTask, Map<String, Integer>> undisturbed = new EnumMap<>(CrashTask.class);

  CrashMatrix(long seed, CrashPlace.Maker places) {
    this.seed = seed;
    this.places = places;
  }

  List<CrashStep> readsOf(CrashTask task) throws IOException {
    CrashWorld world = new CrashWorld(seed, task);
    try (BlobStore store = make(world).open()) {
      CrashingStore crashing = new CrashingStore(store);
      world.run(crashing);
      return List.copyOf(crashing.reads());
    }
  }

  void misread(CrashTask task, int step) throws Exception {
    for (ReadFault fault : ReadFault.values()) {
      misread(task, step, fault);
    }
  }

  private void misread(CrashTask task, int step, ReadFault fault) throws Exception {
    try {
      CrashWorld world = new CrashWorld(seed, task);
      CrashPlace made = make(world);
      boolean ended;
      try (BlobStore store = made.open()) {
        CrashingStore crashing = new CrashingStore(store);
        crashing.failRead(step, fault);
        world.run(crashing);
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

  /** Chooses what is played. */
  interface Choice {
    boolean isPlayed(CrashFault fault, int row);
  }

  /**
   * Plays the first request of each kind of a task.
   *
   * @return per row of the table, what came of the faults that were chosen
   */
  Map<String, Map<CrashFault, String>> play(CrashTask task, Choice choice) throws Exception {
    List<CrashStep> steps = stepsOf(task);
    Map<CrashStep, Integer> firsts = new LinkedHashMap<>();
    for (int i = 0; i < steps.size(); i++) {
      firsts.putIfAbsent(steps.get(i), i);
    }
    Map<String, Map<CrashFault, Future<String>>> playing = new LinkedHashMap<>();
    Future<String> before = CompletableFuture.completedFuture("again");
    // Processes take their time to start, and meanwhile the others are played.
    try (ExecutorService kills = Executors.newSingleThreadExecutor();
        ExecutorService others = Executors.newSingleThreadExecutor()) {
      // A process that is killed before a request has ended after the one before it.
      if (choice.isPlayed(CrashFault.KILL_BEFORE, 0)) {
        before = kills.submit(() -> outcome(task, 0, CrashFault.KILL_BEFORE));
      }
      int number = 0;
      for (var first : firsts.entrySet()) {
        CrashStep step = first.getKey();
        String row = "%s %d | %s".formatted(task.words(), ++number, step);
        Map<CrashFault, Future<String>> cells = new EnumMap<>(CrashFault.class);
        for (CrashFault fault : CrashFault.COLUMNS) {
          if (fault.fits(step) && choice.isPlayed(fault, number)) {
            ExecutorService player = fault.isKill() ? kills : others;
            cells.put(fault, player.submit(() -> outcome(task, first.getValue(), fault)));
          }
        }
        playing.put(row, cells);
      }
      assertThat(before.get()).isEqualTo("again");
      return await(playing);
    }
  }

  private static Map<String, Map<CrashFault, String>> await(
      Map<String, Map<CrashFault, Future<String>>> playing) throws Exception {
    Map<String, Map<CrashFault, String>> played = new LinkedHashMap<>();
    for (var row : playing.entrySet()) {
      Map<CrashFault, String> cells = new EnumMap<>(CrashFault.class);
      for (var cell : row.getValue().entrySet()) {
        cells.put(cell.getKey(), cell.getValue().get());
      }
      played.put(row.getKey(), cells);
    }
    return played;
  }

  private CrashPlace make(CrashWorld world) throws IOException {
    CrashPlace made = places.make();
    world.copyTo(made);
    return made;
  }

  List<CrashStep> stepsOf(CrashTask task) throws IOException {
    CrashWorld world = new CrashWorld(seed, task);
    CrashPlace made = make(world);
    try (BlobStore store = made.open()) {
      CrashingStore crashing = new CrashingStore(store);
      world.run(crashing);
      world.assertDone(made);
      return List.copyOf(crashing.steps());
    }
  }

  /** Lets it go wrong, and says what came of it. */
  String outcome(CrashTask task, int step, CrashFault fault) throws Exception {
    try {
      CrashWorld world = new CrashWorld(seed, task);
      CrashPlace made = make(world);
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
  private boolean goWrong(
      CrashWorld world, CrashPlace made, CrashTask task, int step, CrashFault fault)
      throws Exception {
    if (fault.isKill()) {
      CrashChild.run(made, seed, task, step, fault);
      return false;
    }
    try (BlobStore store = made.open()) {
      world.run(new CrashingStore(store, step, fault));
      return true;
    } catch (IOException planned) {
      return false;
    }
  }

  /** Kinds of blobs of which there are more than without the fault. */
  private synchronized String leftOver(CrashTask task, CrashPlace made) throws IOException {
    Map<String, Integer> expected = undisturbed.get(task);
    if (expected == null) {
      CrashWorld world = new CrashWorld(seed, task);
      CrashPlace other = make(world);
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
