package dev.tidemark.apply;

import dev.tidemark.schemas.change.Extent;
import dev.tidemark.schemas.chunk.ChunkId;
import dev.tidemark.schemas.frame.CorruptFrameException;
import dev.tidemark.schemas.frame.Frame;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Port: where frames come from. Safe to call from several threads. */
@FunctionalInterface
public interface FrameSource {
  /**
   * Reads frames, not checked yet. Those that are not here are left out of the answer.
   *
   * @param wanted of moderate number and size together: all frames are held at once
   * @throws IOException if the source could not be read; safe to retry
   */
  Map<ChunkId, byte[]> read(Collection<Extent.Chunk> wanted) throws IOException;

  /**
   * Which requests would bring frames, each frame in one of them. A chunk of which it is known that
   * it is not here is in none.
   *
   * @throws IOException if the source could not be asked; safe to retry
   */
  default List<FrameRun> runs(Collection<Extent.Chunk> wanted) throws IOException {
    return SourceRun.split(this, wanted);
  }

  /**
   * About how many bytes a chunk's frame has; where that is not known here, as many as the chunk.
   */
  default long frameBytes(Extent.Chunk chunk) {
    return chunk.plainBytes();
  }

  /**
   * The plain bytes of a chunk whose frame from here was damaged, from another copy.
   *
   * @throws IOException if there is none: {@code damage}, or one that says more
   */
  default byte[] recover(Extent.Chunk chunk, CorruptFrameException damage) throws IOException {
    throw damage;
  }

  /** Asks {@code next} for what this source has not. */
  default FrameSource orElse(FrameSource next) {
    FrameSource first = this;
    return new FrameSource() {
      @Override
      public Map<ChunkId, byte[]> read(Collection<Extent.Chunk> wanted) throws IOException {
        Map<ChunkId, byte[]> found = first.read(wanted);
        List<Extent.Chunk> missing = missing(wanted, found);
        if (missing.isEmpty()) {
          return found;
        }
        Map<ChunkId, byte[]> all = new HashMap<>(found);
        all.putAll(next.read(missing));
        return all;
      }

      @Override
      public List<FrameRun> runs(Collection<Extent.Chunk> wanted) throws IOException {
        List<FrameRun> runs = new ArrayList<>(first.runs(wanted));
        Set<ChunkId> planned = new HashSet<>();
        runs.forEach(run -> run.chunks().forEach(chunk -> planned.add(chunk.id())));
        List<Extent.Chunk> rest =
            wanted.stream().filter(chunk -> !planned.contains(chunk.id())).toList();
        if (!rest.isEmpty()) {
          runs.addAll(next.runs(rest));
        }
        return runs;
      }

      @Override
      public long frameBytes(Extent.Chunk chunk) {
        return Math.min(first.frameBytes(chunk), next.frameBytes(chunk));
      }

      @Override
      public byte[] recover(Extent.Chunk chunk, CorruptFrameException damage) throws IOException {
        try {
          return first.recover(chunk, damage);
        } catch (CorruptFrameException e) {
          return recoverFrom(next, chunk, e);
        }
      }
    };
  }

  private static byte[] recoverFrom(
      FrameSource source, Extent.Chunk chunk, CorruptFrameException damage) throws IOException {
    byte[] frame = source.read(List.of(chunk)).get(chunk.id());
    if (frame != null) {
      try {
        return Frame.decode(chunk.id(), frame);
      } catch (CorruptFrameException e) {
        damage.addSuppressed(e);
      }
    }
    return source.recover(chunk, damage);
  }

  /** Those of {@code wanted} that were not found, each once. */
  static List<Extent.Chunk> missing(Collection<Extent.Chunk> wanted, Map<ChunkId, byte[]> found) {
    Map<ChunkId, Extent.Chunk> missing = new LinkedHashMap<>();
    for (Extent.Chunk chunk : wanted) {
      if (!found.containsKey(chunk.id())) {
        missing.put(chunk.id(), chunk);
      }
    }
    return List.copyOf(missing.values());
  }
}
