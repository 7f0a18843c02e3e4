package dev.tidemark.cli.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.cli.metrics.Health.Part;
import dev.tidemark.mirror.MirrorStatus.Phase;
import dev.tidemark.watcher.capture.CaptureMode;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class MetricsServerTest {
  private static final InetSocketAddress FREE =
      new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

  private final AtomicLong nanos = new AtomicLong();
  private final AtomicReference<List<Part>> parts = new AtomicReference<>(List.of());
  private final Meters meters = new Meters("1");
  private final Health health = new Health(parts::get, nanos::get);
  private final HttpClient client = HttpClient.newHttpClient();
  private MetricsServer server;

  @BeforeEach
  void start() throws IOException {
    server = MetricsServer.start(FREE, meters, health);
  }

  @AfterEach
  void stop() throws Exception {
    server.close();
    client.close();
    meters.close();
  }

  @Test
  void metricsAreServedAndOtherPathsAreTold() throws Exception {
    assertThat(get("/metrics").body()).contains("tidemark_build_info");
    assertThat(get("/metrics").headers().firstValue("Content-Type"))
        .hasValue("text/plain; version=0.0.4; charset=utf-8");
    assertThat(get("/other").statusCode()).isEqualTo(404);
    assertThat(get("/other").body()).contains("/health/ready");
  }

  @Test
  void readyIsWhenEachRoleDoesWhatItIsFor() throws Exception {
    Part mirror = Part.standby("web", Statuses.mirror(Phase.HELD, "the disk is full"));
    assertThat(get("/health/ready").statusCode()).as("no role").isEqualTo(503);

    parts.set(List.of(mirror, Part.watcher("web", Statuses.watcher(-1, CaptureMode.AUTO, 0))));
    assertThat(get("/health/ready").statusCode()).isEqualTo(503);
    assertThat(get("/health/ready").body())
        .contains("\"ready\":false", "no term is begun", "the disk is full");

    parts.set(List.of(mirror, Part.watcher("web", Statuses.watcher(4, CaptureMode.INOTIFY, 0))));
    assertThat(get("/health/ready").statusCode()).isEqualTo(200);

    parts.set(List.of(Part.store(Statuses.store("REBALANCING", Map.of()))));
    assertThat(get("/health/ready").statusCode()).isEqualTo(503);
    parts.set(List.of(Part.store(Statuses.store("RUNNING", Map.of()))));
    assertThat(get("/health/ready").statusCode()).isEqualTo(200);
    parts.set(List.of(Part.standby("web", Statuses.mirror(Phase.SYNCING, ""))));
    assertThat(get("/health/ready").statusCode()).isEqualTo(503);
  }

  @Test
  void itLivesWhileTheMainLoopComesRound() throws Exception {
    assertThat(get("/health/live").statusCode()).isEqualTo(200);

    nanos.addAndGet(Duration.ofSeconds(40).toNanos());
    assertThat(get("/health/live").statusCode()).isEqualTo(503);
    assertThat(get("/health/live").body()).contains("has not come round for 40 s");

    health.cameRound();
    assertThat(get("/health/live").statusCode()).isEqualTo(200);
  }

  @Test
  void anAddressThatIsTakenIsNamedWithTheRemedy() {
    int taken = URI.create(server.url()).getPort();

    assertThatThrownBy(
            () ->
                MetricsServer.start(
                    new InetSocketAddress(InetAddress.getLoopbackAddress(), taken), meters, health))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(":" + taken)
        .hasMessageContaining("--metrics-listen");
  }

  private HttpResponse<String> get(String path) throws Exception {
    return client.send(
        HttpRequest.newBuilder(URI.create(server.url() + path)).build(),
        HttpResponse.BodyHandlers.ofString());
  }
}
