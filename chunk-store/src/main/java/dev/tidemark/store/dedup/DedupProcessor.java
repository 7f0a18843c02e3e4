package dev.tidemark.store.dedup;

import dev.tidemark.schemas.chunk.ChunkId;
import dev.tidemark.schemas.codec.Records;
import dev.tidemark.schemas.cursor.Watermark;
import dev.tidemark.schemas.frame.CorruptFrameException;
import dev.tidemark.schemas.frame.Frame;
import dev.tidemark.schemas.frame.UnsupportedFrameException;
import dev.tidemark.schemas.topic.Partitioning;
import dev.tidemark.store.dedup.DedupState.Pending;
import dev.tidemark.store.pack.PackClient;
import dev.tidemark.store.pack.PackWriter.Offer;
import dev.tidemark.store.source.FrameSource.Pointer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One partition of the chunks topic.
 *
 * <p>A frame for which the pack writer has no room is only pointed to, and read from Kafka again
 * when there is room: so a store that is full or away stops neither this thread nor the group, and
 * bounds no more memory than its pointers. After a start all pending frames are such.
 */
final class DedupProcessor implements Processor<byte[], byte[], String, byte[]> {
  private static final Logger log = LoggerFactory.getLogger(DedupProcessor.class);
  private static final Duration TICK = Duration.ofMillis(50);

  /** Well below the transaction's timeout, of which process() may use a part. */
  private static final Duration ROOM_PATIENCE = Duration.ofSeconds(1);

  private static final Duration MIN_COMMIT_DISTANCE = Duration.ofMillis(100);
  private static final int REREAD_BYTES = 4 << 20;
  private static final int REREAD_FRAMES = 512;

  /** Of frames that an earlier task read: before all that is read now. */
  private static final long SENT_BEFORE = 0;

  private final DedupContext shared;
  private TaskClient client;

  /** Pending offsets whose frames the pack writer does not have. */
  private final ArrayDeque<Waiting> backlog = new ArrayDeque<>();

  private ProcessorContext<String, byte[]> context;
  private DedupState state;
  private int partition;
  private Optional<Watermark> published = Optional.empty();
  private boolean catchingUp;
  private long lastCommitMillis;

  /** A frame in the log, and its record's time. */
  private record Waiting(long offset, long sentMillis) {}

  /** Offsets reported by upload threads, taken over by the stream thread. */
  private static final class TaskClient implements PackClient {
    final Queue<long[]> durable = new ConcurrentLinkedQueue<>();
    volatile boolean closed;

    @Override
    public void durable(long[] offsets) {
      if (!closed) {
        durable.add(offsets);
      }
    }
  }

  @SuppressWarnings("NullAway.Init") // Streams calls init before anything else
  DedupProcessor(DedupContext shared) {
    this.shared = shared;
  }

  @Override
  public void init(ProcessorContext<String, byte[]> processorContext) {
    context = processorContext;
    partition = context.taskId().partition();
    begin();
    state = new DedupState(context, shared.repository().descriptor().id(), shared.chunksTopic());
    try {
      shared.repository().refresh();
      if (state.load()) {
        resume();
      } else {
        startOver();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(
          "chunks partition %d: the repository's index could not be read".formatted(partition), e);
    }
    shared.flushes().processed(partition, state.processed());
    context.schedule(TICK, PunctuationType.WALL_CLOCK_TIME, _ -> tick());
  }

  /**
   * A task that had to be taken up again from its state, as after a commit that the broker did not
   * answer, begins with the processors that it had, closed: nothing of theirs may be left.
   */
  private void begin() {
    client = new TaskClient();
    backlog.clear();
    published = Optional.empty();
    catchingUp = false;
  }

  /**
   * A crash between a pack and the commit leaves pointers of durable frames; the rest is read
   * again.
   */
  private void resume() throws IOException {
    List<Long> durable = new ArrayList<>();
    for (Map.Entry<Long, Pending> pointer : state.pending().entrySet()) {
      boolean stored = shared.repository().contains(pointer.getValue().id());
      if (stored) {
        durable.add(pointer.getKey());
      } else {
        backlog.add(new Waiting(pointer.getKey(), SENT_BEFORE));
      }
    }
    durable.forEach(state::removePending);
    catchingUp = !backlog.isEmpty();
    log.atInfo()
        .addKeyValue("partition", partition)
        .addKeyValue("offset", state.processed())
        .addKeyValue("pending", backlog.size())
        .addKeyValue("durable", durable.size())
        .log("chunks partition resumed");
  }

  private void startOver() throws IOException {
    state.reset();
    long[] known = {0};
    shared
        .repository()
        .forEachChunk(
            id -> {
              if (Partitioning.of(id, shared.chunksPartitions()) == partition) {
                state.saveNaming(id, -1);
                known[0]++;
              }
            });
    log.atInfo()
        .addKeyValue("partition", partition)
        .addKeyValue("topicId", shared.chunksTopic())
        .addKeyValue("chunks", known[0])
        .log("chunks partition begun, known chunks taken from the repository");
  }

  @Override
  public void process(Record<byte[], byte[]> record) {
    RecordMetadata metadata = context.recordMetadata().orElseThrow();
    long offset = metadata.offset();
    if (offset <= state.processed()) {
      rewind(offset);
    }
    if (offset > state.processed() + 1) {
      state.addHole(state.processed() + 1, offset - 1);
      log.atWarn()
          .addKeyValue("partition", partition)
          .addKeyValue("firstOffset", state.processed() + 1)
          .addKeyValue("lastOffset", offset - 1)
          .log("frames gone from the chunks topic before they were read");
    }
    take(new Waiting(offset, record.timestamp()), record.key(), record.value());
    state.saveProcessed(offset);
    shared.flushes().processed(partition, offset);
  }

  /**
   * Offsets are committed with the state, so the input was set back: the log has lost its tail, and
   * what stands there now is not what was read. Frames that are in a pack by now stay known.
   */
  private void rewind(long offset) {
    log.atWarn()
        .addKeyValue("partition", partition)
        .addKeyValue("offset", offset)
        .addKeyValue("readBefore", state.processed())
        .log("chunks are read again from an earlier offset");
    for (long gone : List.copyOf(state.pending().tailMap(offset, true).keySet())) {
      ChunkId id = state.findPending(gone).orElseThrow().id();
      state.removePending(gone);
      state.forgetChunk(id);
    }
    // Completions of before name offsets that have another meaning now.
    client.closed = true;
    client = new TaskClient();
    backlog.clear();
    state.pending().keySet().forEach(left -> backlog.add(new Waiting(left, SENT_BEFORE)));
    state.cut(offset);
  }

  private void take(Waiting at, byte[] key, byte[] frame) {
    long offset = at.offset();
    shared.counters().frames.increment();
    if (key == null || key.length != ChunkId.BYTES || frame == null) {
      reject(offset, "its key is no chunk id, or it has no value");
      return;
    }
    shared.counters().frameBytes.add(frame.length);
    ChunkId id = ChunkId.of(key);
    if (Partitioning.of(key, shared.chunksPartitions()) != partition) {
      reject(offset, "chunk %s belongs into another partition".formatted(id));
    } else if (state.isKnown(id)) {
      state.saveNaming(id, offset);
      shared.counters().duplicates.increment();
    } else if (isSound(offset, id, frame)) {
      state.saveNaming(id, offset);
      state.addPending(offset, id, frame.length);
      // Once frames are being left to be read again, waiting for each of them would stop the task.
      Duration patience = backlog.isEmpty() ? ROOM_PATIENCE : Duration.ZERO;
      if (offer(at, id, frame, patience) == Offer.FULL) {
        backlog.add(at);
      }
    }
  }

  private Offer offer(Waiting at, ChunkId id, byte[] frame, Duration patience) {
    return shared.packs().offer(client, at.offset(), at.sentMillis(), id, frame, patience);
  }

  private boolean isSound(long offset, ChunkId id, byte[] frame) {
    try {
      Frame.decode(id, frame);
      return true;
    } catch (CorruptFrameException | UnsupportedFrameException e) {
      reject(offset, e.toString());
      return false;
    }
  }

  private void reject(long offset, String reason) {
    shared.counters().rejectedFrames.increment();
    state.addHole(offset, offset);
    log.atWarn()
        .addKeyValue("partition", partition)
        .addKeyValue("offset", offset)
        .addKeyValue("reason", reason)
        .log("frame rejected");
  }

  private void tick() {
    for (long[] offsets = client.durable.poll(); offsets != null; offsets = client.durable.poll()) {
      for (long offset : offsets) {
        state.removePending(offset);
      }
    }
    offerBacklog();
    publishWatermark();
    if (shared.flushes().take()) {
      shared.packs().flushNow();
    }
  }

  private void offerBacklog() {
    boolean goOn = true;
    while (goOn && !backlog.isEmpty() && shared.packs().isHalfFree()) {
      long most = Math.min(REREAD_BYTES, shared.packs().roomBytes());
      List<Waiting> again = new ArrayList<>();
      List<Pointer> pointers = new ArrayList<>();
      long bytes = 0;
      while (!backlog.isEmpty() && bytes < most && again.size() < REREAD_FRAMES) {
        Waiting next = backlog.removeFirst();
        Pending pending = state.findPending(next.offset()).orElseThrow();
        again.add(next);
        pointers.add(new Pointer(partition, next.offset(), pending.id()));
        bytes += pending.frameBytes();
      }
      goOn = reread(again, pointers);
    }
    if (catchingUp && backlog.isEmpty()) {
      // They have waited through a restart: no reason to wait for more.
      catchingUp = false;
      shared.packs().flushNow();
    }
  }

  /**
   * False if it is to be tried later: the log could not be read, or a frame found no room. Those
   * are in the backlog again.
   */
  private boolean reread(List<Waiting> again, List<Pointer> pointers) {
    int done = 0;
    int waiting = backlog.size();
    try {
      Map<ChunkId, byte[]> frames = shared.frames().read(pointers);
      for (; done < again.size(); done++) {
        offerAgain(again.get(done), pointers.get(done).id(), frames);
      }
      return backlog.size() == waiting;
    } catch (IOException e) {
      log.atWarn()
          .addKeyValue("partition", partition)
          .addKeyValue("frames", again.size() - done)
          .setCause(e)
          .log("pending frames could not be read again, trying once more");
      for (int i = again.size() - 1; i >= done; i--) {
        backlog.addFirst(again.get(i));
      }
      return false;
    }
  }

  private void offerAgain(Waiting at, ChunkId id, Map<ChunkId, byte[]> frames) throws IOException {
    long offset = at.offset();
    Optional<byte[]> frame = sound(id, frames);
    if (frame.isEmpty()) {
      frame = readLastNamed(offset, id);
    }
    if (frame.isEmpty()) {
      lose(offset, id);
    } else if (offer(at, id, frame.get(), Duration.ZERO) == Offer.FULL) {
      backlog.add(at);
    }
  }

  /** A later copy of the chunk was dropped as known; its frame serves the pointer as well. */
  private Optional<byte[]> readLastNamed(long offset, ChunkId id) throws IOException {
    OptionalLong last = state.lastNaming(id);
    return last.isEmpty() || last.getAsLong() == offset
        ? Optional.empty()
        : sound(id, shared.frames().read(List.of(new Pointer(partition, last.getAsLong(), id))));
  }

  private static Optional<byte[]> sound(ChunkId id, Map<ChunkId, byte[]> frames) {
    byte[] frame = frames.get(id);
    if (frame == null) {
      return Optional.empty();
    }
    try {
      Frame.decode(id, frame);
      return Optional.of(frame);
    } catch (CorruptFrameException | UnsupportedFrameException _) {
      return Optional.empty(); // Lost as much as one that is gone: the caller makes it a hole.
    }
  }

  /**
   * Neither the frame nor a later copy is in the log: the chunk is unknown again, so that the next
   * copy is kept.
   */
  private void lose(long offset, ChunkId id) {
    long last = Math.max(offset, state.lastNaming(id).orElse(offset));
    state.removePending(offset);
    state.forgetChunk(id);
    // Copies between the two were dropped as known. A sound frame that this covers is found by its
    // id when it is needed.
    state.addHole(offset, last);
    shared.counters().lostFrames.increment();
    log.atWarn()
        .addKeyValue("partition", partition)
        .addKeyValue("offset", offset)
        .addKeyValue("chunk", id)
        .log("pending frame is gone from the log");
  }

  private void publishWatermark() {
    Watermark now = state.watermark(partition);
    shared.counters().watermarkLag(partition, Math.max(0, state.processed() - now.offset()));
    if (published.isPresent() && published.get().equals(now)) {
      return;
    }
    long millis = context.currentSystemTimeMs();
    if (published.isPresent()
        && millis - lastCommitMillis < MIN_COMMIT_DISTANCE.toMillis()
        && millis >= lastCommitMillis) {
      return;
    }
    context.forward(new Record<>(Integer.toString(partition), Records.encode(now), millis));
    published = Optional.of(now);
    lastCommitMillis = millis;
    context.commit();
  }

  @Override
  public void close() {
    client.closed = true;
    shared.flushes().released(partition);
    shared.counters().released(partition);
  }
}
