package dev.tidemark.cli.build;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The unit that is shipped, as systemd reads it. */
final class UnitFileTest {
  private static final String PROGRAM = "ExecStart=/opt/tidemark/tidemark ";

  @Test
  void systemdKnowsEveryKeyOfTheUnit(@TempDir Path dir) throws Exception {
    assumeTrue(isInstalled(), "no systemd-analyze here");
    String unit =
        Files.readString(SourceTree.find().root().resolve("packaging/systemd/tidemark@.service"));
    assertThat(unit).contains(PROGRAM, "Type=notify", "WatchdogSec=");
    // Where the program is installed is looked at, too.
    Path instance =
        Files.writeString(
            dir.resolve("tidemark@web.service"), unit.replace(PROGRAM, "ExecStart=/bin/true "));

    Process process =
        new ProcessBuilder("systemd-analyze", "verify", "--man=no", instance.toString())
            .redirectErrorStream(true)
            .start();
    String said = new String(process.getInputStream().readAllBytes(), UTF_8);

    // Unknown keys are told, and change no exit code.
    assertThat(process.waitFor()).as(said).isZero();
    assertThat(said.lines().filter(line -> line.contains("tidemark@"))).isEmpty();
  }

  private static boolean isInstalled() throws InterruptedException {
    try {
      return new ProcessBuilder("systemd-analyze", "--version")
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start()
              .waitFor()
          == 0;
    } catch (IOException absent) {
      return false;
    }
  }
}
