package dev.tidemark.watcher.state;

import dev.tidemark.schemas.chunk.ChunkId;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What one change that was handed to the producer makes of one entry. Until the change is
 * acknowledged, this is the entry as published and the state store holds the one before.
 */
public final class Step {
  private final EntryKey key;
  private volatile @Nullable EntryRecord record;
  private Map<ChunkId, Integer> counted;
  private Map<ChunkId, ChunkRef> raise;
  private Doubt doubt = Doubt.ENTRY;
  private boolean settled;
  private long indexed;

  Step(
      EntryKey key,
      @Nullable EntryRecord record,
      Map<ChunkId, Integer> counted,
      Map<ChunkId, ChunkRef> raise) {
    this.key = key;
    this.record = record;
    this.counted = counted;
    this.raise = raise;
  }

  public EntryKey key() {
    return key;
  }

  @Nullable EntryRecord record() {
    return record;
  }

  void refresh(EntryRecord newer) {
    record = newer;
  }

  /** Inode under which the index has the name, once all before this is settled; 0 if none. */
  long indexed() {
    return indexed;
  }

  void indexed(long inode) {
    indexed = inode;
  }

  /** Inode that this makes the name one of; 0 if it is none, or a directory. */
  long inode() {
    EntryRecord made = record;
    return made == null || made.isDirectory() ? 0 : made.signature().inode();
  }

  /** How often the chunk table counts this entry as a holder, per chunk. */
  Map<ChunkId, Integer> counted() {
    return counted;
  }

  /** What is to be counted once this is acknowledged. */
  Map<ChunkId, ChunkRef> raise() {
    return raise;
  }

  void mark(Doubt newDoubt) {
    doubt = newDoubt;
  }

  Doubt doubt() {
    return doubt;
  }

  boolean isSettled() {
    return settled;
  }

  void settle(Map<ChunkId, Integer> nowCounted) {
    settled = true;
    counted = nowCounted;
    raise = Map.of();
  }
}
