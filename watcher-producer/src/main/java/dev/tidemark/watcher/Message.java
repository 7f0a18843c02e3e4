package dev.tidemark.watcher;

import dev.tidemark.schemas.change.Change;
import dev.tidemark.schemas.cursor.Head;
import dev.tidemark.watcher.capture.CaptureEvent;
import dev.tidemark.watcher.publish.ChangeSender;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** What the keeper is told. */
sealed interface Message {
  record Events(List<CaptureEvent> events) implements Message {}

  /** Events were dropped because too many waited. */
  record EventsLost() implements Message {}

  record Inspected(long ticket, dev.tidemark.watcher.read.Inspected found) implements Message {}

  record Found(dev.tidemark.watcher.read.Findings findings) implements Message {}

  record Acknowledged(ChangeSender.Sent sent, long offset, long logTimeMillis) implements Message {}

  record SendFailed(ChangeSender.Sent sent, Exception cause) implements Message {}

  record HeadSeen(Head head) implements Message {}

  /** The topics are others under the same names: what was sent is not in them. */
  record TopicsRemade() implements Message {}

  /** The whole tree is to be compared. */
  record CompareWanted(Passes.Reason reason) implements Message {}

  record TagWanted(Change.Tag tag, CompletableFuture<PublishedTag> published) implements Message {}

  /** Comes behind all events that had happened when the tag was asked for. */
  record SettledTagWanted(Change.Tag tag, CompletableFuture<PublishedTag> published)
      implements Message {}

  /** Nothing can be trusted any more. */
  record Broken(Throwable cause) implements Message {}

  record Stop() implements Message {}
}
