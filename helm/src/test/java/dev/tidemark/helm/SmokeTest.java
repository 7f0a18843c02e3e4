package dev.tidemark.helm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.broker.EmbeddedBroker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** The script that {@code helm test} runs in a pod, run here: on a real broker, with real roles. */
final class SmokeTest {
  private static final Path SCRIPT = Charts.TIDEMARK.resolve("files/smoke-test");
  private static final int PATIENCE_SECONDS = 300;

  @TempDir(cleanup = CleanupMode.ON_SUCCESS)
  private Path dir;

  private Program program;

  @BeforeEach
  void writeLauncher() throws IOException {
    program = Program.in(dir);
  }

  @Test
  void aFileIsWrittenMirroredSealedAndRestoredTwice() throws Exception {
    Path repository = dir.resolve("repository");
    try (EmbeddedBroker broker = EmbeddedBroker.start(dir.resolve("broker"))) {
      String address = "--bootstrap-server=" + broker.bootstrapServers();
      Process create = program.start("create.log", List.of(), "topics", "create", address);
      assertThat(create.waitFor()).as(program.log("create.log")).isZero();
      Process store =
          program.start(
              "store.log",
              List.of(),
              "store",
              address,
              "--repository=" + repository,
              "--data=" + dir.resolve("data"),
              "--flush-interval=1");
      try {
        runScript("first", address, repository);
        // As after an upgrade: another writer, and a tree that is there.
        runScript("second", address, repository);
      } finally {
        store.destroy();
        assertThat(store.waitFor(60, TimeUnit.SECONDS)).as(program.log("store.log")).isTrue();
      }
    }
  }

  @Test
  void itSaysWhatFailedAndShowsWhatTheRolesSaid() throws Exception {
    Path work = Files.createDirectory(dir.resolve("work"));

    Process script =
        program.start(
            "script.log",
            List.of(
                "/bin/sh",
                SCRIPT.toString(),
                program.file().toString(),
                work.toString(),
                dir.resolve("repository").toString(),
                "60",
                "--bootstrap-server=kafka"));

    assertThat(script.waitFor()).isEqualTo(1);
    assertThat(program.log("script.log"))
        .contains("failed: watch a directory: the watcher has ended")
        .contains("--bootstrap-server \"kafka\": expected HOST:PORT");
  }

  private void runScript(String name, String address, Path repository) throws Exception {
    Path work = Files.createDirectory(dir.resolve(name));
    Process script =
        program.start(
            name + ".log",
            List.of(
                "/bin/sh",
                SCRIPT.toString(),
                program.file().toString(),
                work.toString(),
                repository.toString(),
                Integer.toString(PATIENCE_SECONDS),
                address));
    assertThat(script.waitFor()).as(() -> program.log(name + ".log")).isZero();
    assertThat(program.log(name + ".log"))
        .isEqualTo(
            """
            done: watch a directory
            done: write a file, and see it on a standby
            done: see it sealed in the repository
            done: restore it
            """);
    assertThat(work.resolve("restored/proof"))
        .hasSameTextualContentAs(work.resolve("source/proof"));
  }
}
