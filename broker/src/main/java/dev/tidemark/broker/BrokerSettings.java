package dev.tidemark.broker;

import java.nio.file.Path;
import java.util.Properties;

/**
 * The settings of the one node: few threads, small buffers, the controller on the loopback address.
 */
final class BrokerSettings {
  static final int NODE_ID = 1;
  static final String CONTROLLER_LISTENER = "CONTROLLER";

  private static final long MIB = 1024 * 1024;

  private BrokerSettings() {}

  static Properties of(Path data, BrokerPorts ports) {
    String client = "PLAINTEXT://" + ports.bootstrapServers();
    String controller = BrokerPorts.LOOPBACK + ":" + ports.controller();
    Properties settings = new Properties();
    settings.put("process.roles", "broker,controller");
    settings.put("node.id", Integer.toString(NODE_ID));
    settings.put("listeners", client + "," + CONTROLLER_LISTENER + "://" + controller);
    settings.put("advertised.listeners", client);
    settings.put("listener.security.protocol.map", "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT");
    settings.put("controller.listener.names", CONTROLLER_LISTENER);
    // A fixed voter, not a recorded one: the port may be another at the next start.
    settings.put("controller.quorum.voters", NODE_ID + "@" + controller);
    settings.put("log.dirs", data.toString());

    topicDefaults(settings);
    sizes(settings);
    return settings;
  }

  private static void topicDefaults(Properties settings) {
    settings.put("auto.create.topics.enable", "false");
    settings.put("num.partitions", "1");
    settings.put("default.replication.factor", "1");
    settings.put("min.insync.replicas", "1");
    settings.put("offsets.topic.replication.factor", "1");
    settings.put("offsets.topic.num.partitions", "4");
    settings.put("transaction.state.log.replication.factor", "1");
    settings.put("transaction.state.log.min.isr", "1");
    settings.put("transaction.state.log.num.partitions", "4");
    settings.put("share.coordinator.state.topic.replication.factor", "1");
    settings.put("share.coordinator.state.topic.min.isr", "1");
    settings.put("share.coordinator.state.topic.num.partitions", "1");
    settings.put("group.initial.rebalance.delay.ms", "0");
    // Space comes back in steps of a segment.
    settings.put("log.segment.bytes", Long.toString(128 * MIB));
    settings.put("offsets.topic.segment.bytes", Long.toString(16 * MIB));
    settings.put("transaction.state.log.segment.bytes", Long.toString(16 * MIB));
  }

  private static void sizes(Properties settings) {
    // After a kill the controller refuses the same broker until its last session is over: a start
    // would take the default 9 s. A fenced broker here only makes clients try again.
    settings.put("broker.session.timeout.ms", "2500");
    settings.put("broker.heartbeat.interval.ms", "500");
    settings.put("num.network.threads", "2");
    settings.put("num.io.threads", "4");
    settings.put("background.threads", "2");
    settings.put("num.recovery.threads.per.data.dir", "2");
    settings.put("log.cleaner.dedupe.buffer.size", Long.toString(8 * MIB));
    // Left to the kernel: Java copies the rest of a heap buffer again at each partial write, and
    // the
    // small defaults halve the throughput of large records.
    settings.put("socket.send.buffer.bytes", "-1");
    settings.put("socket.receive.buffer.bytes", "-1");
  }
}
