package dev.tidemark.watcher.capture;

import dev.tidemark.filesystem.linux.Fanotify;
import java.util.function.UnaryOperator;

/**
 * What a test does to a source of events.
 *
 * @param queue of fanotify
 * @param around stands between the source and who reads it
 */
public record CaptureFaults(Fanotify.Queue queue, UnaryOperator<EventSource> around) {
  public static final CaptureFaults NONE =
      new CaptureFaults(Fanotify.Queue.UNLIMITED, UnaryOperator.identity());
}
