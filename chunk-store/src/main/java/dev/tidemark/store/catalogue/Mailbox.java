package dev.tidemark.store.catalogue;

import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/**
 * Work of one task that blocks, done beside its stream thread; results come back as letters that
 * the stream thread opens. A closed mailbox drops what comes.
 */
final class Mailbox {
  /** Work that may block; what it returns runs on the stream thread. */
  interface Work {
    Runnable run() throws Exception;
  }

  private final Executor executor;
  private final ConcurrentLinkedQueue<Runnable> letters = new ConcurrentLinkedQueue<>();
  private volatile boolean closed;

  Mailbox(Executor executor) {
    this.executor = executor;
  }

  /** Runs {@code work}; if it fails, {@code onFailure} is told on the stream thread. */
  void submit(Work work, Consumer<Exception> onFailure) {
    executor.execute(
        () -> {
          if (closed) {
            return;
          }
          Runnable letter;
          try {
            letter = work.run();
          } catch (Exception e) {
            letter = () -> onFailure.accept(e);
          }
          letters.add(letter);
        });
  }

  /** Opens all letters; true if there was one. */
  boolean open() {
    boolean any = false;
    for (Runnable letter = letters.poll(); letter != null; letter = letters.poll()) {
      letter.run();
      any = true;
    }
    return any;
  }

  void close() {
    closed = true;
    letters.clear();
  }
}
