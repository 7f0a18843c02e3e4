package dev.tidemark.store.source;

import dev.tidemark.schemas.change.Change;
import dev.tidemark.schemas.change.TreeName;
import dev.tidemark.schemas.chunk.ChunkId;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * One partition of each input, as a test has written it; what is removed here is gone as by
 * retention.
 */
public final class RecordedLog implements FrameSource, ChangeSource {
  private record Kept(long appendTimeMillis, Change change) {}

  private record KeptFrame(ChunkId id, byte[] frame) {}

  private final NavigableMap<Long, Kept> changes = new TreeMap<>();
  private final NavigableMap<Long, KeptFrame> frames = new TreeMap<>();
  private long first;
  private long end;

  /** How often changes were read again. */
  public int readings;

  public synchronized void addFrame(long offset, ChunkId id, byte[] frame) {
    frames.put(offset, new KeptFrame(id, frame));
  }

  public synchronized void addChange(long offset, long appendTimeMillis, Change change) {
    changes.put(offset, new Kept(appendTimeMillis, change));
    end = offset + 1;
  }

  /** Retention takes all changes before {@code offset}. */
  public synchronized void removeChangesBefore(long offset) {
    changes.headMap(offset).clear();
    first = offset;
    end = Math.max(end, offset);
  }

  /** The log loses its tail. */
  public synchronized void removeChangesFrom(long offset) {
    changes.tailMap(offset, true).clear();
    end = offset;
  }

  @Override
  public synchronized Map<ChunkId, byte[]> read(List<Pointer> pointers) {
    Map<ChunkId, byte[]> found = new HashMap<>();
    for (Pointer pointer : pointers) {
      KeptFrame kept = frames.get(pointer.offset());
      if (kept != null && kept.id().equals(pointer.id())) {
        found.put(kept.id(), kept.frame());
      }
    }
    return found;
  }

  @Override
  public synchronized void read(int partition, TreeName tree, long from, long to, Visitor visitor)
      throws IOException {
    readings++;
    if (from < to && from < first) {
      throw new ChangesLostException("offset " + from + " is gone", new IOException("retention"));
    }
    for (var entry : changes.subMap(from, Math.max(from, to)).entrySet()) {
      Kept kept = entry.getValue();
      if (kept.change().tree().equals(tree)
          && !visitor.visit(entry.getKey(), kept.appendTimeMillis(), kept.change())) {
        return;
      }
    }
  }

  @Override
  public synchronized long firstOffset(int partition) {
    return first;
  }

  @Override
  public synchronized long endOffset(int partition) {
    return end;
  }
}
