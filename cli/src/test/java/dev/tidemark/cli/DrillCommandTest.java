package dev.tidemark.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tidemark.cli.metrics.Documented;
import dev.tidemark.cli.process.StopSignal;
import dev.tidemark.schemas.change.Change;
import dev.tidemark.schemas.change.NodePath;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code drill}, on a repository of a few files. */
final class DrillCommandTest {
  @TempDir Path dir;

  private Path scratch;
  private Path metrics;

  @BeforeEach
  void write() throws IOException {
    scratch = Files.createDirectory(dir.resolve("scratch"));
    metrics = dir.resolve("web.prom");
    try (WrittenRepository written = WrittenRepository.create(dir.resolve("repository"))) {
      written.change(1, new Change.EpochStarted("host", 1, new Change.Previous.None(), 0));
      written.change(2_000, new Change.Put(NodePath.ROOT, WrittenRepository.directory()));
      written.change(3_000, new Change.Put(NodePath.ofText("index.html"), written.file("page")));
      written.change(
          90_000_000, new Change.Put(NodePath.ofText("late.html"), written.file("late")));
    }
  }

  private CommandRun drill(String... options) {
    return drillIn(scratch, options);
  }

  private CommandRun drillIn(Path folder, String... options) {
    List<String> all = new ArrayList<>(List.of("drill", "web", "--scratch", folder.toString()));
    all.addAll(List.of("--repository", dir.resolve("repository").toString()));
    all.addAll(List.of(options));
    return CommandRun.of(all.toArray(String[]::new));
  }

  private static JsonNode lastLine(CommandRun run) throws IOException {
    return new ObjectMapper().readTree(run.out().lines().toList().getLast());
  }

  /** Changes the last byte of the pack that the file's only chunk is in. */
  private void damageTheOldestPack() throws IOException {
    List<Path> packs;
    try (Stream<Path> all = Files.walk(dir.resolve("repository/packs"))) {
      packs = all.filter(Files::isRegularFile).toList();
    }
    for (Path pack : packs) {
      byte[] bytes = Files.readAllBytes(pack);
      for (int i = 0; i < bytes.length; i++) {
        bytes[i] ^= 0x55;
      }
      Files.setAttribute(pack, "unix:mode", 0644);
      Files.write(pack, bytes);
    }
  }

  @Test
  void aDrillProvesATreeAndLeavesNothingBehind() throws IOException {
    CommandRun run = drill("--at", "now");

    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.out())
        .contains("proved: tree web at sequence 4")
        .contains("3 entries compared; 2 files, 8 B, read and hashed")
        .contains("digest of the tree: 1:");
    assertThat(scratch).isEmptyDirectory();
  }

  @Test
  void aSeedIsPrintedAndDrawsTheSameInstantAgain() throws IOException {
    JsonNode first = lastLine(drill("--json"));
    JsonNode again = lastLine(drill("--json", "--seed", first.get("seed").asText()));

    assertThat(again.get("sequence")).isEqualTo(first.get("sequence"));
    assertThat(again.get("proved").asBoolean()).isTrue();
    assertThat(drill("--seed", "5").out()).contains("seed 5\n");
  }

  @Test
  void aPartIsDrawnWhereItIsThere() throws IOException {
    for (int seed = 0; seed < 10; seed++) {
      CommandRun run = drill("--json", "--path", "late.html", "--seed", Integer.toString(seed));

      assertThat(run.exitCode()).as(run.err()).isZero();
      assertThat(lastLine(run).get("sequence").asInt()).isEqualTo(4);
      assertThat(lastLine(run).get("proof").get("files").asInt()).isEqualTo(1);
    }
    CommandRun never = drill("--path", "never.html");
    assertThat(never.exitCode()).isEqualTo(ExitCode.FAILURE.number());
    assertThat(never.err()).contains("never.html").contains("--at");
  }

  @Test
  void aDamagedChunkIsNamedAndTheDrillFails() throws IOException {
    damageTheOldestPack();

    CommandRun run = drill("--at", "now", "--metrics-file", metrics.toString());

    assertThat(run.exitCode()).as(run.err()).isEqualTo(ExitCode.PARTIAL.number());
    assertThat(run.err()).contains("index.html: ").contains("late.html: ");
    assertThat(run.out()).contains("NOT proved");
    assertThat(scratch).isEmptyDirectory();
    assertThat(Files.readString(metrics))
        .contains("tidemark_drill_result{tree=\"web\"} 0\n")
        .contains("tidemark_drill_wrong_entries{tree=\"web\"} 2\n")
        .doesNotContain("last_success");
  }

  @Test
  void whatTheMetricsTellIsWhatIsDocumentedAndASuccessIsRemembered() throws IOException {
    assertThat(drill("--metrics-file", metrics.toString()).exitCode()).isZero();
    String proved = Files.readString(metrics);
    damageTheOldestPack();
    drill("--at", "now", "--metrics-file", metrics.toString());
    String failed = Files.readString(metrics);

    assertThat(Documented.served(proved)).isEqualTo(Documented.namesOfDrills());
    assertThat(proved).contains("tidemark_drill_result{tree=\"web\"} 1\n");
    String success = "tidemark_drill_last_success_timestamp_seconds{tree=\"web\"} ";
    assertThat(failed.lines().filter(line -> line.startsWith(success)))
        .isEqualTo(proved.lines().filter(line -> line.startsWith(success)).toList())
        .hasSize(1);
    try (Stream<Path> beside = Files.list(dir)) {
      assertThat(beside.map(path -> path.getFileName().toString()))
          .noneMatch(name -> name.startsWith(".tidemark"));
    }
  }

  @Test
  void aFileOfSomethingElseIsNotOverwritten() throws IOException {
    Files.writeString(metrics, "tidemark_drill_result{tree=\"mail\"} 1\n");

    CommandRun run = drill("--metrics-file", metrics.toString());

    assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE.number());
    assertThat(metrics).hasContent("tidemark_drill_result{tree=\"mail\"} 1");
  }

  @Test
  void whatIsRestoredStaysWhereItIsAskedFor() throws IOException {
    CommandRun run = drill("--at", "now", "--keep", "--json");

    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(Path.of(lastLine(run).get("kept").asText()).resolve("index.html"))
        .hasContent("page");
    assertThat(drill("--at", "now").err()).contains("is of another drill");
  }

  @Test
  void aDrillThatIsStoppedRemovesWhatItRestored() throws IOException {
    StopSignal stop = new StopSignal();
    stop.request();

    CommandRun run =
        CommandRun.with(
            stop,
            "drill",
            "web",
            "--scratch",
            scratch.toString(),
            "--metrics-file",
            metrics.toString(),
            "--repository",
            dir.resolve("repository").toString());

    assertThat(run.exitCode()).isEqualTo(ExitCode.FAILURE.number());
    assertThat(run.err()).contains("stopped before anything was proved");
    assertThat(scratch).isEmptyDirectory();
    assertThat(metrics).as("it says nothing of the tree").doesNotExist();
  }

  @Test
  void whatCannotBeDoneIsToldWithWhatToDo() {
    assertThat(drillIn(dir.resolve("nowhere")).err()).contains("nowhere is not there");
    assertThat(
            CommandRun.of("drill", "web", "--repository", dir.resolve("none").toString())
                .exitCode())
        .isEqualTo(ExitCode.NO_REPOSITORY.number());
    assertThat(drill("--metrics-file", dir.resolve("no/web.prom").toString()).err())
        .contains("no/web.prom");
    assertThat(drillIn(dir.resolve("repository")).exitCode())
        .as("a scratch directory in the repository")
        .isEqualTo(ExitCode.USAGE.number());
  }
}
