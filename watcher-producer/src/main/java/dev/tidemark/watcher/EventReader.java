package dev.tidemark.watcher;

import dev.tidemark.watcher.capture.CaptureEvent;
import dev.tidemark.watcher.capture.EventSource;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * The thread that does nothing but take events from the kernel, so that its queue does not
 * overflow.
 */
final class EventReader implements AutoCloseable {
  private static final long STOP_MILLIS = 10_000;

  private final EventSource source;
  private final Mailbox mailbox;
  private final Thread thread;
  private final Queue<Message> afterEvents = new ConcurrentLinkedQueue<>();
  private volatile boolean stopped;

  private EventReader(String name, EventSource source, Mailbox mailbox) {
    this.source = source;
    this.mailbox = mailbox;
    this.thread = Thread.ofPlatform().name(name).daemon().unstarted(this::run);
  }

  static EventReader start(String name, EventSource source, Mailbox mailbox) {
    EventReader reader = new EventReader(name, source, mailbox);
    reader.thread.start();
    return reader;
  }

  private void run() {
    try {
      while (!stopped) {
        List<CaptureEvent> events = new ArrayList<>();
        if (source.read(events) > 0) {
          mailbox.put(events);
        } else {
          passOn();
        }
      }
    } catch (Exception | Error e) {
      if (!stopped) {
        mailbox.put(new Message.Broken(e));
      }
    }
  }

  /**
   * Puts a message behind all events that had happened before the call. From any thread.
   *
   * @throws IOException if the reader has ended
   */
  void afterEvents(Message message) throws IOException {
    afterEvents.add(message);
    try {
      source.wake();
    } catch (IllegalStateException e) {
      throw new IOException("the reader of events has ended", e);
    }
  }

  /** Empties the kernel's queue, and only then passes on what waited for that. */
  private void passOn() throws IOException {
    List<Message> due = new ArrayList<>();
    for (Message next = afterEvents.poll(); next != null; next = afterEvents.poll()) {
      due.add(next);
    }
    List<CaptureEvent> events = new ArrayList<>();
    while (!due.isEmpty() && source.readAvailable(events)) {
      if (!events.isEmpty()) {
        mailbox.put(events);
      }
      events = new ArrayList<>();
    }
    due.forEach(mailbox::put);
  }

  @Override
  public void close() throws IOException {
    stopped = true;
    source.wake();
    try {
      thread.join(STOP_MILLIS);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }
}
