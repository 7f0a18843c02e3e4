package dev.tidemark.cli.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.cli.CommandRun;
import dev.tidemark.cli.ExitCode;
import dev.tidemark.cli.process.StopSignal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** Named instants of an {@code up}, asked for by other processes. */
final class TagEndToEndTest {
  @TempDir(cleanup = CleanupMode.ON_SUCCESS)
  private Path dir;

  private Path source;
  private Path data;

  @Test
  void aTagAndAFreezeNameStatesThatCanBeHadBack() throws Exception {
    source = Files.createDirectory(dir.resolve("source"));
    data = dir.resolve("data");
    Files.writeString(source.resolve("before"), "text");
    Files.createDirectories(source.resolve("cache"));
    Files.writeString(source.resolve("cache/x"), "left out");
    try (TidemarkProcess up =
        TidemarkProcess.start(
            dir.resolve("up.log"),
            "up",
            "demo=" + source,
            "--data",
            data.toString(),
            "--exclude",
            "cache/")) {
      up.awaitOutput("ready: tree demo", Waiting.LIMIT);

      theTagHoldsWhatTheCommandWroteAndNotWhatCameAfterTheRelease();
      theFailedCommandTagsNothingAndIsReleased();
      theInterruptedFreezeReleases();
      aTagFromAnyProcessIsSealedWhenItWasWaitedFor();
      anUnknownTreeIsRefused();

      assertThat(list("now")).doesNotContain("cache");
      assertThat(up.stop()).as(up.output()).isZero();
      assertThat(data.resolve("watcher/demo/control/socket")).doesNotExist();
    }
    CommandRun after = freeze("none", "--", "true");
    assertThat(after.exitCode()).isEqualTo(ExitCode.FAILURE.number());
    assertThat(after.err()).contains("no watcher of tree demo runs on the data folder");
    assertThat(list("tag:release-1")).contains("before", "frozen");
    CommandRun unknown = CommandRun.of("ls", "demo", "--at", "tag:no", "--data", data.toString());
    assertThat(unknown.err()).contains("Those that are sealed: ", "release-1");
  }

  private void theTagHoldsWhatTheCommandWroteAndNotWhatCameAfterTheRelease() throws IOException {
    Path socket = data.resolve("watcher/demo/control/socket");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(socket)))
        .isEqualTo("rw-------");

    CommandRun run =
        freeze(
            "release-1",
            "--release",
            "echo later > " + source.resolve("released"),
            "--",
            "sh",
            "-c",
            "mkdir -p %s/deep/down && echo now > %s/deep/down/f && echo now > %s/frozen"
                .formatted(source, source, source));

    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.out()).startsWith("tagged tree demo as release-1: ");
    assertThat(list("tag:release-1")).contains("frozen", "deep").doesNotContain("released");
    Path restored = dir.resolve("restored");
    CommandRun restore =
        CommandRun.of(
            "restore",
            "demo",
            "--at",
            "tag:release-1",
            "--to",
            restored.toString(),
            "--data",
            data.toString());
    assertThat(restore.exitCode()).as(restore.err()).isZero();
    assertThat(restored.resolve("deep/down/f")).hasContent("now");
    assertThat(source.resolve("released")).exists();
    assertThat(restored.resolve("released")).doesNotExist();
  }

  private void theFailedCommandTagsNothingAndIsReleased() {
    CommandRun run =
        freeze("failed", "--release", "touch " + dir.resolve("thawed"), "--", "sh", "-c", "exit 7");

    assertThat(run.exitCode()).isEqualTo(ExitCode.FAILURE.number());
    assertThat(run.err()).contains("`sh -c exit 7` returned 7; tree demo is not tagged.");
    assertThat(dir.resolve("thawed")).exists();
    CommandRun list = CommandRun.of("ls", "demo", "--at", "tag:failed", "--data", data.toString());
    assertThat(list.exitCode()).isEqualTo(ExitCode.FAILURE.number());
    assertThat(list.err()).contains("Tree demo has no tag failed.");
  }

  private void theInterruptedFreezeReleases() throws Exception {
    Path begun = dir.resolve("begun");
    StopSignal stop = new StopSignal();
    CompletableFuture<CommandRun> running =
        CompletableFuture.supplyAsync(
            () ->
                CommandRun.with(
                    stop,
                    "freeze",
                    "demo",
                    "--tag",
                    "interrupted",
                    "--data",
                    data.toString(),
                    "--release",
                    "touch " + dir.resolve("thawed-2"),
                    "--",
                    "sh",
                    "-c",
                    "touch " + begun + "; exec sleep 60"));
    long deadline = System.nanoTime() + Waiting.LIMIT.toNanos();
    while (!Files.exists(begun)) {
      assertThat(System.nanoTime()).isLessThan(deadline);
      Thread.onSpinWait();
    }
    stop.request();

    CommandRun run = running.get(30, TimeUnit.SECONDS);
    assertThat(run.exitCode()).isEqualTo(ExitCode.FAILURE.number());
    assertThat(run.err()).contains("interrupted; tree demo is not tagged");
    assertThat(dir.resolve("thawed-2")).exists();
  }

  private void aTagFromAnyProcessIsSealedWhenItWasWaitedFor() throws IOException {
    CommandRun run =
        CommandRun.of("tag", "demo", "deploy 7", "--wait", "--json", "--data", data.toString());

    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.out())
        .contains("\"tag\":\"deploy 7\"", "\"sealed\":true")
        .containsPattern("\"sequence\":[1-9]");
    String repository = data.resolve("repository").toString();
    CommandRun list =
        CommandRun.of("ls", "demo", "--at", "tag:deploy 7", "--repository", repository);
    assertThat(list.exitCode()).as(list.err()).isZero();
    assertThat(list.out()).contains("before");
  }

  private void anUnknownTreeIsRefused() {
    CommandRun run = CommandRun.of("tag", "other", "x", "--data", data.toString());

    assertThat(run.exitCode()).isEqualTo(ExitCode.FAILURE.number());
    assertThat(run.err()).contains("tree other has no writer in this log");
  }

  private CommandRun freeze(String tag, String... more) {
    String[] args = new String[6 + more.length];
    System.arraycopy(
        new String[] {"freeze", "demo", "--tag", tag, "--data", data.toString()}, 0, args, 0, 6);
    System.arraycopy(more, 0, args, 6, more.length);
    return CommandRun.of(args);
  }

  private String list(String at) {
    CommandRun run = CommandRun.of("ls", "demo", "--at", at, "--data", data.toString());
    assertThat(run.exitCode()).as(run.err()).isZero();
    return run.out();
  }
}
