package dev.tidemark.watcher;

import dev.tidemark.schemas.change.Change;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * Tags that name a state in which everything is contained that had been done before they were asked
 * for. Each waits for its turn; then for all that is dirty, and whatever that leads to, to be
 * handed over; then for the acknowledgement of that. Owned by the keeper.
 */
final class SettledTags {
  private final HandOver handOver;
  private final Passes passes;
  private final Deque<Wanted> asked = new ArrayDeque<>();
  private final Deque<HandedOver> handedOver = new ArrayDeque<>();

  private record Wanted(Change.Tag tag, CompletableFuture<PublishedTag> done) {}

  private record HandedOver(long number, Wanted wanted) {}

  SettledTags(HandOver handOver, Passes passes) {
    this.handOver = handOver;
    this.passes = passes;
  }

  /** All events that had happened before are absorbed. */
  void want(Change.Tag tag, CompletableFuture<PublishedTag> done) {
    asked.add(new Wanted(tag, done));
  }

  /** Goes on as far as it can. */
  void advance(long now) {
    if (!asked.isEmpty() && passes.isIdle()) {
      List<Wanted> together = new ArrayList<>(asked);
      asked.clear();
      passes.settle(
          now,
          () ->
              together.forEach(
                  wanted -> handedOver.add(new HandedOver(handOver.lastNumber(), wanted))));
    }
    while (!handedOver.isEmpty() && handOver.isAcknowledged(handedOver.peek().number())) {
      Wanted wanted = handedOver.remove().wanted();
      if (!wanted.done().isDone()) {
        handOver.tag(wanted.tag(), wanted.done());
      }
    }
  }
}
