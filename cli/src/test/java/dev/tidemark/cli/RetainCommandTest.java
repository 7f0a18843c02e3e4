package dev.tidemark.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tidemark.schemas.change.Change;
import dev.tidemark.schemas.change.Metadata;
import dev.tidemark.schemas.change.NodePath;
import dev.tidemark.schemas.change.TreeName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code retain} and {@code hold} on a repository that was written over ten days. */
final class RetainCommandTest {
  private static final TreeName WEB = new TreeName("web");
  private static final Instant START = Instant.parse("2026-03-01T12:00:00Z");
  private static final Metadata METADATA = Metadata.of(0755, 0, 0, new Metadata.FileTime(1, 0));

  @TempDir Path dir;

  @BeforeEach
  void write() throws IOException {
    try (WrittenRepository written = WrittenRepository.create(dir)) {
      written.change(
          START.toEpochMilli(), new Change.EpochStarted("host", 1, new Change.Previous.None(), 0));
      for (int day = 1; day <= 11; day++) {
        long time = START.plus(Duration.ofDays(day)).toEpochMilli();
        written.change(
            time,
            day == 1
                ? new Change.Put(NodePath.ROOT, WrittenRepository.directory())
                : new Change.Put(
                    NodePath.ofText("file"), written.file("content of day " + (day - 1))));
      }
    }
  }

  private CommandRun run(String... args) {
    List<String> all = new ArrayList<>(List.of(args));
    all.addAll(List.of("--repository", dir.toString()));
    return CommandRun.of(all.toArray(String[]::new));
  }

  private CommandRun retain() {
    return run("retain", "web", "--keep-within", "36h", "--keep-daily", "3", "--keep-weekly", "2");
  }

  private List<String> blobs() throws IOException {
    try (Stream<Path> files = Files.walk(dir)) {
      return files
          .filter(Files::isRegularFile)
          .map(file -> dir.relativize(file).toString())
          .sorted()
          .toList();
    }
  }

  /** Lets a grace pass by the store's clock, which is that of the files. */
  private void passGrace() throws IOException {
    for (String blob : blobs()) {
      Path file = dir.resolve(blob);
      FileTime then = Files.getLastModifiedTime(file);
      Files.setLastModifiedTime(file, FileTime.from(then.toInstant().minus(Duration.ofHours(25))));
    }
  }

  private CommandRun restore(long sequence) {
    return run("ls", "web", "--at", Long.toString(sequence));
  }

  @Test
  void aDryRunSaysWhatWouldGoAndWritesNothing() throws IOException {
    List<String> before = blobs();

    CommandRun run =
        run("retain", "web", "--keep-daily", "3", "--keep-weekly", "2", "--dry-run", "--json");

    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(blobs()).isEqualTo(before);
    JsonNode json = new ObjectMapper().readTree(run.out());
    JsonNode tree = json.get("trees").get(0);
    assertThat(tree.get("kept").findValuesAsText("sequence")).containsExactly("8", "10", "11");
    assertThat(tree.get("kept").get(0).get("reasons").toString()).contains("weekly");
    assertThat(json.get("bytesFreed").asLong()).isPositive();
    assertThat(json.get("requests").get("deletes").asLong()).isPositive();
    assertThat(json.get("cleanup").get("packsAnnounced").asLong()).isEqualTo(6);
  }

  @Test
  void aRunTakesOutWhatThePolicyDoesNotKeep() {
    CommandRun run = retain();

    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.out()).contains("sequence 8  weekly").contains("sequence 10  daily");
    assertThat(restore(8).exitCode()).isZero();
    assertThat(restore(12).exitCode()).isZero();
    CommandRun gone = restore(7);
    assertThat(gone.exitCode()).isEqualTo(ExitCode.FAILURE.number());
    assertThat(gone.err()).contains("taken out of its history by `tidemark retain`");
  }

  @Test
  void withoutALogPacksAreChosenButNotDeleted() throws IOException {
    retain();
    passGrace();
    retain();
    passGrace();

    CommandRun run = retain();

    assertThat(run.err()).contains("--bootstrap-server");
    assertThat(blobs().stream().filter(blob -> blob.endsWith(".pack"))).hasSize(10);
    assertThat(blobs().stream().filter(blob -> blob.contains("web/log/") && blob.endsWith(".avro")))
        .hasSize(2);
    assertThat(restore(8).exitCode()).isZero();
  }

  @Test
  void aHeldInstantStaysUntilItIsReleased() {
    assertThat(run("hold", "web", "--at", "5", "--note", "case 7").exitCode()).isZero();

    assertThat(retain().exitCode()).isZero();
    assertThat(restore(5).exitCode()).isZero();
    CommandRun list = run("hold", "web");
    assertThat(list.out()).contains("sequence 5").contains("case 7");

    assertThat(run("hold", "web", "--at", "5", "--release").exitCode()).isZero();
    assertThat(retain().exitCode()).isZero();
    assertThat(restore(5).exitCode()).isEqualTo(ExitCode.FAILURE.number());
    CommandRun again = run("hold", "web", "--at", "5");
    assertThat(again.exitCode()).isEqualTo(ExitCode.FAILURE.number());
    assertThat(again.err()).contains("cannot be held");
  }

  @Test
  void wrongArgumentsTouchNothing() throws IOException {
    List<String> before = blobs();

    assertThat(run("retain", "web").err()).contains("no policy is given");
    assertThat(run("retain", "--keep-daily", "3").err()).contains("without a tree");
    assertThat(run("retain", "web", "--keep-daily", "-1").exitCode())
        .isEqualTo(ExitCode.USAGE.number());
    assertThat(run("retain", "none", "--keep-daily", "1").err()).contains("There is no tree none");
    assertThat(run("retain", "--grace", "1h").err()).contains("at least 24h");
    assertThat(run("hold", "web", "--release").err()).contains("--at");
    assertThat(run("hold", "web", "--at", "5", "--release").err()).contains("is not held");

    assertThat(blobs()).isEqualTo(before);
  }
}
