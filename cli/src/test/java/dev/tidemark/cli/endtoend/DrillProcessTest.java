package dev.tidemark.cli.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import dev.tidemark.cli.CommandRun;
import dev.tidemark.cli.ExitCode;
import dev.tidemark.cli.WrittenRepository;
import dev.tidemark.schemas.change.Change;
import dev.tidemark.schemas.change.NodePath;
import dev.tidemark.testing.S3Server;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code drill} as a process, from a bucket, and where there is no room for it. */
final class DrillProcessTest {
  private static final Duration LIMIT = Duration.ofSeconds(60);

  @TempDir private Path dir;
  private Path scratch;

  @BeforeEach
  void makeScratch() throws IOException {
    scratch = Files.createDirectory(dir.resolve("scratch"));
  }

  private static void write(WrittenRepository written, int files, int times) throws IOException {
    written.change(1, new Change.EpochStarted("host", 1, new Change.Previous.None(), 0));
    written.change(2, new Change.Put(NodePath.ROOT, WrittenRepository.directory()));
    for (int i = 0; i < files; i++) {
      String text = ("file " + i).repeat(50_000);
      written.change(3 + i, new Change.Put(NodePath.ofText("f" + i), written.file(text, times)));
    }
  }

  private String inFolder(int files, int times) throws IOException {
    Path folder = dir.resolve("repository");
    try (WrittenRepository written = WrittenRepository.create(folder)) {
      write(written, files, times);
    }
    return folder.toString();
  }

  private static boolean isEmpty(Path folder) throws IOException {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.findAny().isEmpty();
    }
  }

  /** On a fast machine it may be done before the signal comes, and leaves nothing either. */
  @Test
  void aSignalEndsItAndLeavesNothing() throws Exception {
    String repository = inFolder(4, 300);
    String[] args = {
      "drill", "web", "--at", "now", "--scratch", scratch.toString(), "--repository", repository
    };
    try (TidemarkProcess drill = TidemarkProcess.start(dir.resolve("log"), args)) {
      await().atMost(LIMIT).until(() -> !isEmpty(scratch) || !drill.isAlive());

      int exitCode = drill.stop();

      assertThat(scratch).as(drill.output()).isEmptyDirectory();
      boolean isStopped = drill.output().contains("stopped before anything was proved");
      assertThat(exitCode)
          .as(drill.output())
          .isEqualTo((isStopped ? ExitCode.FAILURE : ExitCode.OK).number());
    }
  }

  @Test
  void aTreeInABucketIsProved() throws Exception {
    System.setProperty("aws.accessKeyId", S3Server.ACCESS_KEY);
    System.setProperty("aws.secretAccessKey", S3Server.SECRET_KEY);
    try (S3Server server = S3Server.start()) {
      try (WrittenRepository written = WrittenRepository.create(server.url("a/b"))) {
        write(written, 5, 1);
      }

      CommandRun run = drill(server.url("a/b"));

      assertThat(run.exitCode()).as(run.err()).isZero();
      assertThat(run.out()).contains("proved: tree web at sequence 7").contains("5 files");
      assertThat(scratch).isEmptyDirectory();
    }
  }

  private CommandRun drill(String repository) {
    String folder = scratch.toString();
    return CommandRun.of(
        "drill", "web", "--at", "now", "--scratch", folder, "--repository", repository);
  }

  @Test
  void whereThereIsNoRoomNothingIsLeft() throws Exception {
    String repository = inFolder(4, 1);
    assertRefused(repository, "size=1m", "has ");
    // There seems to be room until the inodes are used up.
    assertRefused(repository, "size=64m,nr_inodes=7", "has run full");
  }

  private void assertRefused(String repository, String disk, String said) throws Exception {
    assumeThat(run("mount", "-t", "tmpfs", "-o", disk, "tmpfs", scratch.toString()))
        .as("this user may mount a tmpfs")
        .isZero();
    try {
      CommandRun run = drill(repository);

      assertThat(run.exitCode()).as(run.err()).isEqualTo(ExitCode.FAILURE.number());
      assertThat(run.err()).contains(scratch.toString()).contains(said);
      assertThat(scratch).isEmptyDirectory();
    } finally {
      assertThat(run("umount", "-l", scratch.toString())).isZero();
    }
  }

  private static int run(String... command) throws IOException, InterruptedException {
    return new ProcessBuilder(command).redirectErrorStream(true).start().waitFor();
  }
}
