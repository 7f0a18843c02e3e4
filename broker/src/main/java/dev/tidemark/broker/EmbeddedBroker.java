package dev.tidemark.broker;

import java.io.IOException;
import java.net.BindException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.common.utils.Time;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One Kafka node, broker and controller, in this process, and on the loopback address alone unless
 * another one is asked for.
 *
 * <p>All its data is in one folder:
 *
 * <pre>
 * broker.properties   bootstrap.servers of the last start
 * broker.lock         held while a broker runs, with its process id
 * data/               Kafka's own files
 * </pre>
 *
 * <p>A start goes on with what is in the folder, after a clean stop as after a kill; what a client
 * got acknowledged is there again. A power loss may take the last seconds, since nothing here is
 * synced record by record. If the disk fails or fills up while it runs, Kafka logs which folder and
 * halts the process, so that nothing is acknowledged that is not written.
 *
 * <p>Thread-safe.
 */
public final class EmbeddedBroker implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(EmbeddedBroker.class);

  /** Another process may take a port between our look and Kafka's bind. */
  private static final String LOCK = "broker.lock";

  private static final int BIND_ATTEMPTS = 3;

  private final Path folder;
  private final BrokerPorts ports;
  private final KafkaRaftServer server;
  private final FolderLock lock;
  private boolean closed;

  private EmbeddedBroker(Path folder, BrokerPorts ports, KafkaRaftServer server, FolderLock lock) {
    this.folder = folder;
    this.ports = ports;
    this.server = server;
    this.lock = lock;
  }

  /**
   * Starts a broker on {@code folder}, which is made if absent, on the port of the last start there
   * if it is free, else on a free one. Returns when it serves clients, usually after 2 to 4
   * seconds.
   *
   * @throws BrokerFolderInUseException if a live broker holds the folder
   * @throws BrokerStartException if the folder cannot be used or the broker did not start
   */
  public static EmbeddedBroker start(Path folder) throws IOException {
    return start(folder, BrokerPorts.LOOPBACK, Optional.empty());
  }

  /**
   * The same on another address of this machine, where every client of the network may write: for
   * networks of one's own.
   */
  public static EmbeddedBroker start(Path folder, String host) throws IOException {
    return start(folder, host, Optional.empty());
  }

  /**
   * The same on a port of the caller's choice.
   *
   * @throws BrokerFolderInUseException if a live broker holds the folder
   * @throws BrokerStartException if the port is taken, the folder cannot be used or the broker did
   *     not start
   */
  public static EmbeddedBroker start(Path folder, int port) throws IOException {
    if (port < 1 || port > 65535) {
      throw new IllegalArgumentException("port " + port + ": expected 1 to 65535");
    }
    return start(folder, BrokerPorts.LOOPBACK, Optional.of(port));
  }

  /**
   * Where clients reach the broker that runs, or last ran, on {@code folder}; empty if none ever
   * did.
   */
  public static Optional<String> findBootstrapServers(Path folder) throws IOException {
    return BrokerPorts.find(folder).map(BrokerPorts::bootstrapServers);
  }

  /** {@code address:port}. */
  public String bootstrapServers() {
    return ports.bootstrapServers();
  }

  /** Stops cleanly; returns when all is on disk and the folder is free again. */
  @Override
  public synchronized void close() throws IOException {
    if (closed) {
      return;
    }
    closed = true;
    try (lock) {
      server.shutdown();
      server.awaitShutdown();
    }
    log.atInfo().addKeyValue("folder", folder).log("broker stopped");
  }

  private static EmbeddedBroker start(Path relative, String host, Optional<Integer> port)
      throws IOException {
    Path folder = relative.toAbsolutePath().normalize();
    DataFolder.prepare(folder);
    FolderLock lock =
        FolderLock.acquire(
            folder.resolve(LOCK), holder -> new BrokerFolderInUseException(folder, holder));
    try {
      return start(folder, host, port, lock);
    } catch (IOException | RuntimeException | Error e) {
      try {
        lock.close();
      } catch (IOException suppressed) {
        e.addSuppressed(suppressed);
      }
      throw e;
    }
  }

  private static EmbeddedBroker start(
      Path folder, String host, Optional<Integer> port, FolderLock lock) throws IOException {
    Path data = DataFolder.open(folder);
    for (int attempt = 1; ; attempt++) {
      BrokerPorts ports = choosePorts(folder, host, port);
      long started = System.nanoTime();
      try {
        KafkaRaftServer server = startServer(data, ports);
        ports.save(folder);
        log.atInfo()
            .addKeyValue("folder", folder)
            .addKeyValue("address", ports.bootstrapServers())
            .addKeyValue("millis", Duration.ofNanos(System.nanoTime() - started).toMillis())
            .log("broker started");
        return new EmbeddedBroker(folder, ports, server, lock);
      } catch (RuntimeException e) {
        if (attempt < BIND_ATTEMPTS && isBindFailure(e)) {
          continue;
        }
        throw new BrokerStartException(
            ("The broker on folder %s did not start: %s. Its log lines above tell which file or"
                    + " port is at fault.")
                .formatted(folder, e.getMessage()),
            e);
      }
    }
  }

  private static BrokerPorts choosePorts(Path folder, String host, Optional<Integer> port)
      throws IOException {
    Optional<BrokerPorts> last = BrokerPorts.find(folder);
    if (port.isEmpty()) {
      return BrokerPorts.choose(host, last);
    }
    try {
      return BrokerPorts.choose(host, last, port.get());
    } catch (BindException e) {
      throw new BrokerStartException(
          "Port %d of %s is taken by another program. Stop it, or give the broker another port."
              .formatted(port.get(), host),
          e);
    }
  }

  private static KafkaRaftServer startServer(Path data, BrokerPorts ports) {
    KafkaConfig config = KafkaConfig.fromProps(BrokerSettings.of(data, ports), false);
    KafkaRaftServer server = new KafkaRaftServer(config, Time.SYSTEM);
    try {
      server.startup();
      return server;
    } catch (RuntimeException | Error e) {
      try {
        server.shutdown();
        server.awaitShutdown();
      } catch (RuntimeException suppressed) {
        e.addSuppressed(suppressed);
      }
      throw e;
    }
  }

  private static boolean isBindFailure(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof BindException) {
        return true;
      }
    }
    return false;
  }
}
