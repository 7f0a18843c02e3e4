package dev.tidemark.watcher.read;

import dev.tidemark.schemas.change.Content;
import dev.tidemark.schemas.change.Extent;
import dev.tidemark.schemas.change.FramePosition;
import dev.tidemark.schemas.chunk.ChunkId;
import dev.tidemark.schemas.codec.Records;
import dev.tidemark.schemas.frame.Frame;
import dev.tidemark.watcher.publish.FrameSender;
import dev.tidemark.watcher.publish.FrameSender.SentFrame;
import dev.tidemark.watcher.publish.FramesLostException;
import dev.tidemark.watcher.state.ChunkState;
import dev.tidemark.watcher.state.PublishedTree;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The extents of one file while its frames are on their way. Filled by one reader; completed by the
 * acknowledgement of the last frame, on the producer's thread, or at once. Lists longer than a
 * record may hold become chunks themselves, so that memory is bounded by the tree of lists, not by
 * the file.
 */
final class ExtentCollector {
  /** Told once, when all frames are acknowledged or one is lost. */
  interface Completion {
    void complete(Collected collected);

    void lost(FramesLostException cause);
  }

  /** As {@link Inspected.Found} tells it. */
  record Collected(
      List<Extent> extents,
      List<FramePosition> needs,
      boolean nested,
      long oldestMillis,
      Set<ChunkId> leftOut) {}

  private final PublishedTree published;
  private final FrameSender frames;
  private final List<List<Slot>> levels = new ArrayList<>();
  private final Set<ChunkId> leftOut = new HashSet<>();
  private final Set<ChunkId> leftOutOfLeaf = new HashSet<>();

  // Guarded by this: filled by acknowledgements.
  private final Map<Integer, Long> needs = new HashMap<>();
  private long oldestMillis = Long.MAX_VALUE;
  private int underWay;
  private @Nullable FramesLostException lost;
  private @Nullable Completion completion;

  /** One extent, of which the position may still be on its way. */
  private static final class Slot {
    final @Nullable ChunkId id;
    final int plainBytes;
    long covers;
    final boolean isList;
    FramePosition position = FramePosition.UNKNOWN;

    Slot(@Nullable ChunkId id, int plainBytes, long covers, boolean isList) {
      this.id = id;
      this.plainBytes = plainBytes;
      this.covers = covers;
      this.isList = isList;
    }

    Extent extent() {
      if (id == null) {
        return new Extent.Hole(covers);
      }
      Extent.Chunk chunk = new Extent.Chunk(id, plainBytes, position);
      return isList ? new Extent.Nested(chunk, covers) : chunk;
    }
  }

  ExtentCollector(PublishedTree published, FrameSender frames) {
    this.published = published;
    this.frames = frames;
    levels.add(new ArrayList<>());
  }

  /** The file's first extents are as they were published. */
  void keep(List<Extent> extents, List<FramePosition> alsoNeeded) throws IOException {
    for (Extent extent : extents) {
      switch (extent) {
        case Extent.Hole(long bytes) -> addHole(bytes);
        case Extent.Chunk chunk -> keep(0, slot(chunk, chunk.bytes(), false));
        case Extent.Nested(Extent.Chunk list, long covers) -> keep(1, slot(list, covers, true));
      }
    }
    synchronized (this) {
      alsoNeeded.forEach(this::need);
    }
  }

  private static Slot slot(Extent.Chunk chunk, long covers, boolean isList) {
    Slot slot = new Slot(chunk.id(), chunk.plainBytes(), covers, isList);
    slot.position = chunk.position();
    return slot;
  }

  private void keep(int level, Slot slot) {
    level(level).add(slot);
    leftOut.add(slot.id);
    synchronized (this) {
      need(slot.position);
    }
  }

  private List<Slot> level(int level) {
    while (levels.size() <= level) {
      levels.add(new ArrayList<>());
    }
    return levels.get(level);
  }

  void addHole(long bytes) throws IOException {
    List<Slot> slots = level(0);
    Slot last = slots.isEmpty() ? null : slots.getLast();
    if (last != null && last.id == null) {
      last.covers += bytes;
    } else {
      makeRoom(0);
      level(0).add(new Slot(null, 0, bytes, false));
    }
  }

  /** Adds a chunk, and sends its frame unless a path holds it or it was sent a moment ago. */
  void addChunk(ChunkId id, byte[] plain, int from, int length, Compression compression)
      throws IOException {
    makeRoom(0);
    Slot slot = new Slot(id, length, length, false);
    level(0).add(slot);
    if (!isThere(slot, leftOutOfLeaf)) {
      send(slot, compression.frame(plain, from, length));
    }
  }

  private boolean isThere(Slot slot, Set<ChunkId> leaves) throws IOException {
    ChunkId id = Objects.requireNonNull(slot.id);
    Optional<ChunkState> held = published.findChunk(id).filter(ChunkState::isLive);
    if (held.isPresent()) {
      leaves.add(id);
      slot.position = held.get().position();
      synchronized (this) {
        need(slot.position);
      }
      return true;
    }
    Optional<SentFrame> sent = frames.findFresh(id);
    sent.ifPresent(frame -> take(slot, frame.position(), frame.logTimeMillis()));
    return sent.isPresent();
  }

  private void send(Slot slot, byte[] frame) {
    synchronized (this) {
      underWay++;
    }
    frames.send(
        Objects.requireNonNull(slot.id),
        frame,
        new FrameSender.Listener() {
          @Override
          public void acknowledged(FramePosition position, long logTimeMillis) {
            take(slot, position, logTimeMillis);
            arrived(null);
          }

          @Override
          public void lost(FramesLostException cause) {
            arrived(cause);
          }
        });
  }

  private synchronized void take(Slot slot, FramePosition position, long logTimeMillis) {
    slot.position = position;
    need(position);
    oldestMillis = Math.min(oldestMillis, logTimeMillis);
  }

  private void need(FramePosition position) {
    if (position.isKnown()) {
      needs.merge(position.partition(), position.offset(), Math::max);
    }
  }

  private void arrived(@Nullable FramesLostException cause) {
    Completion told;
    synchronized (this) {
      underWay--;
      if (cause != null && lost == null) {
        lost = cause;
      }
      notifyAll();
      told = underWay == 0 ? completion : null;
    }
    if (told != null) {
      tell(told);
    }
  }

  /** Turns a level that is full into a list of the level above. */
  private void makeRoom(int level) throws IOException {
    if (level(level).size() >= Content.MAX_EXTENTS) {
      fold(level);
    }
  }

  private void fold(int level) throws IOException {
    awaitFrames();
    makeRoom(level + 1);
    List<Slot> full = levels.get(level);
    long covers = full.stream().mapToLong(slot -> slot.covers).sum();
    byte[] plain = Records.encode(full.stream().map(Slot::extent).toList());
    Slot list = new Slot(ChunkId.computeOf(plain), plain.length, covers, true);
    published.store().keepList(Objects.requireNonNull(list.id), plain);
    levels.set(level, new ArrayList<>());
    level(level + 1).add(list);
    boolean there = isThere(list, leftOut);
    if (level == 0) {
      // Who holds the list holds all that it names.
      if (!there) {
        leftOut.addAll(leftOutOfLeaf);
      }
      leftOutOfLeaf.clear();
    }
    if (!there) {
      send(list, Frame.compress(plain, 0, plain.length));
    }
  }

  private synchronized void awaitFrames() throws IOException {
    try {
      while (underWay > 0) {
        wait();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      InterruptedIOException stopped = new InterruptedIOException("stopped while reading");
      stopped.initCause(e);
      throw stopped;
    }
    if (lost != null) {
      throw lost;
    }
  }

  /** All extents have been added. */
  void finish(Completion told) throws IOException {
    for (int level = 0; total() > Content.MAX_EXTENTS; level++) {
      if (!levels.get(level).isEmpty()) {
        fold(level);
      }
    }
    leftOut.addAll(leftOutOfLeaf);
    boolean complete;
    synchronized (this) {
      completion = told;
      complete = underWay == 0;
    }
    if (complete) {
      tell(told);
    }
  }

  private int total() {
    return levels.stream().mapToInt(List::size).sum();
  }

  private void tell(Completion told) {
    FramesLostException failure;
    synchronized (this) {
      failure = lost;
    }
    if (failure != null) {
      told.lost(failure);
      return;
    }
    List<Extent> extents = new ArrayList<>(total());
    for (int level = levels.size() - 1; level >= 0; level--) {
      levels.get(level).forEach(slot -> extents.add(slot.extent()));
    }
    boolean nested = extents.stream().anyMatch(Extent.Nested.class::isInstance);
    told.complete(new Collected(extents, needs(), nested, oldest(), Set.copyOf(leftOut)));
  }

  private synchronized List<FramePosition> needs() {
    return needs.entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .map(need -> new FramePosition(need.getKey(), need.getValue()))
        .toList();
  }

  private synchronized long oldest() {
    return oldestMillis == Long.MAX_VALUE ? 0 : oldestMillis;
  }

  /**
   * Compresses the chunks of one file, and stops trying for a while in one that does not compress.
   */
  static final class Compression {
    private static final int PAUSE_CHUNKS = 15;

    private int pause;

    byte[] frame(byte[] plain, int from, int length) {
      if (pause > 0) {
        pause--;
        return Frame.store(plain, from, length);
      }
      byte[] frame = Frame.compress(plain, from, length);
      if (!Frame.isCompressed(frame)) {
        pause = PAUSE_CHUNKS;
      }
      return frame;
    }
  }
}
