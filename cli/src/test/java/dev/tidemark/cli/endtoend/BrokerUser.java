package dev.tidemark.cli.endtoend;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.function.Function;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Who holds somebody's credentials, and does with Kafka's own clients what they allow. */
final class BrokerUser {
  private static final Duration LIMIT = Duration.ofSeconds(30);

  private final Map<String, Object> settings;

  BrokerUser(String address, String user) {
    settings = new HashMap<>(SecuredBroker.client(user));
    settings.put("bootstrap.servers", address);
  }

  /** What somebody may try. */
  enum Deed {
    READ,
    WRITE,
    DELETE_RECORDS,
    DELETE_TOPIC,
    ALTER_CONFIGS,
    ADD_PARTITIONS,
    CREATE_TOPIC,
    /** To give a right on the topic to oneself. */
    GIVE_RIGHT,
    /** To set offsets of a group. */
    SET_OFFSETS,
    /** To fence the transactions of another's id. */
    FENCE
  }

  /** Whether the broker lets it happen; a failure of another kind fails. */
  boolean may(Deed deed, String name) throws Exception {
    try {
      attempt(deed, name);
      return true;
    } catch (ExecutionException e) {
      if (e.getCause() instanceof AuthorizationException) {
        return false;
      }
      throw e;
    } catch (AuthorizationException refused) {
      return false;
    }
  }

  private void attempt(Deed deed, String name) throws Exception {
    TopicPartition partition = new TopicPartition(name, 0);
    switch (deed) {
      case READ -> read(partition);
      case WRITE -> write(name);
      case DELETE_RECORDS ->
          admin(a -> a.deleteRecords(Map.of(partition, RecordsToDelete.beforeOffset(0))).all());
      case DELETE_TOPIC -> admin(a -> a.deleteTopics(List.of(name)).all());
      case ALTER_CONFIGS ->
          admin(
              a ->
                  a.incrementalAlterConfigs(
                          Map.of(
                              new ConfigResource(ConfigResource.Type.TOPIC, name),
                              List.of(
                                  new AlterConfigOp(
                                      new ConfigEntry("retention.ms", "1"),
                                      AlterConfigOp.OpType.SET))))
                      .all());
      case ADD_PARTITIONS ->
          admin(a -> a.createPartitions(Map.of(name, NewPartitions.increaseTo(40))).all());
      case CREATE_TOPIC ->
          admin(a -> a.createTopics(List.of(new NewTopic(name, 1, (short) 1))).all());
      case GIVE_RIGHT -> admin(a -> a.createAcls(List.of(rightOn(name))).all());
      case SET_OFFSETS ->
          admin(
              a ->
                  a.alterConsumerGroupOffsets(
                          name,
                          Map.of(
                              new TopicPartition(name.replaceFirst("store$", "changes"), 0),
                              new OffsetAndMetadata(0)))
                      .all());
      case FENCE -> fence(name);
    }
  }

  private static AclBinding rightOn(String topic) {
    return new AclBinding(
        new ResourcePattern(ResourceType.TOPIC, topic, PatternType.LITERAL),
        new AccessControlEntry("User:thief", "*", AclOperation.ALL, AclPermissionType.ALLOW));
  }

  /** The end of the topic is enough: the broker checks the right before it looks for records. */
  private void read(TopicPartition partition) {
    Map<String, Object> reading = new HashMap<>(settings);
    reading.put("auto.offset.reset", "none");
    reading.put("fetch.max.wait.ms", 50);
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(reading, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      consumer.assign(List.of(partition));
      consumer.seek(partition, 0);
      long deadline = System.nanoTime() + LIMIT.toNanos();
      while (consumer.poll(Duration.ofMillis(200)).isEmpty()) {
        if (System.nanoTime() > deadline) {
          throw new AssertionError("neither a record of %s nor a refusal".formatted(partition));
        }
      }
    }
  }

  private void write(String topic) throws Exception {
    try (KafkaProducer<byte[], byte[]> producer = producer(Map.of())) {
      producer.send(new ProducerRecord<>(topic, 0, "key".getBytes(UTF_8), new byte[0])).get();
    }
  }

  private void fence(String beginning) {
    Map<String, Object> id = Map.of("transactional.id", beginning + UUID.randomUUID());
    try (KafkaProducer<byte[], byte[]> producer = producer(id)) {
      producer.initTransactions();
    }
  }

  private KafkaProducer<byte[], byte[]> producer(Map<String, Object> more) {
    Map<String, Object> writing = new HashMap<>(settings);
    writing.putAll(more);
    return new KafkaProducer<>(writing, new ByteArraySerializer(), new ByteArraySerializer());
  }

  private void admin(Function<Admin, KafkaFuture<Void>> deed) throws Exception {
    try (Admin admin = Admin.create(settings)) {
      deed.apply(admin).get();
    }
  }
}
