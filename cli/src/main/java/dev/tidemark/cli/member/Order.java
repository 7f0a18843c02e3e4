package dev.tidemark.cli.member;

import java.io.IOException;
import java.util.concurrent.CompletableFuture;

/**
 * What a member was asked to do, with where the answer goes; completed from outside, it is void.
 */
sealed interface Order {
  CompletableFuture<String> answer();

  default void done(String told) {
    answer().complete(told);
  }

  default void failed(String why) {
    answer().completeExceptionally(new IOException(why));
  }

  /**
   * Become the writer.
   *
   * @param mostBehind records of the log that may still be to apply; more is refused
   * @param told what there is to tell once it writes
   */
  record Promote(long mostBehind, CompletableFuture<String> answer, Told told) implements Order {
    Promote(long mostBehind, CompletableFuture<String> answer) {
      this(mostBehind, answer, new Told(0, ""));
    }

    Promote with(Told newTold) {
      return new Promote(mostBehind, answer, newTold);
    }
  }

  /**
   * Where the old writer's term ended.
   *
   * @param sequence of its last change; 0 if this host wrote before
   * @param lost what of it is known to be missing; empty if nothing is
   */
  record Told(long sequence, String lost) {
    String with(long epoch) {
      return "%d %d %s".formatted(epoch, sequence, lost).strip();
    }
  }

  /** Stand by. */
  record Rejoin(CompletableFuture<String> answer) implements Order {}
}
