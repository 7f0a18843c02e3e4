package dev.tidemark.cli.endtoend;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.storage.Formatter;
import org.apache.kafka.server.common.MetadataVersion;

/**
 * A broker in this process that knows users and checks their rights: a listener with SASL/SCRAM,
 * one with TLS and client certificates if it has any, and the standard authorizer, which allows
 * nothing that no list allows.
 */
final class SecuredBroker implements AutoCloseable {
  static final String ADMIN = "admin";
  private static final String LOOPBACK = "127.0.0.1";
  private static final String MECHANISM = "SCRAM-SHA-256";

  private final Path folder;
  private final KafkaRaftServer server;
  private final int saslPort;
  private final int tlsPort;

  private SecuredBroker(Path folder, KafkaRaftServer server, int saslPort, int tlsPort) {
    this.folder = folder;
    this.server = server;
    this.saslPort = saslPort;
    this.tlsPort = tlsPort;
  }

  /**
   * Starts one with users besides its administrator.
   *
   * @param tls settings of the listener with TLS; none for no such listener
   */
  static SecuredBroker start(Path folder, List<String> users, Map<String, String> tls)
      throws Exception {
    Files.createDirectories(folder);
    Path data = folder.resolve("data");
    List<Integer> ports = freePorts(4);
    format(data, users);
    Properties settings = settings(data, ports, !tls.isEmpty());
    tls.forEach((key, value) -> settings.put("listener.name.tls." + key, value));
    KafkaRaftServer server =
        new KafkaRaftServer(KafkaConfig.fromProps(settings, false), Time.SYSTEM);
    server.startup();
    return new SecuredBroker(folder, server, ports.get(0), ports.get(3));
  }

  private static List<Integer> freePorts(int count) throws IOException {
    List<ServerSocket> sockets = new ArrayList<>();
    try {
      for (int i = 0; i < count; i++) {
        sockets.add(new ServerSocket(0, 1, InetAddress.getByName(LOOPBACK)));
      }
      return sockets.stream().map(ServerSocket::getLocalPort).toList();
    } finally {
      for (ServerSocket socket : sockets) {
        socket.close();
      }
    }
  }

  private static void format(Path data, List<String> users) throws Exception {
    List<String> logins = new ArrayList<>();
    for (String user : users) {
      logins.add(login(user));
    }
    logins.add(login(ADMIN));
    new Formatter()
        .setPrintStream(new PrintStream(OutputStream.nullOutputStream()))
        .setClusterId(Uuid.randomUuid().toString())
        .setNodeId(1)
        .setControllerListenerName("CONTROLLER")
        .setMetadataLogDirectory(data.toString())
        .setDirectories(List.of(data.toString()))
        .setReleaseVersion(MetadataVersion.latestProduction())
        .setScramArguments(logins)
        .run();
  }

  private static String login(String user) {
    return "%s=[name=%s,password=%s,iterations=4096]".formatted(MECHANISM, user, password(user));
  }

  /** So that it can be looked for where it must not be. */
  static String password(String user) {
    return "password-of-" + user;
  }

  private static Properties settings(Path data, List<Integer> ports, boolean tls) {
    String sasl = "SASL://%s:%d".formatted(LOOPBACK, ports.get(0));
    String internal = "INTERNAL://%s:%d".formatted(LOOPBACK, ports.get(1));
    String certificates = tls ? ",TLS://%s:%d".formatted(LOOPBACK, ports.get(3)) : "";
    Properties settings = new Properties();
    settings.put("process.roles", "broker,controller");
    settings.put("node.id", "1");
    settings.put(
        "listeners",
        "%s,%s%s,CONTROLLER://%s:%d"
            .formatted(sasl, internal, certificates, LOOPBACK, ports.get(2)));
    settings.put("advertised.listeners", sasl + "," + internal + certificates);
    settings.put(
        "listener.security.protocol.map",
        "SASL:SASL_PLAINTEXT,INTERNAL:PLAINTEXT,TLS:SSL,CONTROLLER:PLAINTEXT");
    settings.put("controller.listener.names", "CONTROLLER");
    settings.put("inter.broker.listener.name", "INTERNAL");
    settings.put("controller.quorum.voters", "1@%s:%d".formatted(LOOPBACK, ports.get(2)));
    settings.put("sasl.enabled.mechanisms", MECHANISM + ",OAUTHBEARER");
    // It believes every token: how tokens are checked is not what is tested.
    settings.put(
        "listener.name.sasl.oauthbearer.sasl.jaas.config",
        "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required"
            + " unsecuredLoginStringClaim_sub=\"broker\";");
    settings.put(
        "listener.name.sasl.scram-sha-256.sasl.jaas.config",
        "org.apache.kafka.common.security.scram.ScramLoginModule required;");
    settings.put(
        "authorizer.class.name", "org.apache.kafka.metadata.authorizer.StandardAuthorizer");
    // The broker itself, on the listener that no client is told of.
    settings.put("super.users", "User:ANONYMOUS;User:" + ADMIN);
    settings.put("log.dirs", data.toString());
    settings.put("auto.create.topics.enable", "false");
    settings.put("offsets.topic.replication.factor", "1");
    settings.put("offsets.topic.num.partitions", "1");
    settings.put("transaction.state.log.replication.factor", "1");
    settings.put("transaction.state.log.min.isr", "1");
    settings.put("transaction.state.log.num.partitions", "1");
    settings.put("share.coordinator.state.topic.replication.factor", "1");
    settings.put("share.coordinator.state.topic.min.isr", "1");
    settings.put("group.initial.rebalance.delay.ms", "0");
    settings.put("log.cleaner.dedupe.buffer.size", Long.toString(8L << 20));
    settings.put("num.network.threads", "2");
    settings.put("num.io.threads", "4");
    return settings;
  }

  /** Of the listener with logins. */
  String address() {
    return LOOPBACK + ":" + saslPort;
  }

  /** Of the listener with certificates. */
  String tlsAddress() {
    return LOOPBACK + ":" + tlsPort;
  }

  /** Client settings of a user. */
  static Map<String, String> client(String user) {
    return new TreeMap<>(
        Map.of(
            "security.protocol",
            "SASL_PLAINTEXT",
            "sasl.mechanism",
            MECHANISM,
            "sasl.jaas.config",
            "org.apache.kafka.common.security.scram.ScramLoginModule required username=\"%s\""
                    .formatted(user)
                + " password=\"%s\";".formatted(password(user))));
  }

  /** Client settings with a token in which a user's name stands. */
  static Map<String, String> tokenClient(String user) {
    return new TreeMap<>(
        Map.of(
            "security.protocol",
            "SASL_PLAINTEXT",
            "sasl.mechanism",
            "OAUTHBEARER",
            "sasl.jaas.config",
            "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required"
                + " unsecuredLoginStringClaim_sub=\"%s\";".formatted(user)));
  }

  /** The same in a file that its owner alone can read. */
  Path clientFile(String user) throws IOException {
    return write(folder.resolve(user + ".properties"), client(user));
  }

  static Path write(Path file, Map<String, String> settings) throws IOException {
    StringBuilder text = new StringBuilder();
    settings.forEach((key, value) -> text.append(key).append('=').append(value).append('\n'));
    Files.writeString(file, text);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    return file;
  }

  @Override
  public void close() {
    server.shutdown();
    server.awaitShutdown();
  }
}
