package dev.tidemark.cli.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tidemark.cli.CommandRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** The repository is lost; sources, log and standbys are what is left. */
final class LostRepositoryTest {
  private static final long INCARNATION = 1_000_000_000_000L;

  @TempDir(cleanup = CleanupMode.ON_SUCCESS)
  private Path dir;

  private Path source;
  private Path standby;
  private Path data;

  @Test
  void oneCommandPutsANewOneInItsPlaceAndStandbysKeepWhatTheyHold() throws Exception {
    source = Files.createDirectory(dir.resolve("source"));
    standby = dir.resolve("standby");
    data = dir.resolve("data");
    SourceFiles files = new SourceFiles(source, Long.getLong("tidemark.seed", 7));
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
    Object inode = Files.getAttribute(standby.resolve("kept"), "unix:ino");
    Path repository = data.resolve("repository");
    assertRefused("is there");

    SourceFiles.deleteRecursively(repository);
    Files.writeString(source.resolve("while-away"), "new");
    assertUpNamesTheCommand();
    JsonNode plan = json("rebuild", "--json", "--data", data.toString());
    assertThat(plan.path("trees").get(0).path("tree").asText()).isEqualTo("demo");
    assertThat(plan.has("made")).isFalse();
    assertThat(repository).doesNotExist();
    String lost = plan.path("lost").asText();
    JsonNode made = json("rebuild", "--lost", lost, "--json", "--data", data.toString());
    assertThat(made.path("sequencesAfter").asLong()).isEqualTo(INCARNATION);

    try (TidemarkProcess up = up("second.log")) {
      up.awaitOutput("ready: tree demo", Waiting.LIMIT);
      Waiting.untilEqual(source, standby);
      JsonNode status = Waiting.untilSealed("demo", "--data", data.toString());
      assertThat(status.path("sealedSequence").asLong()).isGreaterThan(INCARNATION);
      assertThat(status.path("standbys").get(0).path("appliedSequence").asLong())
          .isEqualTo(status.path("sealedSequence").asLong());
      assertThat(up.stop()).as(up.output()).isZero();
    }

    assertThat(Files.getAttribute(standby.resolve("kept"), "unix:ino")).isEqualTo(inode);
    Path restored = dir.resolve("restored");
    CommandRun restore = restore("now", restored);
    assertThat(restore.exitCode()).as(restore.err()).isZero();
    assertThat(TreeOracle.of(source).differences(TreeOracle.of(restored))).isEmpty();
    CommandRun ofBefore = restore(before.toString(), dir.resolve("of-before"));
    assertThat(ofBefore.exitCode()).isNotZero();
    assertThat(ofBefore.err()).contains("first");
    CommandRun verify = CommandRun.of("verify", "--read-data", "--data", data.toString());
    assertThat(verify.exitCode()).as(verify.out()).isZero();
  }

  @Test
  void watchersAndMirrorsThatRunGoOnWithTheNewOne() throws Exception {
    source = Files.createDirectory(dir.resolve("source"));
    standby = dir.resolve("standby");
    String repository = dir.resolve("repository").toString();
    SourceFiles files = new SourceFiles(source, Long.getLong("tidemark.seed", 8));
    files.create(20);
    Files.writeString(source.resolve("kept"), "kept");
    try (TidemarkProcess broker =
        TidemarkProcess.startMain(
            dir.resolve("broker.log"), BrokerMain.class, dir.resolve("broker").toString())) {
      broker.awaitOutput("broker at ", Waiting.LIMIT);
      String address = found("broker at (\\S+:\\d+)", broker.output());
      String[] log = {"--repository", repository, "--bootstrap-server", address};
      assertThat(CommandRun.of("topics", "create", "--bootstrap-server", address).exitCode())
          .isZero();
      try (TidemarkProcess store = store(log, "store.log")) {
        store.awaitOutput("started: ", Waiting.LIMIT);
        try (TidemarkProcess watch = watch(address);
            TidemarkProcess mirror = mirror(log)) {
          watch.awaitOutput("ready: tree demo", Waiting.LIMIT);
          Waiting.untilEqual(source, standby);
          Waiting.untilSealed("demo", log);
          Object inode = Files.getAttribute(standby.resolve("kept"), "unix:ino");
          String lost = lostWhileRuns(log);
          store.kill();

          SourceFiles.deleteRecursively(dir.resolve("repository"));
          CommandRun rebuild = CommandRun.of(with(log, "rebuild", "--lost", lost));
          assertThat(rebuild.exitCode()).as(rebuild.err()).isZero();
          Files.writeString(source.resolve("after"), "new");
          try (TidemarkProcess again = store(log, "again.log")) {
            again.awaitOutput("started: ", Waiting.LIMIT);
            Waiting.untilEqual(source, standby);
            assertThat(Waiting.untilApplied("demo", log)).isGreaterThan(INCARNATION);
            JsonNode status = Waiting.untilSealed("demo", log);
            assertThat(status.path("sealedSequence").asLong()).isGreaterThan(INCARNATION);
            assertThat(again.stop()).as(again.output()).isZero();
          }

          assertThat(Files.getAttribute(standby.resolve("kept"), "unix:ino")).isEqualTo(inode);
          assertThat(mirror.stop()).as(mirror.output()).isZero();
          assertThat(watch.stop()).as(watch.output()).isZero();
        }
      }
    }
    CommandRun verify = CommandRun.of("verify", "--read-data", "--repository", repository);
    assertThat(verify.exitCode()).as(verify.out()).isZero();
  }

  private String lostWhileRuns(String... log) {
    CommandRun refused = CommandRun.of(with(log, "rebuild"));
    assertThat(refused.exitCode()).isNotZero();
    return found("Repository (\\S+) is there", refused.err());
  }

  private static String found(String pattern, String in) {
    Matcher matcher = Pattern.compile(pattern).matcher(in);
    assertThat(matcher.find()).as(in).isTrue();
    return matcher.group(1);
  }

  private static String[] with(String[] last, String... first) {
    return Stream.concat(Stream.of(first), Stream.of(last)).toArray(String[]::new);
  }

  private TidemarkProcess store(String[] log, String output) throws IOException {
    return TidemarkProcess.start(
        dir.resolve(output),
        with(log, "store", "--flush-interval", "1", "--data", dir.resolve("stores").toString()));
  }

  private TidemarkProcess watch(String address) throws IOException {
    return TidemarkProcess.start(
        dir.resolve("watch.log"),
        "watch",
        "demo=" + source,
        "--bootstrap-server",
        address,
        "--data",
        dir.resolve("watcher").toString());
  }

  private TidemarkProcess mirror(String[] log) throws IOException {
    return TidemarkProcess.start(
        dir.resolve("mirror.log"),
        with(
            log,
            "mirror",
            "demo",
            "--to",
            standby.toString(),
            "--name",
            "two",
            "--data",
            dir.resolve("mirrors").toString()));
  }

  private void assertRefused(String why) {
    CommandRun refused = CommandRun.of("rebuild", "--data", data.toString());
    assertThat(refused.exitCode()).isNotZero();
    assertThat(refused.err()).contains(why);
  }

  private void assertUpNamesTheCommand() throws Exception {
    try (TidemarkProcess up = up("refused.log")) {
      up.awaitOutput("tidemark rebuild", Waiting.LIMIT);
    }
  }

  private static JsonNode json(String... arguments) throws IOException {
    CommandRun run = CommandRun.of(arguments);
    assertThat(run.exitCode()).as(run.err()).isZero();
    return new ObjectMapper().readTree(run.out());
  }

  private CommandRun restore(String at, Path to) {
    return CommandRun.of(
        "restore", "demo", "--at", at, "--to", to.toString(), "--data", data.toString());
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
