package dev.tidemark.store.pack;

/** A task that hands frames to the pack writer. */
public interface PackClient {
  /**
   * The frames handed over with these offsets are durable with their index. Called on an upload
   * thread, perhaps after the task has closed; must not block.
   */
  void durable(long[] offsets);
}
