package dev.tidemark.cli.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.broker.EmbeddedBroker;
import dev.tidemark.cli.CommandRun;
import dev.tidemark.cli.doctor.Check;
import dev.tidemark.cli.doctor.Doctor;
import dev.tidemark.cli.doctor.Finding;
import dev.tidemark.log.LogConnection;
import dev.tidemark.schemas.change.TreeName;
import dev.tidemark.store.ChunkStore;
import dev.tidemark.store.ChunkStoreConfig;
import dev.tidemark.watcher.Watcher;
import dev.tidemark.watcher.WatcherConfig;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the doctor says while one part after the other is missing. */
final class DoctorEndToEndTest {
  @TempDir private Path dir;

  @Test
  void eachPartThatIsMissingIsNamedWithWhatToDo() throws Exception {
    Path repository = dir.resolve("repository");
    LogConnection log;
    try (EmbeddedBroker broker = EmbeddedBroker.start(dir.resolve("broker"))) {
      String address = broker.bootstrapServers();
      log = new LogConnection(address, "tidemark.", Map.of());

      CommandRun bare = doctor(repository, address);
      assertThat(bare.exitCode()).isEqualTo(1);
      assertThat(bare.out())
          .contains("FINDING  repository", "ok       broker", "FINDING  topics")
          .contains("tidemark topics create", "2 findings");

      assertThat(CommandRun.of("topics", "create", "--bootstrap-server", address).exitCode())
          .isZero();
      assertThat(doctor(repository, address).out())
          .contains("belongs to no repository yet", "no chunk-store runs");

      Path source = Files.createDirectory(dir.resolve("source"));
      Files.writeString(source.resolve("a"), "one");
      ChunkStore store = store(log, repository);
      Watcher watcher =
          Watcher.start(WatcherConfig.of(new TreeName("web"), source, dir.resolve("watcher"), log));
      try {
        awaitFine(repository, address);
        CommandRun json = CommandRun.of(command(repository, address, "--json"));
        assertThat(json.exitCode()).isZero();
        assertThat(json.out()).contains("\"check\":\"sealed-lag\"", "\"findings\":[]");

        assertThat(findings(log, repository, Duration.ofMinutes(2)))
            .anySatisfy(
                finding -> {
                  assertThat(finding.subject()).isEqualTo("tree web");
                  assertThat(finding.what()).contains("was last heard");
                });

        store.close();
        Files.writeString(source.resolve("b"), "two");
        eventually(
            () ->
                assertThat(findings(log, repository, Duration.ofHours(85)))
                    .anySatisfy(
                        finding -> {
                          assertThat(finding.subject()).startsWith("tidemark.chunks partition");
                          assertThat(finding.what())
                              .contains("3 d 13 h old", "the log keeps their bytes for 7 d");
                          assertThat(finding.remedy()).contains("retention.ms=2419200000");
                        }));
        assertThat(findings(log, repository, Duration.ofHours(83)))
            .noneSatisfy(finding -> assertThat(finding.what()).contains("the log keeps"));
        // The group keeps the place of a process that has just stopped for some seconds.
        eventually(
            () -> assertThat(doctor(repository, address).out()).contains("no chunk-store runs"));
      } finally {
        watcher.close();
        store.close();
      }
    }
    assertThat(findings(log, repository, Duration.ZERO))
        .singleElement()
        .satisfies(finding -> assertThat(finding.what()).contains("No broker answered"));
  }

  private static void eventually(Runnable assertion) {
    long deadline = System.nanoTime() + Waiting.LIMIT.toNanos();
    while (true) {
      try {
        assertion.run();
        return;
      } catch (AssertionError e) {
        if (System.nanoTime() > deadline) {
          throw e;
        }
        LockSupport.parkNanos(Duration.ofMillis(200).toNanos());
      }
    }
  }

  private ChunkStore store(LogConnection log, Path repository) throws Exception {
    return ChunkStore.start(
        ChunkStoreConfig.of(log, repository.toString(), dir.resolve("store"))
            .withFlushInterval(Duration.ofMillis(300)));
  }

  private static void awaitFine(Path repository, String address) {
    eventually(
        () -> {
          CommandRun run = doctor(repository, address);
          assertThat(run.out()).contains("all is sealed", "no findings");
          assertThat(run.exitCode()).isZero();
        });
  }

  private static CommandRun doctor(Path repository, String address) {
    return CommandRun.of(command(repository, address));
  }

  private static String[] command(Path repository, String address, String... more) {
    String[] command = {
      "doctor", "--repository", repository.toString(), "--bootstrap-server", address
    };
    return Stream.of(command, more).flatMap(Stream::of).toArray(String[]::new);
  }

  /** What it finds when it is that much later. */
  private static List<Finding> findings(LogConnection log, Path repository, Duration later) {
    InstantSource clock = () -> Instant.now().plus(later);
    return new Doctor(Optional.of(repository.toString()), Optional.of(log), clock)
        .examine().stream().map(Check::findings).flatMap(List::stream).toList();
  }
}
