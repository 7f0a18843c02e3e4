package dev.tidemark.log;

import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A thread that follows a compacted topic, named {@code follow-<topic>}. A broker that is away is
 * waited for; any other failure, one of the callback included, ends the thread and is told by
 * {@link #failure()}. Thread-safe.
 */
public final class Follower implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Follower.class);
  private static final Duration POLL = Duration.ofSeconds(1);

  private final LogConnection connection;
  private final TopicHandle topic;
  private final BiConsumer<String, byte @Nullable []> onValue;
  private final java.util.function.Consumer<IOException> onFailure;
  private final Consumer<byte[], byte[]> consumer;
  private final Thread thread;
  private final CountDownLatch caughtUp = new CountDownLatch(1);
  private volatile boolean closed;
  private volatile @Nullable Throwable failure;

  private Follower(
      LogConnection connection,
      TopicHandle topic,
      BiConsumer<String, byte @Nullable []> onValue,
      java.util.function.Consumer<IOException> onFailure) {
    this.connection = connection;
    this.topic = topic;
    this.onValue = onValue;
    this.onFailure = onFailure;
    this.consumer = LogClients.reader(connection, ReadMode.FOLLOW);
    this.thread = Thread.ofPlatform().name("follow-" + topic.name()).daemon().unstarted(this::run);
  }

  static Follower start(
      LogConnection connection,
      TopicHandle topic,
      BiConsumer<String, byte @Nullable []> onValue,
      java.util.function.Consumer<IOException> onFailure) {
    Follower follower = new Follower(connection, topic, onValue, onFailure);
    follower.thread.start();
    return follower;
  }

  /**
   * Waits until everything that the topic held when the follower began has been handed over.
   *
   * @return false if that took longer than {@code timeout}
   * @throws IOException if the follower failed
   */
  public boolean awaitCaughtUp(Duration timeout) throws IOException, InterruptedException {
    boolean reached = caughtUp.await(timeout.toMillis(), TimeUnit.MILLISECONDS);
    Optional<Throwable> failed = failure();
    if (failed.isPresent()) {
      throw explain(failed.get());
    }
    return reached;
  }

  private IOException explain(Throwable cause) {
    return AccessDeniedByBrokerException.find(connection, "reading topic " + topic.name(), cause)
        .map(IOException.class::cast)
        .orElseGet(
            () ->
                new IOException(
                    "Topic %s is not followed any more: %s"
                        .formatted(topic.name(), cause.getMessage()),
                    cause));
  }

  /** Why the thread ended by itself, if it did. */
  public Optional<Throwable> failure() {
    return Optional.ofNullable(failure);
  }

  /** Ends the thread; no callback runs after the return, unless called from a callback. */
  @Override
  public void close() {
    closed = true;
    consumer.wakeup();
    if (Thread.currentThread() == thread) {
      return;
    }
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    try (consumer) {
      List<TopicPartition> partitions = CompactedTopic.partitions(topic);
      consumer.assign(partitions);
      Map<TopicPartition, Long> ends = begin(partitions);
      while (!closed) {
        poll(partitions);
        if (!ends.isEmpty() && CompactedTopic.reached(consumer, ends)) {
          caughtUp.countDown();
        }
      }
    } catch (WakeupException e) {
      if (!closed) {
        fail(e);
      }
    } catch (RuntimeException | Error e) {
      fail(e);
    } finally {
      caughtUp.countDown();
    }
  }

  /** Starts at the beginning; the ends of now, without partitions that hold nothing. */
  private Map<TopicPartition, Long> begin(List<TopicPartition> partitions) {
    while (true) {
      try {
        Map<TopicPartition, Long> ends = new HashMap<>(consumer.endOffsets(partitions));
        consumer.beginningOffsets(partitions).forEach(consumer::seek);
        if (CompactedTopic.reached(consumer, ends)) {
          caughtUp.countDown();
        }
        return ends;
      } catch (org.apache.kafka.common.errors.TimeoutException e) {
        log.atWarn()
            .addKeyValue("broker", connection.bootstrapServers())
            .addKeyValue("topic", topic.name())
            .log("broker does not answer, trying again");
      }
    }
  }

  private void poll(List<TopicPartition> partitions) {
    try {
      consumer.poll(POLL).forEach(record -> CompactedTopic.accept(record, onValue));
    } catch (OffsetOutOfRangeException e) {
      // The log lost its end or was made again; the current values are all there from the start.
      log.atWarn()
          .addKeyValue("topic", topic.name())
          .addKeyValue("offsets", e.offsetOutOfRangePartitions())
          .log("topic is read again from its beginning");
      consumer.beginningOffsets(partitions).forEach(consumer::seek);
    } catch (WakeupException e) {
      throw e;
    } catch (org.apache.kafka.common.errors.RetriableException e) {
      log.atWarn()
          .addKeyValue("topic", topic.name())
          .setCause(e)
          .log("topic could not be read, trying again");
    }
  }

  private void fail(Throwable cause) {
    failure = cause;
    IOException explained = explain(cause);
    log.atError()
        .addKeyValue("topic", topic.name())
        .addKeyValue("reason", explained.getMessage())
        .setCause(cause)
        .log("topic is not followed any more");
    onFailure.accept(explained);
  }
}
