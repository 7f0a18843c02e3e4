package dev.tidemark.mirror;

import dev.tidemark.log.AccessDeniedByBrokerException;
import dev.tidemark.log.LogAdmin;
import dev.tidemark.log.LogClients;
import dev.tidemark.log.LogTopics;
import dev.tidemark.schemas.change.NodePath;
import dev.tidemark.schemas.codec.Records;
import dev.tidemark.schemas.cursor.StandbyStatus;
import dev.tidemark.schemas.topic.Partitioning;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Locale;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the topic {@code standbys} where the mirror stands, when that has changed and no more often
 * than its interval, on a thread of its own that waits for the broker as long as it takes.
 */
final class StatusPublisher implements Runnable {
  private static final Logger log = LoggerFactory.getLogger(StatusPublisher.class);
  private static final Duration RETRY = Duration.ofSeconds(5);
  private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(2);

  private final MirrorConfig config;
  private final StatusBoard board;
  private final InstantSource clock;
  private final String host;
  private volatile boolean warned;

  StatusPublisher(MirrorConfig config, StatusBoard board, InstantSource clock) throws IOException {
    this.config = config;
    this.board = board;
    this.clock = clock;
    this.host = Files.readString(Path.of("/proc/sys/kernel/hostname")).strip();
  }

  @Override
  public void run() {
    try {
      while (!board.isClosing()) {
        try {
          publishUntilClosed();
        } catch (IOException e) {
          log.atDebug().setCause(e).log("standby status not published");
          board.pause(RETRY);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void publishUntilClosed() throws IOException, InterruptedException {
    LogTopics topics;
    try (LogAdmin admin = LogAdmin.connect(config.log())) {
      topics = admin.requireTopics();
    }
    Producer<byte[], byte[]> producer = LogClients.changeProducer(config.log());
    try {
      StandbyStatus sent = null;
      while (!board.isClosing()) {
        StandbyStatus now = status();
        if (sent == null || isChanged(sent, now)) {
          send(producer, topics, now);
          sent = now;
        }
        board.pause(config.intervals().status());
      }
      send(producer, topics, status());
    } finally {
      producer.close(CLOSE_TIMEOUT);
    }
  }

  private static boolean isChanged(StandbyStatus sent, StandbyStatus now) {
    return sent.appliedSequence() != now.appliedSequence()
        || sent.durableSequence() != now.durableSequence()
        || !sent.error().equals(now.error())
        || !sent.phase().equals(now.phase())
        || !sent.command().equals(now.command())
        || sent.drifted() != now.drifted()
        || !sent.unheard().equals(now.unheard());
  }

  private StandbyStatus status() {
    MirrorStatus status = board.status();
    return new StandbyStatus(
        config.tree(),
        config.standbyName(),
        host,
        status.appliedSequence(),
        status.appliedLogTimeMillis(),
        status.durableSequence(),
        status.lagMillis(),
        status.error(),
        clock.millis(),
        status.phase().toString().toLowerCase(Locale.ROOT),
        board.command(),
        board.digest(),
        board.drifted(),
        board.subset().paths().stream().map(NodePath::toString).toList(),
        board.unheard());
  }

  /** The standby goes on without; once is enough to be told. */
  private void warnIfDenied(String topic, Exception failure) {
    AccessDeniedByBrokerException.find(config.log(), "writing to topic " + topic, failure)
        .filter(_ -> !warned)
        .ifPresent(
            denied -> {
              warned = true;
              log.atWarn()
                  .addKeyValue("tree", config.tree())
                  .addKeyValue("reason", denied.getMessage())
                  .log("this standby cannot tell where it stands");
            });
  }

  /** Takes this standby out of the topic: it is one no longer. */
  static void withdraw(MirrorConfig config) throws IOException {
    LogTopics topics;
    try (LogAdmin admin = LogAdmin.connect(config.log())) {
      topics = admin.requireTopics();
    }
    byte[] key =
        StandbyStatus.key(config.tree(), config.standbyName()).getBytes(StandardCharsets.UTF_8);
    Producer<byte[], byte[]> producer = LogClients.changeProducer(config.log());
    try {
      int partition = Partitioning.of(key, topics.standbys().partitions());
      producer.send(new ProducerRecord<>(topics.standbys().name(), partition, key, null));
      producer.flush();
    } finally {
      producer.close(CLOSE_TIMEOUT);
    }
  }

  private void send(Producer<byte[], byte[]> producer, LogTopics topics, StandbyStatus status) {
    byte[] key = status.key().getBytes(StandardCharsets.UTF_8);
    int partition = Partitioning.of(key, topics.standbys().partitions());
    String topic = topics.standbys().name();
    producer.send(
        new ProducerRecord<>(topic, partition, key, Records.encode(status)),
        (_, failure) -> {
          if (failure != null) {
            warnIfDenied(topic, failure);
          }
        });
  }
}
