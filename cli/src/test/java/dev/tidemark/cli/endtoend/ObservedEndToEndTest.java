package dev.tidemark.cli.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tidemark.cli.CommandRun;
import dev.tidemark.cli.Main;
import dev.tidemark.cli.metrics.Documented;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** The roles as processes, with what is shipped for those who watch over them. */
final class ObservedEndToEndTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Pattern ADDRESS = Pattern.compile("broker at (\\S+)\\.");
  private static final Pattern METRICS = Pattern.compile("metrics: http://(\\S+?)/metrics");
  private static final Path PACKAGING = Path.of("..", "packaging");

  /** Longer than on a quiet machine by far; nothing is asserted to be quick. */
  private static final Duration LIMIT = Duration.ofMinutes(4);

  @TempDir(cleanup = CleanupMode.ON_SUCCESS)
  private Path dir;

  private Path source;
  private Path standby;
  private String broker = "";

  @BeforeEach
  void createSource() throws IOException {
    source = Files.createDirectory(dir.resolve("source"));
    standby = dir.resolve("standby");
    Files.createDirectory(source.resolve("directory"));
    Files.writeString(source.resolve("directory/file"), "one");
  }

  @Test
  void theFreshnessAlertFiresWhileTheWatcherIsAwayAndEachPanelHasData() throws Exception {
    assumeThat(PrometheusServer.isInstalled())
        .as("no Prometheus here: install Debian's package prometheus")
        .isTrue();
    try (TidemarkProcess running = startBroker();
        TidemarkProcess store = store();
        TidemarkProcess mirror = mirror()) {
      assertThat(running.isAlive()).isTrue();
      try (TidemarkProcess watch = watch("watch1.log")) {
        List<String> targets = List.of(metricsOf(watch), metricsOf(store), metricsOf(mirror));
        watch.awaitOutput("ready: tree demo", Waiting.LIMIT);
        Waiting.untilEqual(source, standby);
        for (String target : targets) {
          await().atMost(LIMIT).until(() -> get(target, "/health/ready").statusCode() == 200);
          assertThat(get(target, "/health/live").statusCode()).isEqualTo(200);
        }
        assertAllIsDocumented(targets);

        try (PrometheusServer prometheus =
            PrometheusServer.start(dir.resolve("prometheus"), quickRules(), targets)) {
          Files.writeString(source.resolve("directory/file"), "two");
          awaitAllPanels(prometheus);
          assertTheMissingCollectorIsCounted(watch, targets.getFirst());
          await().atMost(LIMIT).until(() -> !notFresh(prometheus));

          assertThat(watch.stop()).as(watch.output()).isZero();
          await().atMost(LIMIT).until(() -> notFresh(prometheus));

          try (TidemarkProcess again = watch("watch2.log")) {
            again.awaitOutput("ready: tree demo", Waiting.LIMIT);
            await().atMost(LIMIT).until(() -> !notFresh(prometheus));
            assertThat(again.stop()).as(again.output()).isZero();
          }
        }
      }
      assertThat(mirror.stop()).as(mirror.output()).isZero();
      assertThat(store.stop()).as(store.output()).isZero();
    }
  }

  /** A socket as systemd has one; what is told there is printed, a line for each message. */
  private record Manager(TidemarkProcess process, Path socket) implements AutoCloseable {
    static Manager start(Path dir) throws IOException {
      Path socket = dir.resolve("notify");
      TidemarkProcess process =
          TidemarkProcess.startProgram(
              dir.resolve("notify.log"),
              List.of(
                  "python3",
                  "-u",
                  "-c",
                  """
                  import socket, sys
                  s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
                  s.bind(sys.argv[1])
                  print('bound')
                  while True:
                      print(s.recv(4096).decode())
                  """,
                  socket.toString()));
      process.awaitOutput("bound", Waiting.LIMIT);
      return new Manager(process, socket);
    }

    void awaitWord(String word) throws IOException {
      process.awaitOutput(word + "\n", Waiting.LIMIT);
    }

    @Override
    public void close() {
      process.close();
    }
  }

  @Test
  void upTellsMachinesWhatItDoes() throws Exception {
    try (Manager manager = Manager.start(dir);
        TidemarkProcess up =
            TidemarkProcess.startBehind(
                List.of("env", "NOTIFY_SOCKET=" + manager.socket(), "WATCHDOG_USEC=1000000"),
                dir.resolve("up.log"),
                Main.class,
                "up",
                "demo=" + source,
                "--standby",
                standby.toString(),
                "--data",
                dir.resolve("data").toString(),
                "--metrics-listen",
                "0",
                "--log-format",
                "json",
                "--verbose")) {
      String at = metricsOf(up);
      await().atMost(LIMIT).until(() -> get(at, "/health/ready").statusCode() == 200);

      JsonNode ready = JSON.readTree(get(at, "/health/ready").body());
      assertThat(ready.path("ready").asBoolean()).isTrue();
      assertThat(ready.path("parts").findValuesAsText("name"))
          .containsExactly("chunk-store", "watcher of tree demo", "standby of tree demo");
      await()
          .atMost(LIMIT)
          .until(() -> get(at, "/metrics").body().contains("tidemark_tree_sealed_sequence{tree="));
      manager.awaitWord("READY=1");
      manager.awaitWord("WATCHDOG=1");
      assertThat(up.stop()).as(up.output()).isZero();
      manager.awaitWord("STOPPING=1");

      List<String> lines = up.output().lines().toList();
      assertThat(lines).isNotEmpty().allSatisfy(ObservedEndToEndTest::assertIsAMessage);
      assertThat(up.output())
          .contains("\"message\":\"started: broker ", "\"logger\":\"dev.tidemark.");
    }
  }

  @Test
  void aMemberTellsOfTheRoleThatItHas() throws Exception {
    try (TidemarkProcess running = startBroker();
        TidemarkProcess store = store();
        TidemarkProcess member =
            role(
                "member.log",
                "member",
                "demo=" + source,
                "--as",
                "writer",
                "--repository",
                dir.resolve("repository").toString(),
                "--metrics-listen",
                "0")) {
      assertThat(running.isAlive()).isTrue();
      String at = metricsOf(member);
      await().atMost(LIMIT).until(() -> get(at, "/health/ready").body().contains("true"));
      assertThat(get(at, "/metrics").body())
          .contains("tidemark_watcher_directories{tree=\"demo\"}")
          .doesNotContain("tidemark_standby_");

      CommandRun rejoin =
          CommandRun.of("rejoin", "demo", "--data", dir.resolve("member-data").toString());
      assertThat(rejoin.exitCode()).as(rejoin.err()).isZero();

      await()
          .atMost(LIMIT)
          .untilAsserted(
              () ->
                  assertThat(get(at, "/metrics").body())
                      .contains("tidemark_standby_phase{phase=\"following\",tree=\"demo\"} 1.0")
                      .doesNotContain("tidemark_watcher_"));
      assertThat(get(at, "/health/ready").statusCode()).isEqualTo(200);
      assertThat(member.stop()).as(member.output()).isZero();
      assertThat(store.stop()).as(store.output()).isZero();
    }
  }

  private static void assertIsAMessage(String line) throws IOException {
    JsonNode message = JSON.readTree(line);
    for (String field : List.of("time", "level", "logger", "thread", "message")) {
      assertThat(message.path(field).asText()).as("%s of %s", field, line).isNotEmpty();
    }
    assertThat(OffsetDateTime.parse(message.path("time").asText())).isNotNull();
  }

  private static boolean notFresh(PrometheusServer prometheus)
      throws IOException, InterruptedException {
    return prometheus.firing().contains("TidemarkNotFresh");
  }

  /** The shipped rules with little patience: a writer shows itself every ten seconds. */
  private static String quickRules() throws IOException {
    String shipped = Files.readString(PACKAGING.resolve("prometheus/tidemark-rules.yml"));
    String quick =
        shipped
            .replaceAll("(?m)^( +)for: \\w+$", "$1for: 1s")
            .replace("tidemark:tree_stale:seconds > 300", "tidemark:tree_stale:seconds > 30");
    assertThat(quick).isNotEqualTo(shipped).contains("tree_stale:seconds > 30");
    return quick;
  }

  private void awaitAllPanels(PrometheusServer prometheus) throws IOException {
    JsonNode dashboard =
        JSON.readTree(Files.readString(PACKAGING.resolve("grafana/tidemark.json")));
    List<String> queries = new ArrayList<>(dashboard.path("panels").findValuesAsText("expr"));
    assertThat(queries).hasSizeGreaterThan(20);
    for (String query : queries) {
      String asked = query.replace("$tree", ".*").replace("$__rate_interval", "30s");
      await()
          .atMost(LIMIT)
          .untilAsserted(() -> assertThat(prometheus.query(asked)).as(asked).isNotEmpty());
    }
  }

  /** Nobody takes the watcher's spans: that is said once, and holds nothing up. */
  private static void assertTheMissingCollectorIsCounted(TidemarkProcess watch, String target)
      throws IOException {
    await()
        .atMost(LIMIT)
        .until(
            () ->
                Pattern.compile("(?m)^tidemark_trace_failed_spans_total [1-9]")
                    .matcher(get(target, "/metrics").body())
                    .find());
    assertThat(watch.output()).containsOnlyOnce("the collector does not take spans");
  }

  private static void assertAllIsDocumented(List<String> targets) throws Exception {
    Set<String> served = new TreeSet<>();
    await()
        .atMost(LIMIT)
        .untilAsserted(
            () -> {
              for (String target : targets) {
                served.addAll(Documented.served(get(target, "/metrics").body()));
              }
              assertThat(served).isEqualTo(Documented.names());
            });
  }

  private static HttpResponse<String> get(String target, String path)
      throws IOException, InterruptedException {
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client.send(
          HttpRequest.newBuilder(URI.create("http://" + target + path)).build(),
          HttpResponse.BodyHandlers.ofString());
    }
  }

  /** Host and port that the process has printed. */
  private static String metricsOf(TidemarkProcess process) throws IOException {
    process.awaitOutput("/metrics", Waiting.LIMIT);
    return find(METRICS, process.output());
  }

  private static String find(Pattern pattern, String output) {
    Matcher matcher = pattern.matcher(output);
    assertThat(matcher.find()).as(output).isTrue();
    return matcher.group(1);
  }

  private TidemarkProcess startBroker() throws IOException {
    TidemarkProcess process =
        TidemarkProcess.startMain(
            dir.resolve("broker.log"), BrokerMain.class, dir.resolve("broker").toString());
    process.awaitOutput("broker at ", Waiting.LIMIT);
    broker = find(ADDRESS, process.output());
    assertThat(CommandRun.of("topics", "create", "--bootstrap-server", broker).exitCode()).isZero();
    return process;
  }

  private TidemarkProcess store() throws IOException {
    TidemarkProcess store =
        role(
            "store.log",
            "store",
            "--repository",
            dir.resolve("repository").toString(),
            "--flush-interval",
            "1",
            "--scrub-days",
            "30",
            "--metrics-listen",
            "0");
    store.awaitOutput("started: ", Waiting.LIMIT);
    return store;
  }

  private TidemarkProcess watch(String log) throws IOException {
    return roleIn(
        Map.of("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1"),
        log,
        "watch",
        "demo=" + source,
        "--trace",
        "--metrics-listen",
        "0");
  }

  private TidemarkProcess mirror() throws IOException {
    return role(
        "mirror.log",
        "mirror",
        "demo",
        "--to",
        standby.toString(),
        "--name",
        "two",
        "--repository",
        dir.resolve("repository").toString(),
        "--metrics-listen",
        "127.0.0.1:0");
  }

  private TidemarkProcess role(String log, String name, String... args) throws IOException {
    return roleIn(Map.of(), log, name, args);
  }

  private TidemarkProcess roleIn(
      Map<String, String> environment, String log, String name, String... args) throws IOException {
    List<String> all = new ArrayList<>(List.of(name));
    all.addAll(List.of(args));
    all.addAll(
        List.of("--bootstrap-server", broker, "--data", dir.resolve(name + "-data").toString()));
    return TidemarkProcess.startIn(environment, dir.resolve(log), all.toArray(String[]::new));
  }
}
