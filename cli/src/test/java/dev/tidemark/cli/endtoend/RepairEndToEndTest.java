package dev.tidemark.cli.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.cli.CommandRun;
import dev.tidemark.cli.ExitCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** A repository on a bad disk: damage is found and named, and what can be had is got back. */
final class RepairEndToEndTest {
  @TempDir(cleanup = CleanupMode.ON_SUCCESS)
  private Path dir;

  private Path source;
  private Path data;
  private byte[] gone = {};

  @Test
  void whatABadDiskTookIsNamedAndGotBackFromTheLogAndFromTheSource() throws Exception {
    source = Files.createDirectory(dir.resolve("source"));
    data = dir.resolve("data");
    SourceFiles files = new SourceFiles(source, Long.getLong("tidemark.seed", 3));
    files.create(10);
    writeRandom(source.resolve("large"), 3_000_000);
    writeRandom(source.resolve("gone"), 20_000);
    try (TidemarkProcess up =
        TidemarkProcess.start(
            dir.resolve("up.log"), "up", "demo=" + source, "--data", data.toString())) {
      up.awaitOutput("ready: tree demo", Waiting.LIMIT);
      Waiting.untilSealed("demo", "--data", data.toString());
      gone = Files.readAllBytes(source.resolve("gone"));
      Files.delete(source.resolve("gone"));
      writeRandom(source.resolve("late"), 20_000);
      CommandRun freeze =
          CommandRun.of("freeze", "demo", "--tag", "late", "--data", data.toString(), "--", "true");
      assertThat(freeze.exitCode()).as(freeze.err()).isZero();
      Waiting.untilSealed("demo", "--data", data.toString());

      theLogGivesBackWhatItStillHas();
      theLogGivesLostSegmentsBack();
      assertThat(up.stop()).as(up.output()).isZero();
    }
    theLogGivesTheDescriptorBack();
    theSourceGivesBackWhatItStillHas();
    whatNobodyHasStaysLost();
    whatIsWrittenAgainIsStoredAgain();
  }

  /** The chunk-store knows the lost chunk as stored, and would drop its body for ever. */
  private void whatIsWrittenAgainIsStoredAgain() throws Exception {
    try (TidemarkProcess up =
        TidemarkProcess.start(
            dir.resolve("again.log"), "up", "demo=" + source, "--data", data.toString())) {
      up.awaitOutput("ready: tree demo", Waiting.LIMIT);
      emptyLogOfChunks(up.output());
      CommandRun repair = repair("--from", "demo=" + source);
      assertThat(repair.exitCode()).as(repair.out()).isEqualTo(ExitCode.PARTIAL.number());
      assertThat(repair.err()).doesNotContain("takes lost chunks for stored");

      Files.write(source.resolve("again"), gone);
      CommandRun freeze =
          CommandRun.of(
              "freeze", "demo", "--tag", "again", "--data", data.toString(), "--", "true");
      assertThat(freeze.exitCode()).as(freeze.err()).isZero();
      // What heads say may be of before: until this one, and so all before it, is sealed.
      CommandRun behind =
          CommandRun.of("tag", "demo", "behind", "--wait", "--data", data.toString());
      assertThat(behind.exitCode()).as(behind.err()).isZero();
      CommandRun verify = verify("--read-data");
      assertThat(verify.exitCode()).as(verify.out()).isZero();
      assertThat(up.stop()).as(up.output()).isZero();
    }
  }

  private static void emptyLogOfChunks(String output) throws Exception {
    Matcher broker = Pattern.compile("started: broker ([0-9.:]+)").matcher(output);
    assertThat(broker.find()).isTrue();
    try (Admin admin =
        Admin.create(Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, broker.group(1)))) {
      int partitions =
          admin
              .describeTopics(List.of("tidemark.chunks"))
              .allTopicNames()
              .get()
              .get("tidemark.chunks")
              .partitions()
              .size();
      Map<TopicPartition, RecordsToDelete> all = new HashMap<>();
      for (int partition = 0; partition < partitions; partition++) {
        all.put(new TopicPartition("tidemark.chunks", partition), RecordsToDelete.beforeOffset(-1));
      }
      admin.deleteRecords(all).all().get();
    }
  }

  private void theLogGivesBackWhatItStillHas() throws IOException {
    assertThat(verify("--read-data").exitCode()).isZero();
    for (Path pack : packs()) {
      flip(pack);
    }

    CommandRun sound = verify();
    assertThat(sound.exitCode()).as(sound.out()).isZero();
    assertThat(sound.out()).contains("data not read", "no damage found");
    CommandRun damaged = verify("--read-data");
    assertThat(damaged.exitCode()).isEqualTo(ExitCode.FAILURE.number());
    assertThat(damaged.out()).contains("damaged: packs/", "cannot be restored: tree demo, ");

    CommandRun repair = repair();
    assertThat(repair.exitCode()).as(repair.out() + repair.err()).isZero();
    assertThat(repair.out())
        .contains("chunks got back from the log at 127.0.0.1", "all is repaired");
    assertThat(verify("--read-data=1/1").exitCode()).isZero();
  }

  private void theLogGivesLostSegmentsBack() throws IOException {
    List<Path> segments;
    try (Stream<Path> log = Files.list(data.resolve("repository/trees/demo/log"))) {
      segments = log.sorted().toList();
    }
    Path newest = segments.getLast();
    byte[] whole = Files.readAllBytes(newest);
    Files.delete(newest);
    CommandRun missing = verify();
    assertThat(missing.exitCode()).isEqualTo(ExitCode.FAILURE.number());
    assertThat(missing.out()).contains("Tree demo was sealed up to change");

    CommandRun repair = repair();

    assertThat(repair.exitCode()).as(repair.out() + repair.err()).isZero();
    assertThat(repair.out()).contains("log segments made again from the log");
    assertThat(newest).hasBinaryContent(whole);
    for (Path segment : segments) {
      flip(segment);
    }
    assertThat(verify().exitCode()).isEqualTo(ExitCode.FAILURE.number());
    CommandRun again = repair();
    assertThat(again.exitCode()).as(again.out() + again.err()).isZero();
    assertThat(again.out()).contains("all is repaired");
    assertThat(verify("--read-data").exitCode()).isZero();
  }

  private void theLogGivesTheDescriptorBack() throws IOException {
    Path descriptor = data.resolve("repository/tidemark.json");
    byte[] whole = Files.readAllBytes(descriptor);
    Files.delete(descriptor);
    assertThat(verify().exitCode()).isEqualTo(ExitCode.NO_REPOSITORY.number());

    CommandRun repair = repair();

    assertThat(repair.exitCode()).as(repair.err()).isZero();
    assertThat(repair.err()).contains("tidemark.json is put back");
    assertThat(descriptor).hasBinaryContent(whole);
  }

  private void theSourceGivesBackWhatItStillHas() throws IOException {
    for (Path pack : packs()) {
      Files.delete(pack);
    }

    CommandRun repair = repair("--from", "demo=" + source);

    assertThat(repair.exitCode()).isEqualTo(ExitCode.PARTIAL.number());
    assertThat(repair.out())
        .contains("chunks got back from the directory " + source, "stays lost:", "tree demo, gone");
    Path restored = dir.resolve("restored");
    CommandRun restore =
        CommandRun.of("restore", "demo", "--to", restored.toString(), "--data", data.toString());
    assertThat(restore.exitCode()).as(restore.err()).isZero();
    assertThat(TreeOracle.of(source).differences(TreeOracle.of(restored))).isEmpty();
  }

  private void whatNobodyHasStaysLost() {
    CommandRun verify = verify("--json");

    assertThat(verify.exitCode()).isEqualTo(ExitCode.FAILURE.number());
    assertThat(verify.out())
        .contains("\"sound\":false", "\"path\":\"gone\"")
        .doesNotContain("\"path\":\"large\"");
    CommandRun usage = verify("--read-data=3/2");
    assertThat(usage.exitCode()).isEqualTo(ExitCode.USAGE.number());
    assertThat(usage.err()).contains("--read-data \"3/2\": expected N/T");
    CommandRun nowhere = repair("--from", "demo=" + dir.resolve("nowhere"));
    assertThat(nowhere.exitCode()).isEqualTo(ExitCode.USAGE.number());
    assertThat(nowhere.err()).contains("nowhere: there is no such directory");
    CommandRun down = repair("--bootstrap-server", "127.0.0.1:1");
    assertThat(down.exitCode()).isEqualTo(ExitCode.PARTIAL.number());
    assertThat(down.out()).contains("stays lost:");
    assertThat(down.err()).contains("127.0.0.1:1", "takes lost chunks for stored");
  }

  private CommandRun verify(String... more) {
    return run("verify", more);
  }

  private CommandRun repair(String... more) {
    return run("repair", more);
  }

  private CommandRun run(String command, String... more) {
    List<String> arguments = new ArrayList<>(List.of(command, "--data", data.toString()));
    arguments.addAll(List.of(more));
    return CommandRun.of(arguments.toArray(String[]::new));
  }

  private List<Path> packs() throws IOException {
    try (Stream<Path> files = Files.walk(data.resolve("repository/packs"))) {
      return files.filter(Files::isRegularFile).toList();
    }
  }

  /** In the first frame. */
  private static void flip(Path pack) throws IOException {
    byte[] bytes = Files.readAllBytes(pack);
    bytes[60] ^= 1;
    Files.write(pack, bytes);
  }

  private static void writeRandom(Path file, int length) throws IOException {
    byte[] bytes = new byte[length];
    new Random(length + file.hashCode()).nextBytes(bytes);
    Files.write(file, bytes);
  }
}
