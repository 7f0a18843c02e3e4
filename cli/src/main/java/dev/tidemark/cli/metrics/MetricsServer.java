package dev.tidemark.cli.metrics;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Answers {@code /metrics}, {@code /health/live} and {@code /health/ready} by HTTP. */
public final class MetricsServer implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(MetricsServer.class);
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String TEXT = "text/plain; version=0.0.4; charset=utf-8";
  private static final String JSON_TYPE = "application/json";
  private static final int OK = 200;
  private static final int NOT_FOUND = 404;
  private static final int NOT_ALLOWED = 405;
  private static final int FAILED = 500;
  private static final int UNAVAILABLE = 503;

  private final HttpServer server;
  private final ExecutorService threads;
  private final Meters meters;
  private final Health health;

  private record Answer(int status, String type, String body) {}

  private MetricsServer(HttpServer server, Meters meters, Health health) {
    this.server = server;
    this.meters = meters;
    this.health = health;
    this.threads =
        Executors.newThreadPerTaskExecutor(
            Thread.ofVirtual().name("tidemark-metrics-", 0).factory());
  }

  /**
   * Begins to answer.
   *
   * @param address with port 0 for a free one
   * @throws IOException if the address cannot be had; names the remedy
   */
  public static MetricsServer start(InetSocketAddress address, Meters meters, Health health)
      throws IOException {
    HttpServer server;
    try {
      server = HttpServer.create(address, 0);
    } catch (IOException e) {
      throw new IOException(
          ("metrics cannot be served at %s:%d: %s. Choose another address with --metrics-listen;"
                  + " port 0 takes a free one.")
              .formatted(address.getHostString(), address.getPort(), e.getMessage()),
          e);
    }
    MetricsServer started = new MetricsServer(server, meters, health);
    server.setExecutor(started.threads);
    server.createContext("/", started::answer);
    server.start();
    return started;
  }

  /** Where it answers. */
  public String url() {
    InetSocketAddress at = server.getAddress();
    String host = at.getAddress().getHostAddress();
    return "http://%s:%d".formatted(host.contains(":") ? "[" + host + "]" : host, at.getPort());
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      Answer answer;
      try {
        answer =
            exchange.getRequestMethod().equals("GET")
                ? find(exchange.getRequestURI().getPath())
                : new Answer(NOT_ALLOWED, TEXT, "only GET is answered here\n");
      } catch (RuntimeException e) {
        log.atWarn()
            .setCause(e)
            .addKeyValue("path", exchange.getRequestURI().getPath())
            .log("no answer could be made");
        answer = new Answer(FAILED, TEXT, "no answer could be made; the log tells why\n");
      }
      send(exchange, answer);
    }
  }

  private Answer find(String path) throws IOException {
    return switch (path) {
      case "/metrics" -> new Answer(OK, TEXT, meters.scrape());
      case "/health/live" -> live();
      case "/health/ready" -> ready();
      default -> new Answer(NOT_FOUND, TEXT, "here are /metrics, /health/live and /health/ready\n");
    };
  }

  private Answer live() throws IOException {
    boolean live = health.isLive();
    ObjectNode body = JSON.createObjectNode().put("live", live);
    if (!live) {
      body.put(
          "reason",
          "the main loop has not come round for %d s"
              .formatted(health.sinceLastRound().toSeconds()));
    }
    return json(live, body);
  }

  private Answer ready() throws IOException {
    Health.Report report = health.look();
    ObjectNode body = JSON.createObjectNode().put("ready", report.ready());
    ArrayNode parts = body.putArray("parts");
    for (Health.Part part : report.parts()) {
      parts
          .addObject()
          .put("name", part.name())
          .put("ready", part.ready())
          .put("detail", part.detail());
    }
    return json(report.ready(), body);
  }

  private static Answer json(boolean good, ObjectNode body) throws IOException {
    return new Answer(good ? OK : UNAVAILABLE, JSON_TYPE, JSON.writeValueAsString(body) + "\n");
  }

  private static void send(HttpExchange exchange, Answer answer) throws IOException {
    byte[] body = answer.body().getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", answer.type());
    exchange.sendResponseHeaders(answer.status(), body.length);
    exchange.getResponseBody().write(body);
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
