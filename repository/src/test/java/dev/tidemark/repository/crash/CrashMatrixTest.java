package dev.tidemark.repository.crash;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.repository.blob.s3.TestS3;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
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

  @TempDir private Path folder;
  private final long seed = Long.getLong("tidemark.seed", System.nanoTime());

  @Tag("churn")
  @Test
  void whateverGoesWrongAtAnyStepNothingIsLostAndTheTableSaysWhatIsLeft() throws Exception {
    assertTable(CrashPlace.inFolders(folder), (_, _) -> true);
  }

  /**
   * Requests to a bucket take long, and a process that speaks to one to start: drawn by the seed.
   */
  @Tag("churn")
  @Test
  void inABucketTheSame() throws Exception {
    assertTable(
        CrashPlace.inBucket(TestS3.server().endpoint(), folder),
        (fault, row) -> isDrawn(row, fault.isKill() ? 8 : 2));
  }

  /** Another implementation of the server. */
  @Tag("churn")
  @Test
  void inABucketOfCephWhatIsKilledOrNotAnsweredLeavesTheSame() throws Exception {
    assertTable(
        CrashPlace.inBucket(TestS3.rgw().endpoint(), folder),
        (fault, row) ->
            fault == CrashFault.LOST_ANSWER && isDrawn(row, 6)
                || fault.isKill() && isDrawn(row, 12));
  }

  @Tag("soak")
  @Test
  void inABucketEveryFaultAtEveryStepLeavesTheSame() throws Exception {
    assertTable(CrashPlace.inBucket(TestS3.server().endpoint(), folder), (_, _) -> true);
  }

  @Tag("soak")
  @Test
  void inABucketOfCephTheSame() throws Exception {
    assertTable(CrashPlace.inBucket(TestS3.rgw().endpoint(), folder), (_, _) -> true);
  }

  private boolean isDrawn(int row, int oneOf) {
    return Math.floorMod(row + seed, oneOf) == 0;
  }

  private void assertTable(CrashPlace.Maker places, CrashMatrix.Choice choice) throws Exception {
    System.out.println("tidemark.seed=" + seed);
    CrashMatrix matrix = new CrashMatrix(seed, places);
    Map<String, Map<CrashFault, String>> played = new LinkedHashMap<>();
    for (CrashTask task : CrashTask.values()) {
      played.putAll(matrix.play(task, choice));
    }
    Map<String, Map<CrashFault, String>> expected = tableOf(Files.readAllLines(TABLE));
    expected.forEach(
        (row, cells) -> cells.keySet().retainAll(played.getOrDefault(row, Map.of()).keySet()));
    assertThat(played)
        .as("rows of docs/crashes.md; as they are:%n%s", text(played))
        .isEqualTo(expected);
  }

  /** What is on disk is sound, and only the answer was not: the next look sees that. */
  @Tag("churn")
  @Test
  void aReadThatGoesWrongOnceDoesNoHarm() throws Exception {
    System.out.println("tidemark.seed=" + seed);
    CrashMatrix matrix = new CrashMatrix(seed, CrashPlace.inFolders(folder));
    for (CrashTask task : CrashTask.values()) {
      List<CrashStep> reads = matrix.readsOf(task);
      Set<CrashStep> seen = new HashSet<>();
      for (int i = 0; i < reads.size(); i++) {
        if (seen.add(reads.get(i))) {
          matrix.misread(task, i);
        }
      }
    }
  }

  @Tag("soak")
  @Test
  void noReadAtAllThatGoesWrongOnceDoesHarm() throws Exception {
    System.out.println("tidemark.seed=" + seed);
    CrashMatrix matrix = new CrashMatrix(seed, CrashPlace.inFolders(folder));
    for (CrashTask task : CrashTask.values()) {
      for (int i = 0; i < matrix.readsOf(task).size(); i++) {
        matrix.misread(task, i);
      }
    }
  }

  /** The other test takes the first request of each kind. */
  @Tag("soak")
  @Test
  void nothingIsLostWhateverGoesWrongWithAnyRequestAtAll() throws Exception {
    System.out.println("tidemark.seed=" + seed);
    CrashMatrix matrix = new CrashMatrix(seed, CrashPlace.inFolders(folder));
    for (CrashTask task : CrashTask.values()) {
      List<CrashStep> steps = matrix.stepsOf(task);
      for (int i = 0; i < steps.size(); i++) {
        for (CrashFault fault : CrashFault.values()) {
          if (fault.fits(steps.get(i))) {
            matrix.outcome(task, i, fault);
          }
        }
      }
    }
  }

  private static Map<String, Map<CrashFault, String>> tableOf(List<String> lines) {
    Map<String, Map<CrashFault, String>> table = new LinkedHashMap<>();
    for (String line : lines) {
      List<String> cells = Arrays.stream(line.split("\\|")).map(String::strip).toList();
      if (cells.size() == 3 + CrashFault.COLUMNS.size() && isRow(cells.get(1))) {
        Map<CrashFault, String> outcomes = new EnumMap<>(CrashFault.class);
        for (CrashFault fault : CrashFault.COLUMNS) {
          String outcome = cells.get(3 + CrashFault.COLUMNS.indexOf(fault));
          if (!outcome.equals("–")) {
            outcomes.put(fault, outcome);
          }
        }
        table.put(cells.get(1) + " | " + cells.get(2), outcomes);
      }
    }
    return table;
  }

  private static boolean isRow(String step) {
    return Arrays.stream(CrashTask.values()).anyMatch(task -> step.startsWith(task.words() + " "));
  }

  private static String text(Map<String, Map<CrashFault, String>> table) {
    StringBuilder text = new StringBuilder();
    table.forEach(
        (row, cells) -> {
          text.append("| ").append(row).append(" |");
          CrashFault.COLUMNS.forEach(
              fault -> text.append(' ').append(cells.getOrDefault(fault, "–")).append(" |"));
          text.append('\n');
        });
    return text.toString();
  }
}
