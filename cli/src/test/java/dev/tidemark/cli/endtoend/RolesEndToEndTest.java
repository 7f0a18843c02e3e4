package dev.tidemark.cli.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.cli.CommandRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** The main job with each role as a process of its own, against a broker process. */
final class RolesEndToEndTest {
  private static final Pattern ADDRESS = Pattern.compile("broker at (\\S+)\\.");

  @TempDir(cleanup = CleanupMode.ON_SUCCESS)
  private Path dir;

  private Path source;
  private Path standby;
  private String repository;
  private SourceFiles files;

  @BeforeEach
  void createSource() throws IOException {
    long seed = Long.getLong("tidemark.seed", System.nanoTime());
    System.out.println("tidemark.seed=" + seed);
    source = dir.resolve("source");
    standby = dir.resolve("standby");
    repository = dir.resolve("repository").toString();
    files = new SourceFiles(source, seed);
    files.create(150);
  }

  @Test
  void separateRolesDoTheSameAndTheChunkStoreMayBeKilledDuringWrites() throws Exception {
    try (TidemarkProcess broker =
        TidemarkProcess.startMain(
            dir.resolve("broker.log"), BrokerMain.class, dir.resolve("broker").toString())) {
      broker.awaitOutput("broker at ", Waiting.LIMIT);
      String address = address(broker.output());
      assertThat(CommandRun.of("topics", "create", "--bootstrap-server", address).exitCode())
          .isZero();

      try (TidemarkProcess store = store(address, "store1.log")) {
        store.awaitOutput("started: ", Waiting.LIMIT);
        try (TidemarkProcess watch =
                role(
                    "watch.log",
                    "watch",
                    "demo=" + source,
                    "--bootstrap-server",
                    address,
                    "--data",
                    dir.resolve("watch-data").toString());
            TidemarkProcess mirror =
                role(
                    "mirror.log",
                    "mirror",
                    "demo",
                    "--to",
                    standby.toString(),
                    "--name",
                    "two",
                    "--bootstrap-server",
                    address,
                    "--repository",
                    repository,
                    "--data",
                    dir.resolve("mirror-data").toString())) {
          watch.awaitOutput("ready: tree demo", Waiting.LIMIT);
          Waiting.untilEqual(source, standby);

          files.copyIn(source.resolve("copied"), 8_000_000);
          store.kill();
          files.edit();
          files.replace();
          Waiting.untilEqual(source, standby);

          try (TidemarkProcess again = store(address, "store2.log")) {
            again.awaitOutput("started: ", Waiting.LIMIT);
            files.rename();
            Waiting.untilEqual(source, standby);
            var state =
                Waiting.untilSealed(
                    "demo", "--repository", repository, "--bootstrap-server", address);
            assertThat(state.path("standbys").path(0).path("name").asText()).isEqualTo("two");
            assertStandbyIsProvedEqual(address);
            assertThat(again.stop()).as(again.output()).isZero();
          }
          assertThat(mirror.stop()).as(mirror.output()).isZero();
          assertThat(watch.stop()).as(watch.output()).isZero();
        }
      }
    }

    Path restored = dir.resolve("restored");
    CommandRun run =
        CommandRun.of("restore", "demo", "--to", restored.toString(), "--repository", repository);
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(TreeOracle.of(source).differences(TreeOracle.of(restored))).isEmpty();
    assertThat(Files.exists(dir.resolve("store-data/store"))).isTrue();
  }

  private void assertStandbyIsProvedEqual(String address) throws IOException {
    CommandRun run =
        CommandRun.of(
            "status",
            "--digest",
            "--json",
            "--repository",
            repository,
            "--bootstrap-server",
            address);
    assertThat(run.exitCode()).as(run.out() + run.err()).isZero();
    assertThat(run.out()).contains("\"verdict\":\"equal\"").doesNotContain("unknown");
  }

  private TidemarkProcess store(String address, String log) throws IOException {
    return role(
        log,
        "store",
        "--bootstrap-server",
        address,
        "--repository",
        repository,
        "--flush-interval",
        "1",
        "--data",
        dir.resolve("store-data").toString());
  }

  private TidemarkProcess role(String log, String... args) throws IOException {
    return TidemarkProcess.start(dir.resolve(log), args);
  }

  private static String address(String output) {
    Matcher matcher = ADDRESS.matcher(output);
    assertThat(matcher.find()).as(output).isTrue();
    return matcher.group(1);
  }
}
