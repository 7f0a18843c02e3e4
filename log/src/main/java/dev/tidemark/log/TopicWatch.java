package dev.tidemark.log;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Notices that the topics were made again under their names, as on the cluster that takes the place
 * of a lost one. Kafka's clients go on with such topics as if nothing had happened: what is sent to
 * them then is of an epoch of which they know nothing, and offsets are those of other records.
 * Thread-safe.
 */
public final class TopicWatch implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(TopicWatch.class);

  private final LogConnection connection;
  private final LogTopics known;
  private final Duration interval;
  private final Runnable onChange;
  private final CountDownLatch closed = new CountDownLatch(1);
  private final Thread thread;

  private TopicWatch(
      LogConnection connection, LogTopics known, Duration interval, Runnable onChange) {
    this.connection = connection;
    this.known = known;
    this.interval = interval;
    this.onChange = onChange;
    this.thread = Thread.ofPlatform().daemon().name("tidemark-topics").unstarted(this::run);
  }

  /**
   * Begins to look.
   *
   * @param known the topics as they were found
   * @param onChange called once, when a topic of changes or chunks has another id than it had
   */
  public static TopicWatch start(
      LogConnection connection, LogTopics known, Duration interval, Runnable onChange) {
    TopicWatch watch = new TopicWatch(connection, known, interval, onChange);
    watch.thread.start();
    return watch;
  }

  private void run() {
    try {
      while (!closed.await(interval.toMillis(), TimeUnit.MILLISECONDS)) {
        if (hasChanged()) {
          onChange.run();
          return;
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private boolean hasChanged() {
    try (LogAdmin admin = LogAdmin.connect(connection)) {
      LogTopics found = admin.requireTopics();
      return !found.changes().id().equals(known.changes().id())
          || !found.chunks().id().equals(known.chunks().id());
    } catch (IOException e) {
      // Away, or being made: who works with the topics meets the same, and says so.
      log.atDebug().setCause(e).log("the topics could not be looked at");
      return false;
    }
  }

  @Override
  public void close() {
    closed.countDown();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
