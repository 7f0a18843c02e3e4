package dev.tidemark.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.broker.FolderLock;
import dev.tidemark.cli.process.DataFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each with one clear sentence, its own exit code, and nothing written. */
final class BadInputTest {
  @TempDir private Path dir;
  private Path source;
  private Path data;

  @BeforeEach
  void makeSource() throws IOException {
    source = Files.createDirectory(dir.resolve("source"));
    data = dir.resolve("data");
  }

  @Test
  void aSourceThatIsMissing() throws IOException {
    refused(ExitCode.FAILURE, up("web=" + dir.resolve("none")), "/none does not exist");
  }

  @Test
  void aSourceThatIsNoDirectory() throws IOException {
    Files.createFile(dir.resolve("file"));
    refused(ExitCode.FAILURE, up("web=" + dir.resolve("file")), "is not a directory");
  }

  @Test
  void aMalformedTreeName() throws IOException {
    refused(ExitCode.USAGE, up("We b=" + source), "tree name \"We b\": expected 1 to 63 of a-z");
    refused(ExitCode.USAGE, up(source.toString()), "expected TREE=DIR");
    refused(
        ExitCode.USAGE,
        CommandRun.of("restore", "We b", "--to", dir.resolve("t").toString()),
        "tree name \"We b\"");
  }

  @Test
  void anAnswerToUnreadableFilesThatIsNone() throws IOException {
    refused(
        ExitCode.USAGE,
        up("web=" + source, "--on-unreadable", "ignore"),
        "expected fail or report, not 'ignore'");
  }

  @Test
  void aTreeGivenTwice() throws IOException {
    refused(ExitCode.USAGE, up("web=" + source, "web=" + source), "tree web is given twice");
  }

  @Test
  void aStandbyInsideItsSource() throws IOException {
    refused(
        ExitCode.USAGE,
        up("web=" + source, "--standby", source.resolve("copy").toString()),
        "is inside source of tree web");
  }

  @Test
  void aSourceInsideItsStandby() throws IOException {
    refused(
        ExitCode.USAGE,
        up("web=" + source, "--standby", dir.toString()),
        "is inside standby of tree web");
  }

  @Test
  void aDataFolderInsideASource() throws IOException {
    refused(
        ExitCode.USAGE,
        CommandRun.of("up", "web=" + source, "--data", source.resolve("data").toString()),
        "is inside source of tree web");
  }

  @Test
  void anUpOnADataFolderThatAnotherOneHas() throws IOException {
    DataFolder folder = new DataFolder(data);
    folder.create();
    try (FolderLock held = folder.lockForUp()) {
      assertThat(held).isNotNull();
      CommandRun run = up("web=" + source);

      assertThat(run.exitCode()).isEqualTo(ExitCode.LOCKED.number());
      assertThat(run.err())
          .contains("Another `tidemark up` (process %d)".formatted(ProcessHandle.current().pid()))
          .contains(data.toString());
    }
    assertThat(folder.broker()).doesNotExist();
  }

  @Test
  void aBrokerThatCannotBeReached() {
    // The discard port: nothing listens there.
    CommandRun run = CommandRun.of("topics", "create", "--bootstrap-server", "127.0.0.1:9");

    assertThat(run.exitCode()).isEqualTo(ExitCode.FAILURE.number());
    assertThat(run.err()).contains("No broker answered at 127.0.0.1:9").doesNotContain("\tat ");
  }

  @Test
  void anAddressThatIsNone() {
    CommandRun run = CommandRun.of("topics", "create", "--bootstrap-server", "localhost");

    assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE.number());
    assertThat(run.err()).contains("expected HOST:PORT");
  }

  @Test
  void readingWhereNothingWasBackedUp() throws IOException {
    for (String[] command :
        new String[][] {
          {"trees"},
          {"status"},
          {"ls", "web"},
          {"cat", "web", "f"},
          {"restore", "web", "--to", dir + "/target"}
        }) {
      String[] args =
          Stream.concat(Stream.of(command), Stream.of("--data", data.toString()))
              .toArray(String[]::new);
      refused(ExitCode.NO_REPOSITORY, CommandRun.of(args), "There is no Tidemark data at " + data);
    }
  }

  @Test
  void aRepositoryThatIsNone() throws IOException {
    refused(
        ExitCode.NO_REPOSITORY,
        CommandRun.of("trees", "--repository", source.toString()),
        source.toString());
  }

  @Test
  void anInstantThatIsNone() throws IOException {
    refused(
        ExitCode.USAGE,
        CommandRun.of("ls", "web", "--at", "yesterday", "--data", data.toString()),
        "instant \"yesterday\": expected now");
    refused(
        ExitCode.USAGE,
        CommandRun.of("diff", "web", "-1h", "--tomorrow", "--data", data.toString()),
        "instant \"--tomorrow\": expected now");
  }

  @Test
  void whatCannotBeLookedFor() throws IOException {
    refused(ExitCode.USAGE, find("[a"), "the pattern has a [ without a ]");
    refused(ExitCode.USAGE, find("/"), "the pattern is empty");
    refused(ExitCode.USAGE, find("a", "--type", "socket"), "--type \"socket\": expected file, ");
    refused(ExitCode.USAGE, find("a", "--larger", "1X"), "--larger \"1X\": expected a number of");
    refused(ExitCode.USAGE, find("a", "--newer", "tag:x"), "--newer \"tag:x\": expected a time");
    refused(ExitCode.USAGE, find("a", "--ever", "--at", "42"), "leave out --at");
    refused(ExitCode.USAGE, find("a", "--newer", "42"), "--newer \"42\": expected a time");
    refused(
        ExitCode.USAGE,
        CommandRun.of("log", "web", "f", "--limit", "0", "--data", data.toString()),
        "--limit 0: expected 1 or more");
  }

  private CommandRun find(String... args) {
    return CommandRun.of(
        Stream.of(Stream.of("find", "web"), Stream.of(args), Stream.of("--data", data.toString()))
            .flatMap(all -> all)
            .toArray(String[]::new));
  }

  @Test
  void optionsOfAWatcherThatMeanNothing() throws IOException {
    refused(ExitCode.USAGE, up("web=" + source, "--exclude", "[a"), "pattern \"[a\" is malformed");
    refused(ExitCode.USAGE, up("web=" + source, "--include", "!a"), "--include \"!a\"");
    refused(
        ExitCode.USAGE,
        up("web=" + source, "--exclude-from", dir.resolve("none").toString()),
        "/none does not exist");
    refused(ExitCode.USAGE, up("web=" + source, "--max-removals", "many"), "max-removals \"many\"");
    refused(
        ExitCode.USAGE,
        up("web=" + source, "--reconcile-interval", "soon"),
        "--reconcile-interval \"soon\": expected a number with a unit");
  }

  @Test
  void tagsThatCannotBeNamedAgain() throws IOException {
    refused(
        ExitCode.USAGE,
        CommandRun.of("tag", "web", "two\nlines", "--data", data.toString()),
        "expected 1 to 255 characters of text on one line");
    refused(
        ExitCode.FAILURE,
        CommandRun.of("tag", "web", "x", "--data", data.toString()),
        "no `tidemark up` runs on the data folder " + data);
  }

  @Test
  void unknownCommandsAndOptions() {
    CommandRun command = CommandRun.of("backup");
    CommandRun option = CommandRun.of("up", "web=" + source, "--fast");
    CommandRun none = CommandRun.of();

    assertThat(command.exitCode()).isEqualTo(ExitCode.USAGE.number());
    assertThat(command.err()).contains("'backup'");
    assertThat(option.exitCode()).isEqualTo(ExitCode.USAGE.number());
    assertThat(option.err()).contains("--fast").contains("tidemark up --help");
    assertThat(none.exitCode()).isEqualTo(ExitCode.USAGE.number());
  }

  @Test
  void helpAndVersionAreNoFailures() {
    assertThat(CommandRun.of("up", "--help").exitCode()).isZero();
    assertThat(CommandRun.of("up", "--help").out()).contains("--standby");
    assertThat(CommandRun.of("version").out()).startsWith("tidemark 0.");
  }

  private CommandRun up(String... args) {
    return CommandRun.of(
        Stream.of(Stream.of("up"), Stream.of(args), Stream.of("--data", data.toString()))
            .flatMap(all -> all)
            .toArray(String[]::new));
  }

  private void refused(ExitCode exitCode, CommandRun run, String message) throws IOException {
    assertThat(run.err()).contains(message).doesNotContain("\tat ");
    assertThat(run.err().lines()).as("one sentence").hasSize(1);
    assertThat(run.exitCode()).isEqualTo(exitCode.number());
    assertThat(run.out()).isEmpty();
    assertThat(data).doesNotExist();
    try (Stream<Path> entries = Files.list(source)) {
      assertThat(entries).isEmpty();
    }
  }
}
