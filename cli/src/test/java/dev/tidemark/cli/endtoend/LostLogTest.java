package dev.tidemark.cli.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tidemark.cli.CommandRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** The broker's disk is lost; sources, repository and standbys are what is left. */
final class LostLogTest {
  private static final long INCARNATION = 1_000_000_000_000L;

  @TempDir(cleanup = CleanupMode.ON_SUCCESS)
  private Path dir;

  private Path source;
  private Path standby;
  private Path data;

  @Test
  void onANewLogAllGoesOnWhereTheRepositoryEnded() throws Exception {
    source = Files.createDirectory(dir.resolve("source"));
    standby = dir.resolve("standby");
    data = dir.resolve("data");
    SourceFiles files = new SourceFiles(source, Long.getLong("tidemark.seed", 5));
    files.create(20);
    Files.writeString(source.resolve("kept"), "kept");
    Instant before;
    try (TidemarkProcess up = up("first.log")) {
      up.awaitOutput("ready: tree demo", Waiting.LIMIT);
      Waiting.untilEqual(source, standby);
      Waiting.untilSealed("demo", "--data", data.toString());
      before = Waiting.instantBetween();
      assertThat(up.stop()).as(up.output()).isZero();
    }
    TreeOracle atThatTime = TreeOracle.of(source);
    long packBytes = Waiting.packBytes(data.resolve("repository"));
    Object inode = Files.getAttribute(standby.resolve("kept"), "unix:ino");

    SourceFiles.deleteRecursively(data.resolve("broker"));
    Files.writeString(source.resolve("while-away"), "new");
    try (TidemarkProcess up = up("second.log")) {
      up.awaitOutput("ready: tree demo", Waiting.LIMIT);
      Waiting.untilEqual(source, standby);
      JsonNode status = Waiting.untilSealed("demo", "--data", data.toString());
      assertThat(status.path("sealedSequence").asLong()).isGreaterThan(INCARNATION);
      assertThat(up.stop()).as(up.output()).isZero();
      assertThat(up.output())
          .contains("the log is another one", "the tree goes on in another log")
          .doesNotContain("TaskCorrupted");
    }

    assertThat(Waiting.packBytes(data.resolve("repository")) - packBytes).isLessThan(1_000);
    assertThat(Files.getAttribute(standby.resolve("kept"), "unix:ino")).isEqualTo(inode);
    assertRestores(before.toString(), atThatTime);
    assertRestores("now", TreeOracle.of(source));
    CommandRun verify = CommandRun.of("verify", "--read-data", "--data", data.toString());
    assertThat(verify.exitCode()).as(verify.out()).isZero();
  }

  private void assertRestores(String at, TreeOracle expected) throws IOException {
    Path restored = dir.resolve("restored-" + at);
    CommandRun restore =
        CommandRun.of(
            "restore", "demo", "--at", at, "--to", restored.toString(), "--data", data.toString());
    assertThat(restore.exitCode()).as(restore.err()).isZero();
    assertThat(expected.differences(TreeOracle.of(restored))).isEmpty();
  }

  private TidemarkProcess up(String log) throws IOException {
    return TidemarkProcess.start(
        dir.resolve(log),
        "up",
        "demo=" + source,
        "--standby",
        standby.toString(),
        "--data",
        data.toString());
  }
}
