package dev.tidemark.helm;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.broker.EmbeddedBroker;
import dev.tidemark.cli.Main;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
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

  private Path program;

  @BeforeEach
  void writeLauncher() throws IOException {
    program = dir.resolve("tidemark");
    Files.writeString(
        program,
        """
        #!/bin/sh
        export LC_ALL=C.UTF-8
        export CLASSPATH='%s'
        exec '%s/bin/java' -Xmx384m -XX:TieredStopAtLevel=1 -XX:+UseSerialGC \\
          --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow %s "$@"
        """
            .formatted(
                System.getProperty("java.class.path"),
                System.getProperty("java.home"),
                Main.class.getName()));
    Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwx------"));
  }

  @Test
  void aFileIsWrittenMirroredSealedAndRestoredTwice() throws Exception {
    Path repository = dir.resolve("repository");
    try (EmbeddedBroker broker = EmbeddedBroker.start(dir.resolve("broker"))) {
      String address = "--bootstrap-server=" + broker.bootstrapServers();
      Process create =
          start("create.log", List.of(program.toString(), "topics", "create", address));
      assertThat(create.waitFor()).as(log("create.log")).isZero();
      Process store =
          start(
              "store.log",
              List.of(
                  program.toString(),
                  "store",
                  address,
                  "--repository=" + repository,
                  "--data=" + dir.resolve("data"),
                  "--flush-interval=1"));
      try {
        runScript("first", address, repository);
        // As after an upgrade: another writer, and a tree that is there.
        runScript("second", address, repository);
      } finally {
        store.destroy();
        assertThat(store.waitFor(60, TimeUnit.SECONDS)).as(log("store.log")).isTrue();
      }
    }
  }

  @Test
  void itSaysWhatFailedAndShowsWhatTheRolesSaid() throws Exception {
    Path work = Files.createDirectory(dir.resolve("work"));

    Process script =
        start(
            "script.log",
            List.of(
                "/bin/sh",
                SCRIPT.toString(),
                program.toString(),
                work.toString(),
                dir.resolve("repository").toString(),
                "60",
                "--bootstrap-server=kafka"));

    assertThat(script.waitFor()).isEqualTo(1);
    assertThat(log("script.log"))
        .contains("failed: watch a directory: the watcher has ended")
        .contains("--bootstrap-server \"kafka\": expected HOST:PORT");
  }

  private void runScript(String name, String address, Path repository) throws Exception {
    Path work = Files.createDirectory(dir.resolve(name));
    Process script =
        start(
            name + ".log",
            List.of(
                "/bin/sh",
                SCRIPT.toString(),
                program.toString(),
                work.toString(),
                repository.toString(),
                Integer.toString(PATIENCE_SECONDS),
                address));
    assertThat(script.waitFor()).as(() -> log(name + ".log")).isZero();
    assertThat(log(name + ".log"))
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

  private Process start(String log, List<String> command) throws IOException {
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(dir.resolve(log).toFile())
            .start();
    process.getOutputStream().close();
    return process;
  }

  private String log(String name) {
    try {
      return Files.readString(dir.resolve(name), UTF_8);
    } catch (IOException e) {
      return e.toString();
    }
  }
}
