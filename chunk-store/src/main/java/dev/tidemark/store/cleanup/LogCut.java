package dev.tidemark.store.cleanup;

import dev.tidemark.log.ChangeReader;
import dev.tidemark.log.LogClients;
import dev.tidemark.log.LogConnection;
import dev.tidemark.log.LogRecord;
import dev.tidemark.log.LogTopics;
import dev.tidemark.log.ReadMode;
import dev.tidemark.repository.cleanup.ChunkOwners;
import dev.tidemark.repository.cleanup.ChunkOwners.Answers;
import dev.tidemark.repository.cleanup.ChunkOwners.Cut;
import dev.tidemark.schemas.chunk.ChunkId;
import dev.tidemark.schemas.codec.Records;
import dev.tidemark.schemas.codec.UnreadableRecordException;
import dev.tidemark.schemas.cursor.Condemned;
import dev.tidemark.schemas.cursor.Released;
import dev.tidemark.schemas.topic.Partitioning;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;

/** A point of the log, from which owners are asked. For one thread. */
final class LogCut implements Cut {
  private static final Duration POLL = Duration.ofMillis(200);
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  /** Bounds the questions that wait for an answer. */
  private static final int BATCH = 10_000;

  private final LogConnection connection;
  private final LogTopics topics;
  private final int chunksPartitions;
  private final Duration answerPatience;
  private final List<Stretch> unsealed;
  private final Map<Integer, Long> bases;

  /** Offsets of one partition, the last not included. */
  record Stretch(TopicPartition partition, long from, long end) {}

  LogCut(
      LogConnection connection,
      LogTopics topics,
      int chunksPartitions,
      Duration answerPatience,
      List<Stretch> unsealed,
      Map<Integer, Long> bases) {
    this.connection = connection;
    this.topics = topics;
    this.chunksPartitions = chunksPartitions;
    this.answerPatience = answerPatience;
    this.unsealed = List.copyOf(unsealed);
    this.bases = Map.copyOf(bases);
  }

  /** What is rejected is shown too: it does no harm. */
  @Override
  public void forEachUnsealed(ChunkOwners.ChangeReader reader) throws IOException {
    for (Stretch stretch : unsealed) {
      if (stretch.from() >= stretch.end()) {
        continue;
      }
      try (ChangeReader changes =
          new ChangeReader(connection, topics, stretch.partition().partition(), stretch.from())) {
        long progress = System.nanoTime();
        while (changes.position() < stretch.end()) {
          long before = changes.position();
          for (LogRecord record : changes.poll(POLL)) {
            reader.read(record.change());
          }
          if (changes.position() > before) {
            progress = System.nanoTime();
          } else if (System.nanoTime() - progress > PATIENCE.toNanos()) {
            throw new IOException(
                "%s could not be read to offset %d: the broker did not answer for %d s. Nothing is deleted; try again."
                    .formatted(stretch.partition(), stretch.end(), PATIENCE.toSeconds()));
          }
        }
      }
    }
  }

  @Override
  public Answers condemn(List<ChunkId> chunks) throws IOException {
    Set<ChunkId> released = new HashSet<>();
    Set<ChunkId> refused = new HashSet<>();
    try (Consumer<byte[], byte[]> answers = LogClients.reader(connection, ReadMode.FOLLOW);
        Producer<byte[], byte[]> questions = LogClients.changeProducer(connection)) {
      goToEnd(answers);
      for (int from = 0; from < chunks.size(); from += BATCH) {
        List<ChunkId> batch = chunks.subList(from, Math.min(chunks.size(), from + BATCH));
        Set<Condemned> open = ask(questions, batch);
        listen(answers, open, released, refused);
        if (!open.isEmpty()) {
          break; // Nobody is there; the rest need not be asked.
        }
      }
    } catch (KafkaException e) {
      throw refusal("reading topic " + topics.released().name(), e);
    }
    return new Answers(released, refused);
  }

  private void goToEnd(Consumer<byte[], byte[]> answers) {
    List<TopicPartition> partitions = new ArrayList<>();
    for (int partition = 0; partition < topics.released().partitions(); partition++) {
      partitions.add(new TopicPartition(topics.released().name(), partition));
    }
    answers.assign(partitions);
    answers.endOffsets(partitions).forEach(answers::seek);
  }

  private Set<Condemned> ask(Producer<byte[], byte[]> questions, List<ChunkId> chunks)
      throws IOException {
    Set<Condemned> open = new HashSet<>();
    List<Future<?>> sent = new ArrayList<>();
    for (ChunkId id : chunks) {
      int partition = Partitioning.of(id, chunksPartitions);
      Condemned question =
          new Condemned(id, topics.chunks().id(), partition, bases.getOrDefault(partition, -1L));
      open.add(question);
      sent.add(
          questions.send(
              new ProducerRecord<>(
                  topics.condemned().name(), partition, id.bytes(), Records.encode(question))));
    }
    try {
      for (Future<?> future : sent) {
        future.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
      }
    } catch (ExecutionException | TimeoutException e) {
      throw refusal("writing to topic " + topics.condemned().name(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted");
    }
    return open;
  }

  private IOException refusal(String doing, Exception failure) {
    return LoggedOwners.denied(connection, doing, failure)
        .orElse(
            new IOException(
                "the owners of chunks could not be asked: " + failure.getMessage(), failure));
  }

  private void listen(
      Consumer<byte[], byte[]> answers,
      Set<Condemned> open,
      Set<ChunkId> released,
      Set<ChunkId> refused) {
    long lastAnswer = System.nanoTime();
    while (!open.isEmpty() && System.nanoTime() - lastAnswer < answerPatience.toNanos()) {
      for (ConsumerRecord<byte[], byte[]> record : answers.poll(POLL)) {
        Optional<Released> answer = decode(record);
        // Others may ask too; theirs rest on another basis.
        if (answer.isPresent() && open.remove(answer.get().question())) {
          ChunkId id = answer.get().question().id();
          (answer.get().isReleased() ? released : refused).add(id);
          lastAnswer = System.nanoTime();
        }
      }
    }
  }

  private static Optional<Released> decode(ConsumerRecord<byte[], byte[]> record) {
    if (record.value() == null) {
      return Optional.empty();
    }
    try {
      return Optional.of(Records.decodeReleased(record.value()));
    } catch (UnreadableRecordException notUnderstood) {
      return Optional.empty(); // As if no answer had come: the chunk stays.
    }
  }
}
