package dev.tidemark.broker;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** A client as plain as can be, for asking a broker what it keeps. */
final class BrokerClient {
  private BrokerClient() {}

  static void createTopic(String servers, String topic) throws Exception {
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", (Object) servers))) {
      admin.createTopics(List.of(new NewTopic(topic, 1, (short) 1))).all().get();
    }
  }

  static void send(String servers, String topic, String value) throws Exception {
    Map<String, Object> settings = Map.of("bootstrap.servers", servers, "acks", "all");
    try (var producer =
        new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())) {
      producer.send(new ProducerRecord<>(topic, value.getBytes(UTF_8))).get();
    }
  }

  static void sendInTransaction(String servers, String topic, String value) {
    Map<String, Object> settings =
        Map.of("bootstrap.servers", servers, "transactional.id", "one-writer");
    try (var producer =
        new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())) {
      producer.initTransactions();
      producer.beginTransaction();
      producer.send(new ProducerRecord<>(topic, value.getBytes(UTF_8)));
      producer.commitTransaction();
    }
  }

  /** The first {@code count} committed values of the topic's only partition. */
  static List<String> read(String servers, String topic, int count) {
    Map<String, Object> settings =
        Map.of("bootstrap.servers", servers, "isolation.level", "read_committed");
    List<String> values = new ArrayList<>();
    Instant deadline = Instant.now().plus(Duration.ofSeconds(30));
    try (var consumer =
        new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      var partition = new TopicPartition(topic, 0);
      consumer.assign(List.of(partition));
      consumer.seekToBeginning(List.of(partition));
      while (values.size() < count && Instant.now().isBefore(deadline)) {
        consumer
            .poll(Duration.ofMillis(200))
            .forEach(record -> values.add(new String(record.value(), UTF_8)));
      }
    }
    return values;
  }
}
