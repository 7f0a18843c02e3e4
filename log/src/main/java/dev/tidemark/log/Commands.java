package dev.tidemark.log;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.tidemark.schemas.codec.Records;
import dev.tidemark.schemas.cursor.StandbyCommand;
import dev.tidemark.schemas.topic.Partitioning;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;

/** Commands to standbys, from any process that may write to their topic. */
public final class Commands {
  private Commands() {}

  /** Puts commands into the log; returns when all are acknowledged. */
  public static void send(LogConnection connection, LogTopics topics, List<StandbyCommand> commands)
      throws IOException, InterruptedException {
    String topic = topics.commands().name();
    try (Producer<byte[], byte[]> producer = LogClients.changeProducer(connection)) {
      List<Future<RecordMetadata>> sent = new ArrayList<>();
      for (StandbyCommand command : commands) {
        byte[] key = command.key().getBytes(UTF_8);
        int partition = Partitioning.of(key, topics.commands().partitions());
        sent.add(
            producer.send(new ProducerRecord<>(topic, partition, key, Records.encode(command))));
      }
      for (Future<RecordMetadata> one : sent) {
        one.get();
      }
    } catch (ExecutionException e) {
      Optional<AccessDeniedByBrokerException> denied =
          AccessDeniedByBrokerException.find(connection, "writing to topic " + topic, e);
      if (denied.isPresent()) {
        throw denied.get();
      }
      throw new IOException(
          "topic %s: a command was not acknowledged (%s). Check that this client may write to it."
              .formatted(topic, e.getCause()),
          e);
    }
  }
}
