package dev.tidemark.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.tidemark.broker.EmbeddedBroker;
import dev.tidemark.schemas.topic.TopicContract;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class LogAdminTest {
  @TempDir static Path folder;
  private static EmbeddedBroker broker;

  @BeforeAll
  static void start() throws Exception {
    broker = EmbeddedBroker.start(folder);
  }

  @AfterAll
  static void stop() throws Exception {
    broker.close();
  }

  @Test
  void topicsAreMadeOnceAndFoundAgainWithTheSameIds() throws Exception {
    LogConnection connection = connection("again.");
    try (LogAdmin admin = LogAdmin.connect(connection)) {
      LogTopics made = admin.createTopics(new TopicContract("again.", 3, 2, 1));

      assertThat(admin.createTopics(new TopicContract("again.", 3, 2, 1))).isEqualTo(made);
      assertThat(admin.requireTopics()).isEqualTo(made);
      assertThat(made.chunks().partitions()).isEqualTo(3);
      assertThat(made.changes().partitions()).isEqualTo(2);
      assertThat(made.heads().name()).isEqualTo("again.heads");
      assertThat(made.chunks().id()).isNotEqualTo(made.changes().id());
    }
  }

  @Test
  void allMissingTopicsAreNamedWithTheCommandThatMakesThem() throws Exception {
    try (LogAdmin admin = LogAdmin.connect(connection("absent."))) {
      assertThatThrownBy(admin::requireTopics)
          .isInstanceOf(MissingTopicException.class)
          .hasMessageContaining("absent.chunks")
          .hasMessageContaining("absent.changes")
          .hasMessageContaining("absent.watermarks")
          .hasMessageContaining("absent.commands")
          .hasMessageContaining("tidemark topics create");
    }
  }

  /** The broker would delete by a producer's clock, and what is over a size before it is packed. */
  @Test
  void aTopicWithAnotherPolicyIsRefusedWithTheSettingAndItsRemedy() throws Exception {
    TopicContract contract = new TopicContract("policy.", 1, 1, 1);
    try (LogAdmin admin = LogAdmin.connect(connection("policy."))) {
      admin.createTopics(contract);
      alter("policy.chunks", "message.timestamp.type", "CreateTime");

      assertThatThrownBy(admin::requireTopics)
          .isInstanceOf(TopicPolicyException.class)
          .hasMessageContaining(
              "policy.chunks has message.timestamp.type=CreateTime, expected LogAppendTime")
          .hasMessageContaining("kafka-configs.sh");
      assertThatThrownBy(() -> admin.createTopics(contract))
          .isInstanceOf(TopicPolicyException.class);

      alter("policy.chunks", "message.timestamp.type", "LogAppendTime");
      alter("policy.changes", "retention.bytes", "1000000");
      assertThatThrownBy(admin::requireTopics).hasMessageContaining("retention.bytes=1000000");
      alter("policy.changes", "retention.bytes", "-1");
      alter("policy.heads", "cleanup.policy", "delete");
      assertThatThrownBy(admin::requireTopics).hasMessageContaining("cleanup.policy=delete");
    }
  }

  @Test
  void howLongRecordsStayIsTheOperatorsChoice() throws Exception {
    TopicContract contract = new TopicContract("longer.", 1, 1, 1);
    try (LogAdmin admin = LogAdmin.connect(connection("longer."))) {
      LogTopics made = admin.createTopics(contract);
      alter("longer.chunks", "retention.ms", Long.toString(Duration.ofDays(14).toMillis()));

      assertThat(admin.createTopics(contract)).isEqualTo(made);
      assertThat(admin.requireTopics()).isEqualTo(made);
    }
  }

  @Test
  void fewerPartitionsThanAskedForAreRefusedAndMoreAreNot() throws Exception {
    try (LogAdmin admin = LogAdmin.connect(connection("count."))) {
      admin.createTopics(new TopicContract("count.", 2, 2, 1));

      assertThatThrownBy(() -> admin.createTopics(new TopicContract("count.", 3, 2, 1)))
          .isInstanceOf(TopicPolicyException.class)
          .hasMessageContaining("count.chunks has 2 partitions, expected at least 3");
      assertThat(admin.createTopics(new TopicContract("count.", 1, 1, 1)).chunks().partitions())
          .isEqualTo(2);
    }
  }

  @Test
  void moreCopiesThanThereAreBrokersAreRefused() throws Exception {
    try (LogAdmin admin = LogAdmin.connect(connection("copies."))) {
      assertThatThrownBy(() -> admin.createTopics(new TopicContract("copies.", 1, 1, 3)))
          .hasMessageContaining("copies.")
          .hasMessageContaining("replication factor");
    }
  }

  /** A host whose clock is a week behind must not make its frames look old. */
  @Test
  void theBrokersAppendTimeReplacesAProducersTime() throws Exception {
    LogConnection connection = connection("time.");
    long before = Instant.now().toEpochMilli();
    LogTopics topics;
    try (LogAdmin admin = LogAdmin.connect(connection)) {
      topics = admin.createTopics(new TopicContract("time.", 1, 1, 1));
    }

    for (TopicHandle topic : List.of(topics.chunks(), topics.changes(), topics.standbys())) {
      try (var producer = LogClients.frameProducer(connection);
          var reader = LogClients.reader(connection, ReadMode.FOLLOW)) {
        producer
            .send(new ProducerRecord<>(topic.name(), 0, 1L, new byte[] {1}, new byte[] {2}))
            .get();
        TopicPartition partition = new TopicPartition(topic.name(), 0);
        reader.assign(List.of(partition));
        reader.seek(partition, 0);
        ConsumerRecord<byte[], byte[]> record =
            reader.poll(Duration.ofSeconds(10)).iterator().next();
        assertThat(record.timestamp()).isGreaterThanOrEqualTo(before);
      }
    }
  }

  @Test
  void aBrokerThatDoesNotAnswerIsNamedWithinTheTimeGiven() throws Exception {
    int port;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      port = socket.getLocalPort();
    }
    Instant begun = Instant.now();

    assertThatThrownBy(
            () -> LogAdmin.connect(LogConnection.to("127.0.0.1:" + port), Duration.ofSeconds(1)))
        .isInstanceOf(BrokerUnreachableException.class)
        .hasMessageContaining("127.0.0.1:" + port)
        .hasMessageContaining("Check that it runs");
    assertThat(Duration.between(begun, Instant.now())).isLessThan(Duration.ofSeconds(5));
  }

  @Test
  void anAddressThatIsNoneIsRefusedAtOnce() {
    assertThatThrownBy(() -> LogAdmin.connect(LogConnection.to("no-port-here")))
        .hasMessageContaining("no-port-here")
        .hasMessageContaining("Check the address");
  }

  @Test
  void secretsOfAConnectionAreNotShown() {
    LogConnection connection =
        new LogConnection("h:1", "t.", Map.of("sasl.jaas.config", "password=secret"));

    assertThat(connection.toString()).contains("h:1", "sasl.jaas.config").doesNotContain("secret");
  }

  @Test
  void settingsOfAConnectionDoNotOverrideWhatCorrectnessNeeds() throws Exception {
    Map<String, String> careless =
        Map.of("auto.offset.reset", "latest", "acks", "0", "enable.idempotence", "false");
    LogConnection connection = new LogConnection(broker.bootstrapServers(), "fixed.", careless);
    LogTopics topics;
    try (LogAdmin admin = LogAdmin.connect(connection)) {
      topics = admin.createTopics(new TopicContract("fixed.", 1, 1, 1));
    }

    try (var producer = LogClients.changeProducer(connection);
        var reader = new ChangeReader(connection, topics, 0, 99)) {
      var metadata =
          producer.send(new ProducerRecord<>("fixed.heads", 0, new byte[1], new byte[1])).get();
      // Without acknowledgement the offset would not be known.
      assertThat(metadata.offset()).isZero();
      assertThatThrownBy(() -> reader.poll(Duration.ofSeconds(10)))
          .isInstanceOf(OffsetLostException.class);
    }
  }

  private static LogConnection connection(String prefix) {
    return new LogConnection(broker.bootstrapServers(), prefix, Map.of());
  }

  private static void alter(String topic, String key, String value) throws Exception {
    try (Admin admin = Admin.create(connection("").clientSettings())) {
      ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
      Collection<AlterConfigOp> change =
          List.of(new AlterConfigOp(new ConfigEntry(key, value), AlterConfigOp.OpType.SET));
      admin.incrementalAlterConfigs(Map.of(resource, change)).all().get();
      // The broker hears of it from the controller a moment later.
      await()
          .atMost(Duration.ofSeconds(10))
          .until(
              () ->
                  admin.describeConfigs(List.of(resource)).all().get().values().stream()
                      .allMatch(config -> config.get(key).value().equals(value)));
    }
  }
}
