package dev.tidemark.watcher.read;

/** Where readers put their answers. Called from any thread; does not block. */
public interface Sink {
  void inspected(long ticket, Inspected inspected);

  void found(Findings findings);

  /** A defect in the reading itself: nothing can be trusted any more. */
  void failed(Throwable cause);
}
