package dev.tidemark.cli.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.cli.CommandRun;
import dev.tidemark.cli.ExitCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** The main job, in a process of its own as users run it. */
final class UpEndToEndTest {
  @TempDir(cleanup = CleanupMode.ON_SUCCESS)
  private Path dir;

  private Path source;
  private Path standby;
  private Path data;
  private SourceFiles files;
  private int restores;

  @BeforeEach
  void createSource() throws IOException {
    long seed = Long.getLong("tidemark.seed", System.nanoTime());
    System.out.println("tidemark.seed=" + seed);
    source = dir.resolve("source");
    standby = dir.resolve("standby");
    data = dir.resolve("data");
    files = new SourceFiles(source, seed);
    files.create(300);
  }

  @Test
  void theStandbyFollowsAndEveryNotedInstantCanBeRestored() throws Exception {
    Map<Instant, TreeOracle> noted = new LinkedHashMap<>();
    try (TidemarkProcess up = up("first.log")) {
      up.awaitOutput("ready: tree demo", Waiting.LIMIT);
      assertThat(TreeOracle.of(source).differences(TreeOracle.of(standby))).isEmpty();
      note(noted);
      files.edit();
      note(noted);
      files.replace();
      note(noted);
      files.rename();
      note(noted);
      files.changeMetadata();
      note(noted);

      for (Map.Entry<Instant, TreeOracle> instant : noted.entrySet()) {
        restoreAndCompare(instant, "--data", data.toString());
      }
      assertThat(up.stop()).as(up.output()).isZero();
      assertThat(up.output()).contains("stopped after").doesNotContain("\tat ");
    }

    files.copyIn(source.resolve("while-away"), 1_000_000);
    SourceFiles.deleteRecursively(source.resolve("d4"));
    try (TidemarkProcess up = up("second.log")) {
      up.awaitOutput("ready: tree demo", Waiting.LIMIT);
      note(noted);
      Waiting.untilSealed("demo", "--data", data.toString());
      assertThat(up.stop()).as(up.output()).isZero();
    }

    String repository = data.resolve("repository").toString();
    Map.Entry<Instant, TreeOracle> last = null;
    for (Map.Entry<Instant, TreeOracle> instant : noted.entrySet()) {
      last = instant;
      if (instant.getValue() != noted.values().toArray()[noted.size() - 1]) {
        restoreAndCompare(instant, "--repository", repository);
      }
    }
    assertThat(last).isNotNull();
    compareRestored("now", last.getValue(), "--repository", repository);
  }

  @Test
  void anInstantBeforeTheFirstChangeAndAnUnknownTreeAreRefused() throws Exception {
    try (TidemarkProcess up = up("up.log")) {
      up.awaitOutput("ready: tree demo", Waiting.LIMIT);
      Waiting.untilSealed("demo", "--data", data.toString());

      CommandRun early = restore("demo", "2001-01-01", dir.resolve("early"));
      CommandRun unknown = restore("other", "now", dir.resolve("unknown"));
      CommandRun second = CommandRun.of("up", "other=" + source, "--data", data.toString());

      assertThat(early.exitCode()).isEqualTo(ExitCode.FAILURE.number());
      assertThat(early.err()).contains("Its first recorded instant is");
      assertThat(dir.resolve("early")).doesNotExist();
      assertThat(unknown.exitCode()).isEqualTo(ExitCode.FAILURE.number());
      assertThat(unknown.err()).contains("no tree other here; there is demo");
      assertThat(dir.resolve("unknown")).doesNotExist();
      assertThat(second.exitCode()).isEqualTo(ExitCode.LOCKED.number());
      assertThat(second.err()).contains("(process %d)".formatted(up.pid()));
      assertThat(up.stop()).as(up.output()).isZero();
    }
  }

  @Test
  void aProcessKilledDuringACopyInGoesOnAndNothingIsCorrupt() throws Exception {
    Path copied = source.resolve("copied");
    Thread copying =
        Thread.ofPlatform()
            .start(
                () -> {
                  try {
                    files.copyIn(copied, 60_000_000);
                  } catch (IOException e) {
                    throw new java.io.UncheckedIOException(e);
                  }
                });
    try (TidemarkProcess up = up("killed.log")) {
      Path seen = standby.resolve("copied");
      long deadline = System.nanoTime() + Waiting.LIMIT.toNanos();
      while (!Files.isDirectory(seen) || seen.toFile().list().length < 5) {
        assertThat(up.isAlive()).as(up.output()).isTrue();
        assertThat(System.nanoTime()).as(up.output()).isLessThan(deadline);
        Thread.onSpinWait();
      }
      up.kill();
    }
    copying.join();

    try (TidemarkProcess up = up("again.log")) {
      up.awaitOutput("ready: tree demo", Waiting.LIMIT);
      Waiting.untilEqual(source, standby);
      Waiting.untilSealed("demo", "--data", data.toString());
      assertThat(up.stop()).as(up.output()).isZero();
    }
    compareRestored(
        "now", TreeOracle.of(source), "--repository", data.resolve("repository").toString());
  }

  @Test
  void anIdenticalFileAndTheSameTreeFromASecondWatcherAddNoPackBytes() throws Exception {
    Path repository = data.resolve("repository");
    try (TidemarkProcess up = up("one.log")) {
      up.awaitOutput("ready: tree demo", Waiting.LIMIT);
      Waiting.untilSealed("demo", "--data", data.toString());
      long bytes = Waiting.packBytes(repository);

      Files.copy(source.resolve("large.bin"), source.resolve("d1/copy.bin"));
      Waiting.untilEqual(source, standby);
      Waiting.untilSealed("demo", "--data", data.toString());

      assertThat(Waiting.packBytes(repository)).isEqualTo(bytes);
      assertThat(up.stop()).as(up.output()).isZero();
    }
    long bytes = Waiting.packBytes(repository);
    Path twin = Files.createDirectory(dir.resolve("twin"));
    SourceFiles.copyTree(source, twin);

    try (TidemarkProcess up =
        TidemarkProcess.start(
            dir.resolve("two.log"),
            "up",
            "demo=" + source,
            "twin=" + twin,
            "--standby",
            "demo=" + standby,
            "--data",
            data.toString())) {
      up.awaitOutput("ready: tree twin", Waiting.LIMIT);
      up.awaitOutput("ready: tree demo", Waiting.LIMIT);
      Waiting.untilSealed("twin", "--data", data.toString());

      assertThat(Waiting.packBytes(repository)).isEqualTo(bytes);
      assertThat(up.stop()).as(up.output()).isZero();
    }
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

  private void note(Map<Instant, TreeOracle> noted) throws IOException {
    Waiting.untilEqual(source, standby);
    noted.put(Waiting.instantBetween(), TreeOracle.of(source));
  }

  private void restoreAndCompare(Map.Entry<Instant, TreeOracle> instant, String... where)
      throws IOException {
    compareRestored(instant.getKey().toString(), instant.getValue(), where);
  }

  private void compareRestored(String at, TreeOracle expected, String... where) throws IOException {
    Path target = dir.resolve("restored" + restores++);
    CommandRun run =
        CommandRun.of("restore", "demo", "--at", at, "--to", target.toString(), where[0], where[1]);
    assertThat(run.exitCode()).as("%s%s", run.out(), run.err()).isZero();
    assertThat(expected.differences(TreeOracle.of(target))).as("restored at %s", at).isEmpty();
    SourceFiles.deleteRecursively(target);
  }

  private CommandRun restore(String tree, String at, Path target) {
    return CommandRun.of(
        "restore", tree, "--at", at, "--to", target.toString(), "--data", data.toString());
  }
}
