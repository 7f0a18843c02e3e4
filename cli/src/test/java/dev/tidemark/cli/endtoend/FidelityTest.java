package dev.tidemark.cli.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.cli.CommandRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Holds docs/fidelity.md to what is so. */
final class FidelityTest {
  private static final Path MATRIX = Path.of("../docs/fidelity.md");
  private static final Pattern ROW =
      Pattern.compile("\\| `([a-z0-9-]+)` \\| [^|]+ \\| (yes|no: [a-z]+) \\|.*");
  private static final Pattern EXAMPLE = Pattern.compile("(made|left) ([a-z0-9-]+)(.*)");
  private static final PythonScript EXAMPLES = PythonScript.named("fidelity_rows.py");
  private static final Duration LIMIT = Duration.ofSeconds(60);

  @TempDir private Path dir;

  @Test
  void everyRowOfTheMatrixIsAsItSays() throws Exception {
    Map<String, String> rows = rows();
    Path source = dir.resolve("source");
    Path standby = dir.resolve("standby");
    Path restored = dir.resolve("restored");
    Path data = dir.resolve("data");
    Files.createDirectories(source.resolve("scanned"));
    Set<String> made = make(source.resolve("scanned"), rows.keySet());
    try (TidemarkProcess up =
        TidemarkProcess.start(
            dir.resolve("up.log"),
            "up",
            "demo=" + source,
            "--standby",
            standby.toString(),
            "--data",
            data.toString())) {
      up.awaitOutput("ready: tree demo", Waiting.LIMIT);
      Files.createDirectory(source.resolve("watched"));
      make(source.resolve("watched"), rows.keySet());

      List<String> wrong = new ArrayList<>();
      for (String half : List.of("scanned", "watched")) {
        for (String row : made) {
          Path place = Path.of(half, row);
          if (isKept(rows, row)) {
            // What one row had no time for is what its others have none for either.
            Duration left = wrong.isEmpty() ? LIMIT : Duration.ZERO;
            checkKept(row, source.resolve(place), standby.resolve(place), left, wrong);
          }
        }
      }
      Waiting.untilApplied("demo", "--data", data.toString());
      for (String half : List.of("scanned", "watched")) {
        for (String row : made) {
          Path place = Path.of(half, row);
          if (!isKept(rows, row)) {
            checkNotKept(rows, row, source.resolve(place), standby.resolve(place), wrong);
          }
        }
      }
      assertThat(wrong).as("rows on the standby; the watcher says%n%s", up.output()).isEmpty();
      Waiting.untilSealed("demo", "--data", data.toString());
      assertThat(up.stop()).as(up.output()).isZero();
    }

    CommandRun run =
        CommandRun.of(
            "restore",
            "demo",
            "--to",
            restored.toString(),
            "--repository",
            data.resolve("repository").toString());
    assertThat(run.exitCode()).as("%s%s", run.out(), run.err()).isZero();
    List<String> wrong = new ArrayList<>();
    for (String row : made) {
      Path place = Path.of("scanned", row);
      if (isKept(rows, row)) {
        checkKept(row, source.resolve(place), restored.resolve(place), Duration.ZERO, wrong);
      } else {
        checkNotKept(rows, row, source.resolve(place), restored.resolve(place), wrong);
      }
    }
    assertThat(wrong).as("restored rows").isEmpty();
  }

  /** The JDK can neither delete long paths nor what is immutable. */
  @AfterEach
  void release() throws InterruptedException {
    EXAMPLES.run("release", dir.toString());
    for (String tree : List.of("source", "standby", "restored")) {
      IndependentOracle.delete(dir.resolve(tree));
    }
  }

  private static Map<String, String> rows() throws IOException {
    Map<String, String> rows = new LinkedHashMap<>();
    for (String line : Files.readAllLines(MATRIX)) {
      if (line.startsWith("| `")) {
        Matcher row = ROW.matcher(line);
        assertThat(row.matches()).as("a row of %s: %s", MATRIX, line).isTrue();
        rows.put(row.group(1), row.group(2));
      }
    }
    return rows;
  }

  /** Makes an example of each row; gives those that this user and filesystem can have. */
  private static Set<String> make(Path folder, Set<String> rows) throws InterruptedException {
    PythonScript.Ended ended = EXAMPLES.run("make", folder.toString());
    assertThat(ended.exitCode()).as(ended.output()).isZero();
    Set<String> all = new LinkedHashSet<>();
    Set<String> made = new LinkedHashSet<>();
    for (String line : ended.output().lines().toList()) {
      Matcher example = EXAMPLE.matcher(line);
      assertThat(example.matches()).as(line).isTrue();
      all.add(example.group(2));
      if (example.group(1).equals("made")) {
        made.add(example.group(2));
      } else {
        System.out.println("not checked here: " + line);
      }
    }
    assertThat(all).as("examples and rows of %s", MATRIX).isEqualTo(rows);
    assertThat(made).hasSizeGreaterThan(20);
    return made;
  }

  private static boolean isKept(Map<String, String> rows, String row) {
    return rows.getOrDefault(row, "").equals("yes");
  }

  private static void checkKept(
      String row, Path source, Path copy, Duration limit, List<String> wrong)
      throws InterruptedException {
    String differences = IndependentOracle.differencesAfter(source, copy, limit);
    if (!differences.isEmpty()) {
      wrong.add("%s is not kept: %s".formatted(row, differences));
    }
  }

  private static void checkNotKept(
      Map<String, String> rows, String row, Path source, Path copy, List<String> wrong)
      throws InterruptedException {
    String aspect = rows.getOrDefault(row, "").substring("no: ".length());
    String differences = IndependentOracle.differences(source, copy);
    Set<String> found = aspects(differences);
    found.remove(aspect);
    if (!found.isEmpty()) {
      wrong.add("%s differs in more than its %s: %s".formatted(row, aspect, differences));
    }
    Set<String> all = aspects(IndependentOracle.allDifferences(source, copy));
    if (!all.contains(aspect)) {
      wrong.add("%s is kept: no difference in its %s".formatted(row, aspect));
    }
  }

  /** The aspects that differ; an entry that is on one side only differs in its kind. */
  private static Set<String> aspects(String differences) {
    Set<String> aspects = new LinkedHashSet<>();
    for (String line : differences.lines().toList()) {
      String what = line.substring(line.indexOf(": ") + 2);
      String aspect = what.substring(0, what.indexOf(' '));
      aspects.add(aspect.equals("only") ? "kind" : aspect);
    }
    return aspects;
  }
}
