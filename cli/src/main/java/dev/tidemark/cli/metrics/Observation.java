package dev.tidemark.cli.metrics;

import dev.tidemark.cli.metrics.Health.Part;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * What is told of this process from its roles' start to its stop: over HTTP, where that is asked
 * for, and to the service manager that started it, if one listens.
 */
public final class Observation implements AutoCloseable {
  private final Optional<Serving> serving;
  private final Health health;
  private final Optional<MetricsServer> server;
  private final ServiceManager manager;

  /** What is served, and where; the meters are closed with the observation. */
  public record Serving(InetSocketAddress address, Meters meters) {}

  private Observation(
      Optional<Serving> serving,
      Health health,
      Optional<MetricsServer> server,
      ServiceManager manager) {
    this.serving = serving;
    this.health = health;
    this.server = server;
    this.manager = manager;
  }

  /**
   * Begins.
   *
   * @param serving what is asked for; empty for nothing
   * @param parts the roles, asked for each look
   * @throws IOException if the address cannot be had, or the environment is not as systemd makes it
   */
  public static Observation start(
      Optional<Serving> serving, Map<String, String> environment, Supplier<List<Part>> parts)
      throws IOException {
    Health health = new Health(parts);
    ServiceManager manager = ServiceManager.of(environment);
    Optional<MetricsServer> server = Optional.empty();
    if (serving.isPresent()) {
      Serving asked = serving.get();
      server = Optional.of(MetricsServer.start(asked.address(), asked.meters(), health));
    }
    return new Observation(serving, health, server, manager);
  }

  /** Where metrics are; empty if they are not served. */
  public Optional<String> url() {
    return server.map(running -> running.url() + "/metrics");
  }

  /** To be called at every round of the main loop, once all roles are known to run. */
  public void cameRound() {
    health.cameRound();
    manager.cameRound(health);
  }

  /** Says that the process is stopping. */
  @Override
  public void close() throws Exception {
    manager.stopping();
    server.ifPresent(MetricsServer::close);
    if (serving.isPresent()) {
      serving.get().meters().close();
    }
  }
}
