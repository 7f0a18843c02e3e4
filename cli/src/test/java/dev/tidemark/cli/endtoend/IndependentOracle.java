package dev.tidemark.cli.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/**
 * Compares trees in all their metadata without our own code: by a script on the kernel's calls, and
 * by rsync. A tree is a directory, or a manifest that was frozen from one.
 */
final class IndependentOracle {
  private static final PythonScript SCRIPT = PythonScript.named("compare_trees.py");
  private static final Path RSYNC = Path.of("/usr/bin/rsync");

  private IndependentOracle() {}

  /** Fails with what differs. */
  static void requireEqual(Path one, Path other) throws InterruptedException {
    assertThat(differences(one, other)).as("differences of %s and %s", one, other).isEmpty();
  }

  /** A line for each difference; nothing if there is none. */
  static String differences(Path one, Path other) throws InterruptedException {
    return outcome(SCRIPT.run("compare", one.toString(), other.toString()));
  }

  /** The same with all that is known not to be kept. */
  static String allDifferences(Path one, Path other) throws InterruptedException {
    return outcome(SCRIPT.run("compare-all", one.toString(), other.toString()));
  }

  /** Looks until they are equal; gives what differs at the end of the time. */
  static String differencesAfter(Path one, Path other, Duration limit) throws InterruptedException {
    return outcome(
        SCRIPT.run("compare", one.toString(), other.toString(), Long.toString(limit.toSeconds())));
  }

  /** Keeps a tree as it is, without its bytes. */
  static void freeze(Path root, Path manifest) throws InterruptedException {
    PythonScript.Ended ended = SCRIPT.run("freeze", root.toString(), manifest.toString());
    assertThat(ended.exitCode()).as(ended.output()).isZero();
  }

  /** Removes a tree whatever the length of its paths, which the JDK cannot. */
  static void delete(Path root) throws InterruptedException {
    PythonScript.Ended ended =
        PythonScript.run(new ProcessBuilder("rm", "-rf", "--", root.toString()));
    assertThat(ended.exitCode()).as(ended.output()).isZero();
  }

  /** What rsync would do to make them equal. It reads no sockets, and no paths past 4,096 bytes. */
  static void requireEqualForRsync(Path one, Path other) throws InterruptedException {
    if (!Files.isExecutable(RSYNC)) {
      System.out.println("rsync is not installed: compared without it");
      return;
    }
    PythonScript.Ended ended =
        PythonScript.run(
            new ProcessBuilder(
                RSYNC.toString(),
                "-naHAXSi",
                "--checksum",
                "--delete",
                "--numeric-ids",
                one + "/",
                other + "/"));
    assertThat(ended.exitCode()).as(ended.output()).isZero();
    assertThat(ended.output()).as("what rsync would do to %s", other).isEmpty();
  }

  private static String outcome(PythonScript.Ended ended) {
    assertThat(ended.exitCode()).as("exit code of the oracle:%n%s", ended.output()).isBetween(0, 1);
    assertThat(ended.exitCode() == 0).isEqualTo(ended.output().isEmpty());
    return ended.output();
  }
}
