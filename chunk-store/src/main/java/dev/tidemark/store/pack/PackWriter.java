package dev.tidemark.store.pack;

import dev.tidemark.repository.Repository;
import dev.tidemark.repository.pack.PackEntry;
import dev.tidemark.schemas.chunk.ChunkId;
import dev.tidemark.store.counts.Counters;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The packs of one process: one that is open, and those in flight.
 *
 * <p>A failed upload is tried again without end, at growing intervals of up to half a minute, so
 * that a full disk or an unreachable store costs time and nothing else; meanwhile the bytes held
 * reach their bound and frames are refused, whose bytes Kafka keeps. Thread-safe.
 */
public final class PackWriter implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(PackWriter.class);
  private static final long FIRST_RETRY_MILLIS = 200;
  private static final long LAST_RETRY_MILLIS = 30_000;
  private static final Duration CLOSE_PATIENCE = Duration.ofSeconds(10);

  /** What became of a frame that was offered. */
  public enum Offer {
    TAKEN,
    /** The bound on held bytes is reached: offer it again later. */
    FULL
  }

  private record Owner(PackClient client, long offset) {}

  private record Sent(long millis, PackEntry entry) {}

  private static final class OpenPack {
    final List<Sent> frames = new ArrayList<>();
    final Set<ChunkId> ids = new HashSet<>();
    final List<Owner> owners = new ArrayList<>();
    final long firstNanos = System.nanoTime();
    long bytes;

    /**
     * As they were sent. They come by partitions, some of which are ahead of others: in that order
     * the frames of one file would lie all over a pack, and between those of others.
     */
    List<PackEntry> entries() {
      return frames.stream()
          .sorted(Comparator.comparingLong(Sent::millis))
          .map(Sent::entry)
          .toList();
    }
  }

  private final Repository repository;
  private final PackLimits limits;
  private final Counters counters;
  private final Consumer<Throwable> onFatal;
  private final ExecutorService uploads;
  private final Thread timer;
  private final CountDownLatch closing = new CountDownLatch(1);

  private final Object lock = new Object();
  private OpenPack open = new OpenPack();
  private long heldBytes;
  private boolean closed;

  /**
   * @param onFatal told of a failure that no retry mends, such as a pack that cannot be formed
   */
  public PackWriter(
      Repository repository, PackLimits limits, Counters counters, Consumer<Throwable> onFatal) {
    this.repository = repository;
    this.limits = limits;
    this.counters = counters;
    this.onFatal = onFatal;
    uploads =
        Executors.newFixedThreadPool(
            limits.uploads(), Thread.ofPlatform().name("pack-upload-", 0).daemon().factory());
    timer = Thread.ofPlatform().name("pack-timer").daemon().start(this::flushOldPacks);
  }

  /**
   * Takes a frame into the open pack, waiting up to {@code patience} for room.
   *
   * @param offset by which {@code client} will know it; a chunk already in the open pack is not put
   *     twice
   * @param sentMillis its record's time, by which a pack is put in order
   */
  public Offer offer(
      PackClient client,
      long offset,
      long sentMillis,
      ChunkId id,
      byte[] frame,
      Duration patience) {
    long deadline = System.nanoTime() + patience.toNanos();
    synchronized (lock) {
      while (!closed && heldBytes > 0 && heldBytes + frame.length > limits.maxHeldBytes()) {
        long millis = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
        if (millis <= 0) {
          return Offer.FULL;
        }
        try {
          lock.wait(millis);
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          return Offer.FULL;
        }
      }
      if (closed) {
        return Offer.FULL;
      }
      if (open.frames.isEmpty()) {
        open = new OpenPack();
      }
      open.owners.add(new Owner(client, offset));
      if (open.ids.add(id)) {
        open.frames.add(new Sent(sentMillis, new PackEntry(id, frame)));
        open.bytes += frame.length;
        heldBytes += frame.length;
      }
      if (open.bytes >= limits.packBytes()) {
        upload();
      }
      return Offer.TAKEN;
    }
  }

  /** Frame bytes that can be offered now without waiting. */
  public long roomBytes() {
    synchronized (lock) {
      return closed ? 0 : Math.max(0, limits.maxHeldBytes() - heldBytes);
    }
  }

  /** Whether at most half of what may be held is held. */
  public boolean isHalfFree() {
    synchronized (lock) {
      return !closed && heldBytes <= limits.maxHeldBytes() / 2;
    }
  }

  /** Uploads what is in the open pack without waiting for more. */
  public void flushNow() {
    synchronized (lock) {
      if (!closed && !open.frames.isEmpty()) {
        upload();
      }
    }
  }

  /**
   * Waits for the uploads in flight for some seconds, then leaves them. What was not uploaded is in
   * Kafka still, and its pointers in the tasks' state.
   */
  @Override
  public void close() {
    synchronized (lock) {
      if (closed) {
        return;
      }
      closed = true;
      lock.notifyAll();
    }
    closing.countDown();
    uploads.shutdown();
    try {
      if (!uploads.awaitTermination(CLOSE_PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
        uploads.shutdownNow();
      }
      timer.join(CLOSE_PATIENCE);
    } catch (InterruptedException e) {
      uploads.shutdownNow();
      Thread.currentThread().interrupt();
    }
  }

  private void flushOldPacks() {
    long tick = Math.clamp(limits.flushInterval().toMillis() / 8, 5, 250);
    try {
      while (!closing.await(tick, TimeUnit.MILLISECONDS)) {
        synchronized (lock) {
          boolean old = System.nanoTime() - open.firstNanos >= limits.flushInterval().toNanos();
          if (!closed && !open.frames.isEmpty() && old) {
            upload();
          }
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void upload() {
    OpenPack full = open;
    open = new OpenPack();
    uploads.execute(() -> store(full));
  }

  private void store(OpenPack pack) {
    try {
      storeRepeatedly(pack);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException | Error e) {
      onFatal.accept(e);
    }
  }

  private void storeRepeatedly(OpenPack pack) throws InterruptedException {
    long wait = FIRST_RETRY_MILLIS;
    long started = System.nanoTime();
    List<PackEntry> entries = pack.entries();
    for (int attempt = 1; ; attempt++) {
      try {
        repository.storePack(entries);
        break;
      } catch (IOException e) {
        counters.repositoryFailed(e);
        log.atWarn()
            .addKeyValue("attempt", attempt)
            .addKeyValue("chunks", pack.frames.size())
            .addKeyValue("bytes", pack.bytes)
            .addKeyValue("retryMillis", wait)
            .setCause(e)
            .log("pack not stored, trying again; nothing is lost while the log keeps its frames");
        if (closing.await(wait, TimeUnit.MILLISECONDS)) {
          return;
        }
        wait = Math.min(2 * wait, LAST_RETRY_MILLIS);
      }
    }
    stored(pack, started);
  }

  private void stored(OpenPack pack, long started) {
    counters.repositoryReached();
    counters.packs.increment();
    counters.storedBytes.add(pack.bytes);
    log.atDebug()
        .addKeyValue("chunks", pack.frames.size())
        .addKeyValue("bytes", pack.bytes)
        .addKeyValue("millis", Duration.ofNanos(System.nanoTime() - started).toMillis())
        .log("pack stored");
    synchronized (lock) {
      heldBytes -= pack.bytes;
      lock.notifyAll();
    }
    Map<PackClient, List<Long>> byClient = new HashMap<>();
    for (Owner owner : pack.owners) {
      byClient.computeIfAbsent(owner.client(), _ -> new ArrayList<>()).add(owner.offset());
    }
    byClient.forEach(
        (client, offsets) -> client.durable(offsets.stream().mapToLong(Long::longValue).toArray()));
  }
}
