package dev.tidemark.cli;

import dev.tidemark.cli.argument.ArgumentException;
import dev.tidemark.cli.process.DataFolder;
import dev.tidemark.log.ClientFile;
import dev.tidemark.log.LogConnection;
import dev.tidemark.log.access.Role;
import dev.tidemark.schemas.topic.TopicContract;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How a command reaches the broker. */
final class BrokerOptions {
  /** Names the file in the place of the option. */
  static final String PROPERTIES_VARIABLE = "TIDEMARK_CLIENT_PROPERTIES";

  @Option(
      names = "--bootstrap-server",
      paramLabel = "HOST:PORT",
      description = "Address of the Kafka broker; several separated by commas.")
  private @Nullable String bootstrapServer;

  @Option(
      names = "--topic-prefix",
      paramLabel = "PREFIX",
      description = "Begins the names of all topics. Default: ${DEFAULT-VALUE}")
  private String topicPrefix = TopicContract.DEFAULT_PREFIX;

  @Option(
      names = "--client-properties",
      paramLabel = "FILE",
      description =
          "A Java properties file of Kafka client settings that say how to reach the broker and who"
              + " this is (TLS, SASL; docs/security.md has examples). One with secrets must be"
              + " readable by its owner alone. Default: $TIDEMARK_CLIENT_PROPERTIES, if set.")
  private @Nullable Path clientProperties;

  boolean isGiven() {
    return bootstrapServer != null;
  }

  /** As it was given; empty if it was not. */
  String address() {
    return bootstrapServer == null ? "" : bootstrapServer;
  }

  String topicPrefix() {
    return topicPrefix;
  }

  /** The connection asked for; it is not tried. */
  LogConnection require(Surroundings surroundings) throws IOException {
    if (bootstrapServer == null) {
      throw new ArgumentException("--bootstrap-server HOST:PORT is needed");
    }
    return connection(bootstrapServer, findProperties(surroundings));
  }

  /**
   * The connection asked for, or that of the {@code up} that runs on the data folder.
   *
   * @throws CommandException if there is neither
   */
  LogConnection requireOrRunning(DataOption data, Surroundings surroundings)
      throws IOException, CommandException {
    if (isGiven()) {
      return require(surroundings).as(Role.OPERATOR);
    }
    DataFolder folder = data.folder(surroundings);
    String address =
        folder
            .findRunningBroker()
            .orElseThrow(
                () ->
                    CommandException.failed(
                        ("no `tidemark up` runs on the data folder %s. Name the one that runs with"
                                + " --data DIR, or a broker with --bootstrap-server HOST:PORT.")
                            .formatted(folder.root())));
    return connection(address);
  }

  /**
   * The broker of an {@code up} on this host, which has no use for what the environment says of
   * others.
   */
  LogConnection connection(String address) throws IOException {
    return connection(address, Optional.ofNullable(clientProperties));
  }

  private LogConnection connection(String address, Optional<Path> properties) throws IOException {
    for (String server : address.split(",", -1)) {
      if (!server.strip().matches(".+:\\d{1,5}")) {
        throw new ArgumentException(
            "--bootstrap-server \"%s\": expected HOST:PORT, several separated by commas"
                .formatted(address));
      }
    }
    Map<String, String> settings =
        properties.isPresent() ? ClientFile.read(properties.get()) : Map.of();
    return new LogConnection(address, topicPrefix, settings);
  }

  private Optional<Path> findProperties(Surroundings surroundings) {
    String named = surroundings.environment().getOrDefault(PROPERTIES_VARIABLE, "");
    return clientProperties == null && !named.isEmpty()
        ? Optional.of(Path.of(named))
        : Optional.ofNullable(clientProperties);
  }
}
