package dev.tidemark.cli.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.tidemark.cli.ExitCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A data folder on a small filesystem; needs the right to mount one. */
final class FullDiskTest {
  @TempDir private Path dir;
  private Path disk;
  private boolean mounted;

  @BeforeEach
  void mountSmallDisk() throws IOException, InterruptedException {
    disk = Files.createDirectory(dir.resolve("disk"));
    mounted = run("mount", "-t", "tmpfs", "-o", "size=256m", "tmpfs", disk.toString()) == 0;
    assumeThat(mounted).as("this user may mount a tmpfs").isTrue();
  }

  @AfterEach
  void unmount() throws IOException, InterruptedException {
    if (mounted) {
      assertThat(run("umount", "-l", disk.toString())).isZero();
    }
  }

  @Test
  void upStopsWithTheReasonAndGoesOnWhenThereIsRoom() throws Exception {
    Path source = dir.resolve("source");
    Path standby = dir.resolve("standby");
    SourceFiles files = new SourceFiles(source, Long.getLong("tidemark.seed", 1));
    files.create(20);
    try (TidemarkProcess up = up("full.log", source, standby)) {
      up.awaitOutput("ready: tree demo", Waiting.LIMIT);

      files.copyIn(source.resolve("too-much"), 300_000_000);

      assertThat(up.awaitExit(Duration.ofSeconds(60))).isEqualTo(ExitCode.FAILURE.number());
      assertThat(up.output())
          .contains("The disk of the data folder %s/data is full".formatted(disk))
          .doesNotContain("\tat ");
    }
    assertThat(run("mount", "-o", "remount,size=1200m", disk.toString())).isZero();

    try (TidemarkProcess up = up("room.log", source, standby)) {
      up.awaitOutput("ready: tree demo", Waiting.LIMIT);
      Waiting.untilEqual(source, standby);
      assertThat(up.stop()).as(up.output()).isZero();
    }
  }

  @Test
  void aDiskThatIsFullAlreadyIsRefusedBeforeAnythingIsWritten() throws Exception {
    Path source = Files.createDirectory(dir.resolve("source"));
    Files.write(disk.resolve("filler"), new byte[100_000_000]);

    try (TidemarkProcess up = up("refused.log", source, dir.resolve("standby"))) {
      assertThat(up.awaitExit(Duration.ofSeconds(60))).isEqualTo(ExitCode.FAILURE.number());
      assertThat(up.output()).contains("are free on the disk of the data folder " + disk);
    }
    assertThat(disk.resolve("data/broker")).doesNotExist();
    assertThat(dir.resolve("standby")).doesNotExist();
  }

  private TidemarkProcess up(String log, Path source, Path standby) throws IOException {
    return TidemarkProcess.start(
        dir.resolve(log),
        "up",
        "demo=" + source,
        "--standby",
        standby.toString(),
        "--data",
        disk.resolve("data").toString());
  }

  private static int run(String... command) throws IOException, InterruptedException {
    return new ProcessBuilder(command).redirectErrorStream(true).start().waitFor();
  }
}
