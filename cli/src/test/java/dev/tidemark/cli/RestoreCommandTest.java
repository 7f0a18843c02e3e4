package dev.tidemark.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tidemark.schemas.change.Change;
import dev.tidemark.schemas.change.NodePath;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Options of {@code restore}, on a repository of a few files. */
final class RestoreCommandTest {
  @TempDir Path dir;

  private Path target;

  @BeforeEach
  void write() throws IOException {
    target = dir.resolve("target");
    try (WrittenRepository written = WrittenRepository.create(dir.resolve("repository"))) {
      written.change(1, new Change.EpochStarted("host", 1, new Change.Previous.None(), 0));
      written.change(2, new Change.Put(NodePath.ROOT, WrittenRepository.directory()));
      written.change(3, new Change.Put(NodePath.ofText("index.html"), written.file("page")));
      written.change(4, new Change.Put(NodePath.ofText("error.log"), written.file("a log")));
    }
  }

  private CommandRun restore(String... options) {
    List<String> all = new ArrayList<>(List.of("restore", "web", "--to", target.toString()));
    all.addAll(List.of("--repository", dir.resolve("repository").toString()));
    all.addAll(List.of(options));
    return CommandRun.of(all.toArray(String[]::new));
  }

  private static JsonNode lastLine(CommandRun run) throws IOException {
    return new ObjectMapper().readTree(run.out().lines().toList().getLast());
  }

  @Test
  void aDryRunTellsWhatWouldBeDoneAndDoesNothing() throws IOException {
    CommandRun text = restore("--dry-run");
    CommandRun json = restore("--dry-run", "--json");

    assertThat(text.exitCode()).as(text.err()).isZero();
    assertThat(text.out()).contains("2 files, 9 B").contains("nothing was done");
    assertThat(lastLine(json).get("filesToWrite").asLong()).isEqualTo(2);
    assertThat(lastLine(json).get("requests").asLong()).isEqualTo(2);
    assertThat(lastLine(json).get("bytesToFetch").asLong()).isPositive();
    assertThat(target).doesNotExist();
  }

  @Test
  void theSummaryIsTheLastLineOfJson() throws IOException {
    CommandRun run = restore("--json");

    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(lastLine(run).get("type").asText()).isEqualTo("summary");
    assertThat(lastLine(run).get("filesWritten").asLong()).isEqualTo(2);
  }

  @Test
  void whatIsExcludedIsLeftOut() {
    CommandRun run = restore("--exclude", "*.log");

    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(target)
        .isDirectoryNotContaining("glob:**.log")
        .isDirectoryContaining("glob:**.html");
  }

  @Test
  void aTargetIsReplacedAtOnce() throws IOException {
    Files.createDirectories(target.resolve("old"));

    CommandRun run = restore("--atomic");

    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(target.resolve("old")).doesNotExist();
    assertThat(target.resolve("index.html")).hasContent("page");
  }

  @Test
  void optionsThatDoNotGoTogetherAreRefused() {
    for (List<String> bad :
        List.of(
            List.of("--atomic", "--exclude", "x"),
            List.of("--memory", "0"),
            List.of("--memory", "65536"),
            List.of("--owner-map", "www"),
            List.of("--owner-map", "a=1", "--owner-map", "a=2"))) {
      CommandRun run = restore(bad.toArray(String[]::new));

      assertThat(run.exitCode()).as(bad.toString()).isEqualTo(ExitCode.USAGE.number());
      assertThat(run.err()).contains(bad.getFirst());
      assertThat(target).doesNotExist();
    }
  }
}
