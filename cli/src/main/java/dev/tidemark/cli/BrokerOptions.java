package dev.tidemark.cli;

import dev.tidemark.cli.argument.ArgumentException;
import dev.tidemark.cli.process.DataFolder;
import dev.tidemark.log.LogConnection;
import dev.tidemark.schemas.topic.TopicContract;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How a command reaches the broker. */
final class BrokerOptions {
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
      description = "More Kafka client settings (TLS, SASL), as a Java properties file.")
  private @Nullable Path clientProperties;

  boolean isGiven() {
    return bootstrapServer != null;
  }

  String topicPrefix() {
    return topicPrefix;
  }

  /** The connection asked for; it is not tried. */
  LogConnection require() throws IOException {
    if (bootstrapServer == null) {
      throw new ArgumentException("--bootstrap-server HOST:PORT is needed");
    }
    return connection(bootstrapServer);
  }

  /**
   * The connection asked for, or that of the {@code up} that runs on the data folder.
   *
   * @throws CommandException if there is neither
   */
  LogConnection requireOrRunning(DataOption data, Surroundings surroundings)
      throws IOException, CommandException {
    if (isGiven()) {
      return require();
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

  /** The same settings at an address found elsewhere. */
  LogConnection connection(String address) throws IOException {
    for (String server : address.split(",", -1)) {
      if (!server.strip().matches(".+:\\d{1,5}")) {
        throw new ArgumentException(
            "--bootstrap-server \"%s\": expected HOST:PORT, several separated by commas"
                .formatted(address));
      }
    }
    return new LogConnection(address, topicPrefix, readProperties());
  }

  private Map<String, String> readProperties() throws IOException {
    if (clientProperties == null) {
      return Map.of();
    }
    Properties properties = new Properties();
    try (Reader reader = Files.newBufferedReader(clientProperties)) {
      properties.load(reader);
    }
    Map<String, String> settings = new HashMap<>();
    properties.stringPropertyNames().forEach(key -> settings.put(key, properties.getProperty(key)));
    return settings;
  }
}
