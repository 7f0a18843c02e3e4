package dev.tidemark.cli.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tidemark.cli.CommandRun;
import dev.tidemark.cli.endtoend.Collector.CollectedSpan;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** One save is one trace over the three processes that it goes through. */
final class TraceEndToEndTest {
  private static final Pattern ADDRESS = Pattern.compile("broker at (\\S+)\\.");
  private static final Duration LIMIT = Duration.ofMinutes(3);

  /** The broker's time is told in milliseconds. */
  private static final long TICK_NANOS = 1_000_000;

  private static final List<String> STEPS =
      List.of(
          "change",
          "read",
          "send chunks",
          "publish",
          "store receive",
          "seal",
          "mirror receive",
          "apply");

  @TempDir(cleanup = CleanupMode.ON_SUCCESS)
  private Path dir;

  private String broker = "";

  @Test
  void aSaveIsOneTraceFromItsEventToTheRepositoryAndTheStandby() throws Exception {
    Path source = Files.createDirectory(dir.resolve("source"));
    Path standby = dir.resolve("standby");
    Files.writeString(source.resolve("before"), "found by the first scan");
    String repository = dir.resolve("repository").toString();
    try (Collector collector = Collector.start();
        TidemarkProcess running = startBroker();
        TidemarkProcess store =
            role(collector, "store", "--repository", repository, "--flush-interval", "1");
        TidemarkProcess mirror =
            role(
                collector,
                "mirror",
                "demo",
                "--to",
                standby.toString(),
                "--name",
                "two",
                "--repository",
                repository);
        TidemarkProcess watch = role(collector, "watch", "demo=" + source)) {
      assertThat(running.isAlive()).isTrue();
      watch.awaitOutput("ready: tree demo", Waiting.LIMIT);
      Waiting.untilEqual(source, standby);

      Path made = Files.writeString(dir.resolve("made"), "a save");
      Files.move(made, source.resolve("saved"));

      await().atMost(LIMIT).until(() -> ofSave(collector).size() >= STEPS.size());
      assertIsOneTrace(ofSave(collector));
      assertThat(collector.spans())
          .as("what the first scan found is not traced")
          .noneMatch(span -> "before".equals(span.attributes().get("tidemark.path")));
      for (TidemarkProcess role : List.of(watch, mirror, store)) {
        assertThat(role.stop()).as(role.output()).isZero();
      }
    }
  }

  @Test
  void nothingOfTheLibraryIsLoadedWhereTracesAreOff() throws Exception {
    assertThat(classesOfTheLibrary("off")).isEmpty();
    assertThat(classesOfTheLibrary("on", "--trace")).as("the look sees it").isNotEmpty();
  }

  /** Loaded by a standby, which starts without a broker. */
  private List<String> classesOfTheLibrary(String name, String... more) throws Exception {
    Path loaded = dir.resolve(name + ".classes");
    List<String> all =
        new ArrayList<>(
            List.of("mirror", "demo", "--to", dir.resolve(name).toString(), "--name", name));
    all.addAll(List.of("--bootstrap-server", "127.0.0.1:1"));
    all.addAll(List.of("--data", dir.resolve(name + "-data").toString()));
    all.addAll(List.of(more));
    try (TidemarkProcess mirror =
        TidemarkProcess.startIn(
            Map.of("JAVA_TOOL_OPTIONS", "-Xlog:class+load=info:file=" + loaded),
            dir.resolve(name + ".log"),
            all.toArray(String[]::new))) {
      mirror.awaitOutput("started: ", Waiting.LIMIT);
      assertThat(mirror.stop()).as(mirror.output()).isZero();
    }
    try (Stream<String> lines = Files.lines(loaded)) {
      return lines.filter(line -> line.contains(" io.opentelemetry.")).toList();
    }
  }

  private static List<CollectedSpan> ofSave(Collector collector) {
    return collector.spans().stream()
        .filter(span -> "saved".equals(span.attributes().get("tidemark.path")))
        .toList();
  }

  private static void assertIsOneTrace(List<CollectedSpan> spans) {
    assertThat(spans).extracting(CollectedSpan::traceId).containsOnly(spans.getFirst().traceId());
    Map<String, CollectedSpan> by =
        spans.stream().collect(Collectors.toMap(CollectedSpan::name, Function.identity()));
    assertThat(by).containsOnlyKeys(STEPS);
    assertThat(by.get("change").parentId()).isEmpty();
    assertIsBelow(by, "change", "read", "send chunks", "publish");
    assertIsBelow(by, "publish", "store receive", "mirror receive");
    assertIsBelow(by, "store receive", "seal");
    assertIsBelow(by, "mirror receive", "apply");
    assertServiceOf(by, "tidemark-watch", "change", "read", "send chunks", "publish");
    assertServiceOf(by, "tidemark-store", "store receive", "seal");
    assertServiceOf(by, "tidemark-mirror", "mirror receive", "apply");
    assertThat(by.get("apply").attributes())
        .containsEntry("tidemark.standby", "two")
        .containsEntry("tidemark.kind", "put")
        .containsEntry("tidemark.tree", "demo");
    assertInOrder(by.get("read"), by.get("send chunks"), by.get("publish"));
    assertThat(by.get("store receive").endNanos())
        .isGreaterThanOrEqualTo(by.get("publish").startNanos());
    assertThat(by.get("mirror receive").endNanos())
        .isGreaterThanOrEqualTo(by.get("publish").startNanos());
    assertInOrder(by.get("store receive"), by.get("seal"));
    assertInOrder(by.get("mirror receive"), by.get("apply"));
  }

  private static void assertIsBelow(
      Map<String, CollectedSpan> by, String parent, String... children) {
    CollectedSpan above = by.get(parent);
    for (String child : children) {
      assertThat(by.get(child).parentId()).as(child).isEqualTo(above.spanId());
      assertThat(by.get(child).startNanos())
          .as("begin of %s, in %s", child, by)
          .isGreaterThanOrEqualTo(above.startNanos() - TICK_NANOS);
    }
  }

  private static void assertServiceOf(
      Map<String, CollectedSpan> by, String service, String... names) {
    for (String name : names) {
      assertThat(by.get(name).service()).as(name).isEqualTo(service);
    }
  }

  private static void assertInOrder(CollectedSpan... spans) {
    for (int i = 1; i < spans.length; i++) {
      assertThat(spans[i].startNanos())
          .as("begin of %s after the end of %s", spans[i], spans[i - 1])
          .isGreaterThanOrEqualTo(spans[i - 1].endNanos());
    }
  }

  private TidemarkProcess startBroker() throws IOException {
    TidemarkProcess process =
        TidemarkProcess.startMain(
            dir.resolve("broker.log"), BrokerMain.class, dir.resolve("broker").toString());
    process.awaitOutput("broker at ", Waiting.LIMIT);
    Matcher matcher = ADDRESS.matcher(process.output());
    assertThat(matcher.find()).as(process.output()).isTrue();
    broker = matcher.group(1);
    assertThat(CommandRun.of("topics", "create", "--bootstrap-server", broker).exitCode()).isZero();
    return process;
  }

  private TidemarkProcess role(Collector collector, String name, String... args)
      throws IOException {
    List<String> all = new ArrayList<>(List.of(name));
    all.addAll(List.of(args));
    all.addAll(
        List.of("--bootstrap-server", broker, "--data", dir.resolve(name + "-data").toString()));
    TidemarkProcess process =
        TidemarkProcess.startIn(
            Map.of(
                "OTEL_EXPORTER_OTLP_ENDPOINT",
                collector.endpoint(),
                "OTEL_BSP_SCHEDULE_DELAY",
                "200"),
            dir.resolve(name + ".log"),
            all.toArray(String[]::new));
    process.awaitOutput("started: ", Waiting.LIMIT);
    return process;
  }
}
