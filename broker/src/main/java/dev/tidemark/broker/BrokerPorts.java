package dev.tidemark.broker;

import java.io.IOException;
import java.io.Reader;
import java.io.Writer;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;
import java.util.Properties;

/**
 * The address and ports of a broker, kept in {@code broker.properties} in its folder: {@code
 * bootstrap.servers} for clients, {@code controller.port} for the broker itself.
 */
record BrokerPorts(String host, int client, int controller) {
  static final String LOOPBACK = "127.0.0.1";

  private static final String FILE = "broker.properties";
  private static final String CLIENT_KEY = "bootstrap.servers";
  private static final String CONTROLLER_KEY = "controller.port";

  String bootstrapServers() {
    return host + ":" + client;
  }

  /** The ports of the last run; empty on a new folder or if the file is not ours to understand. */
  static Optional<BrokerPorts> find(Path folder) throws IOException {
    Path file = folder.resolve(FILE);
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    Properties properties = new Properties();
    try (Reader reader = Files.newBufferedReader(file)) {
      properties.load(reader);
    }
    String servers = properties.getProperty(CLIENT_KEY, "");
    int colon = servers.lastIndexOf(':');
    try {
      return Optional.of(
          new BrokerPorts(
              servers.substring(0, Math.max(0, colon)),
              Integer.parseInt(servers.substring(colon + 1)),
              Integer.parseInt(properties.getProperty(CONTROLLER_KEY, ""))));
    } catch (NumberFormatException e) {
      // A file edited by hand costs nothing but new ports.
      return Optional.empty();
    }
  }

  void save(Path folder) throws IOException {
    Properties properties = new Properties();
    properties.setProperty(CLIENT_KEY, bootstrapServers());
    properties.setProperty(CONTROLLER_KEY, Integer.toString(controller));
    Path temporary = folder.resolve(FILE + ".new");
    try (Writer writer = Files.newBufferedWriter(temporary)) {
      properties.store(writer, "Written by the broker at each start.");
    }
    Files.move(
        temporary,
        folder.resolve(FILE),
        StandardCopyOption.ATOMIC_MOVE,
        StandardCopyOption.REPLACE_EXISTING);
  }

  /** Those of {@code last} that are free now, else free ones. */
  static BrokerPorts choose(String host, Optional<BrokerPorts> last) throws IOException {
    try (ServerSocket client = bindOrAny(host, last.map(BrokerPorts::client));
        ServerSocket controller = bindOrAny(LOOPBACK, last.map(BrokerPorts::controller))) {
      return new BrokerPorts(host, client.getLocalPort(), controller.getLocalPort());
    }
  }

  /**
   * @throws BindException if {@code client} is taken
   */
  static BrokerPorts choose(String host, Optional<BrokerPorts> last, int client)
      throws IOException {
    try (ServerSocket fixed = bind(host, client);
        ServerSocket controller = bindOrAny(LOOPBACK, last.map(BrokerPorts::controller))) {
      return new BrokerPorts(host, fixed.getLocalPort(), controller.getLocalPort());
    }
  }

  private static ServerSocket bindOrAny(String host, Optional<Integer> port) throws IOException {
    if (port.isPresent()) {
      try {
        return bind(host, port.get());
      } catch (BindException taken) {
        return bind(host, 0);
      }
    }
    return bind(host, 0);
  }

  private static ServerSocket bind(String host, int port) throws IOException {
    ServerSocket socket = new ServerSocket();
    try {
      // As the broker itself binds: a port in TIME_WAIT after a restart counts as free.
      socket.setReuseAddress(true);
      socket.bind(new InetSocketAddress(InetAddress.getByName(host), port));
      return socket;
    } catch (IOException e) {
      socket.close();
      throw e;
    }
  }
}
