package dev.tidemark.cli.endtoend;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Collectors;

/** A real Prometheus on the loopback address, which looks at its targets once a second. */
final class PrometheusServer implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int FIRST_PORT = 20_000;
  private static final int LAST_PORT = 32_000;
  private static final int MOST_PORTS = 100;

  private final TidemarkProcess process;
  private final String url;
  private final HttpClient client = HttpClient.newHttpClient();

  private PrometheusServer(TidemarkProcess process, String url) {
    this.process = process;
    this.url = url;
  }

  static boolean isInstalled() {
    try {
      return new ProcessBuilder("prometheus", "--version")
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start()
              .waitFor()
          == 0;
    } catch (IOException absent) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /**
   * Starts in a folder of its own.
   *
   * @param rules the text of its rules
   * @param targets each {@code host:port}
   */
  static PrometheusServer start(Path folder, String rules, List<String> targets)
      throws IOException {
    Files.createDirectories(folder);
    Files.writeString(folder.resolve("rules.yml"), rules);
    Path config =
        Files.writeString(
            folder.resolve("prometheus.yml"),
            """
            global: {scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s}
            rule_files: [rules.yml]
            scrape_configs:
              - job_name: tidemark
                static_configs:
                  - targets: [%s]
            """
                .formatted(
                    targets.stream()
                        .map(target -> "\"" + target + "\"")
                        .collect(Collectors.joining(", "))));
    String address = "127.0.0.1:" + freePort();
    TidemarkProcess process =
        TidemarkProcess.startProgram(
            folder.resolve("prometheus.log"),
            List.of(
                "prometheus",
                "--config.file=" + config,
                "--storage.tsdb.path=" + folder.resolve("data"),
                "--web.listen-address=" + address));
    process.awaitOutput("Server is ready to receive web requests", Waiting.LIMIT);
    return new PrometheusServer(process, "http://" + address);
  }

  /** Below those that the kernel gives to others, so that it stays free until it is taken. */
  private static int freePort() {
    for (int attempt = 0; attempt < MOST_PORTS; attempt++) {
      int port = ThreadLocalRandom.current().nextInt(FIRST_PORT, LAST_PORT);
      try (ServerSocket _ = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
        return port;
      } catch (IOException taken) {
        // Another one may be free.
      }
    }
    throw new AssertionError("no port from %d to %d is free".formatted(FIRST_PORT, LAST_PORT));
  }

  /** The result of a query at this moment; its parse must succeed. */
  JsonNode query(String expression) throws IOException, InterruptedException {
    return get("/api/v1/query?query=" + URLEncoder.encode(expression, UTF_8)).path("result");
  }

  /** The names of alerts that fire. */
  Set<String> firing() throws IOException, InterruptedException {
    Set<String> names = new TreeSet<>();
    for (JsonNode alert : get("/api/v1/alerts").path("alerts")) {
      if (alert.path("state").asText().equals("firing")) {
        names.add(alert.path("labels").path("alertname").asText());
      }
    }
    return names;
  }

  private JsonNode get(String path) throws IOException, InterruptedException {
    HttpResponse<String> answer =
        client.send(
            HttpRequest.newBuilder(URI.create(url + path)).build(),
            HttpResponse.BodyHandlers.ofString());
    assertThat(answer.statusCode()).as("%s: %s", path, answer.body()).isEqualTo(200);
    return JSON.readTree(answer.body()).path("data");
  }

  @Override
  public void close() {
    client.close();
    process.close();
  }
}
