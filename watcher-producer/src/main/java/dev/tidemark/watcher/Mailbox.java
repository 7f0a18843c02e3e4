package dev.tidemark.watcher;

import dev.tidemark.watcher.capture.CaptureEvent;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The keeper's one queue. Putting never waits. Events are bounded here; everything else is bounded
 * by what the keeper itself has asked for.
 */
final class Mailbox {
  private final BlockingQueue<Message> queue = new LinkedBlockingQueue<>();
  private final AtomicInteger events = new AtomicInteger();
  private final AtomicBoolean lost = new AtomicBoolean();
  private final int bound;

  /**
   * @param bound events that may wait
   */
  Mailbox(int bound) {
    this.bound = bound;
  }

  void put(Message message) {
    queue.add(message);
  }

  /** Past the bound the events are dropped, and that is said once. */
  void put(List<CaptureEvent> batch) {
    if (events.addAndGet(batch.size()) > bound) {
      events.addAndGet(-batch.size());
      if (!lost.getAndSet(true)) {
        queue.add(new Message.EventsLost());
      }
    } else {
      queue.add(new Message.Events(batch));
    }
  }

  /** The next message; null if none came in time. */
  @Nullable Message take(long nanos) throws InterruptedException {
    return taken(nanos <= 0 ? queue.poll() : queue.poll(nanos, TimeUnit.NANOSECONDS));
  }

  private @Nullable Message taken(@Nullable Message message) {
    switch (message) {
      case Message.Events(var batch) -> events.addAndGet(-batch.size());
      case Message.EventsLost() -> lost.set(false);
      case null -> {}
      case Message.Inspected _,
          Message.Found _,
          Message.Acknowledged _,
          Message.SendFailed _,
          Message.HeadSeen _,
          Message.TopicsRemade _,
          Message.CompareWanted _,
          Message.TagWanted _,
          Message.SettledTagWanted _,
          Message.Broken _,
          Message.Stop _ -> {}
    }
    return message;
  }
}
