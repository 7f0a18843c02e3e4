package dev.tidemark.apply;

import dev.tidemark.schemas.change.Extent;
import dev.tidemark.schemas.chunk.ChunkId;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings frames to the parts of files that wait for them. What many parts need is planned together,
 * in the order in which it lies in packs rather than in that of paths; each chunk is read once
 * however many of those parts need it, and kept if later ones do.
 *
 * <p>Held at once are the frames of parts of so many bytes as the bound says. {@link #add} and
 * {@link #flush} belong to the planning thread, which waits where the bound is reached.
 */
final class PartFetch {
  private static final Logger log = LoggerFactory.getLogger(PartFetch.class);

  private final FrameSource source;
  private final WorkPool pool;
  private final RepeatedFrames repeated;
  private final ByteBudget budget;
  private final PlanSize planSize;

  /** Parts that wait for a chunk, planned or being read. Guarded by this. */
  private final Map<ChunkId, List<FilePart>> waiting = new HashMap<>();

  private Map<ChunkId, Extent.Chunk> planned = new LinkedHashMap<>();
  private long plannedBytes;

  PartFetch(FrameSource source, WorkPool pool, RepeatedFrames repeated, long memoryBytes) {
    this.source = source;
    this.pool = pool;
    this.repeated = repeated;
    this.budget = new ByteBudget(memoryBytes);
    this.planSize = new PlanSize(memoryBytes);
  }

  /** Takes a part, which is filled on another thread when its frames are here. */
  void add(FilePart part) throws IOException {
    part.holds(part.chunks().stream().mapToLong(source::frameBytes).sum());
    if (!budget.tryTake(part.heldBytes())) {
      flush();
      budget.take(part.heldBytes(), pool::requireRunning);
    }
    if (enlist(part)) {
      pool.submit(() -> fill(part));
      return;
    }
    plannedBytes += part.heldBytes();
    if (planSize.isReached(plannedBytes, planned.size())) {
      flush();
    }
  }

  /** True if there is nothing to wait for. */
  private boolean enlist(FilePart part) {
    Set<ChunkId> seen = new HashSet<>();
    synchronized (this) {
      for (Extent.Chunk chunk : part.chunks()) {
        if (!seen.add(chunk.id())) {
          continue;
        }
        List<FilePart> others = waiting.get(chunk.id());
        byte[] kept = others == null ? repeated.find(chunk.id()) : null;
        if (kept != null) {
          part.frames().put(chunk.id(), kept);
          continue;
        }
        if (others == null) {
          others = new ArrayList<>(1);
          waiting.put(chunk.id(), others);
          planned.put(chunk.id(), chunk);
        }
        others.add(part);
        part.awaitOne();
      }
      return part.isComplete();
    }
  }

  /** Begins to read what is planned. */
  void flush() throws IOException {
    Map<ChunkId, Extent.Chunk> plan = planned;
    planned = new LinkedHashMap<>();
    plannedBytes = 0;
    if (plan.isEmpty()) {
      return;
    }
    planSize.planned();
    List<FrameRun> runs = List.of();
    try {
      runs = source.runs(plan.values());
    } catch (IOException e) {
      log.atWarn().setCause(e).log("frames could not be located together; each file looks itself");
    }
    for (FrameRun run : runs) {
      run.chunks().forEach(chunk -> plan.remove(chunk.id()));
      pool.submit(() -> read(run));
    }
    if (!plan.isEmpty()) {
      pool.submit(() -> deliver(plan.values(), Map.of()));
    }
  }

  private void read(FrameRun run) throws IOException {
    Map<ChunkId, byte[]> frames = Map.of();
    try {
      frames = run.read();
    } catch (IOException e) {
      // Damage to one must not take the others with it: each file looks for its own, and tells.
      log.atWarn().setCause(e).log("frames could not be read together; each file looks itself");
    }
    deliver(run.chunks(), frames);
  }

  private void deliver(Collection<Extent.Chunk> chunks, Map<ChunkId, byte[]> frames)
      throws IOException {
    List<FilePart> complete = new ArrayList<>();
    synchronized (this) {
      for (Extent.Chunk chunk : chunks) {
        byte[] frame = frames.get(chunk.id());
        if (frame != null) {
          repeated.keep(chunk.id(), frame);
        }
        List<FilePart> parts = waiting.remove(chunk.id());
        if (parts == null) {
          throw new IllegalStateException("nobody waits for chunk " + chunk.id());
        }
        for (FilePart part : parts) {
          if (frame != null) {
            part.frames().put(chunk.id(), frame);
          }
          if (part.arrived()) {
            complete.add(part);
          }
        }
      }
    }
    for (FilePart part : complete) {
      fill(part);
    }
  }

  private void fill(FilePart part) throws IOException {
    try {
      FrameSource fetched = _ -> part.frames();
      part.fill(fetched.orElse(source));
    } finally {
      budget.give(part.heldBytes());
    }
  }
}
