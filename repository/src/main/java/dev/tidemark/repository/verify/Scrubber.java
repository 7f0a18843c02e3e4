package dev.tidemark.repository.verify;

import dev.tidemark.repository.blob.BlobMissingException;
import dev.tidemark.repository.blob.BlobStore;
import dev.tidemark.repository.blob.CorruptBlobException;
import dev.tidemark.repository.pack.PackId;
import dev.tidemark.repository.pack.PackReader;
import java.io.IOException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads and proves every pack of a repository over and over, each once in a cycle: so that bytes
 * that a disk has lost are found while another copy, the log or the source still has them.
 *
 * <p>A cycle has 256 slices, one for each first byte of a pack's hash. A slice lists one folder,
 * and reads its packs evenly over its time. How far it has come is kept in a file, so that a
 * restart goes on there. Thread-safe.
 */
public final class Scrubber implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Scrubber.class);
  private static final int SLICES = 256;

  /**
   * Where it stands.
   *
   * @param slices of the cycle that are done, of 256
   * @param packs read since the start of the process
   * @param bytes of them
   * @param damaged packs found damaged since the start of the process, at most 1,000
   * @param error why the last pass over a slice ended early; empty if it did not
   */
  public record Status(int slices, long packs, long bytes, List<PackId> damaged, String error) {
    public Status {
      damaged = List.copyOf(damaged);
    }

    /** A few words for people. */
    public String describe() {
      return "scrubbed %d %%%s%s"
          .formatted(
              slices * 100 / SLICES,
              damaged.isEmpty() ? "" : ", %d PACKS DAMAGED".formatted(damaged.size()),
              error.isEmpty() ? "" : ", scrub: " + error);
    }
  }

  private static final int MAX_DAMAGED = 1_000;

  private final BlobStore store;
  private final Path position;
  private final Duration cycle;
  private final PackReader packs;
  private final CountDownLatch closing = new CountDownLatch(1);
  private final CompletableFuture<Void> failure = new CompletableFuture<>();
  private final Thread thread;
  private final TreeSet<PackId> damaged = new TreeSet<>();
  private int slice;
  private long read;
  private long bytes;
  private String error = "";

  private Scrubber(BlobStore store, Path position, Duration cycle) throws IOException {
    this.store = store;
    this.position = position;
    this.cycle = cycle;
    this.packs = new PackReader(store);
    this.slice = readPosition(position);
    this.thread = Thread.ofPlatform().daemon().name("tidemark-scrub").unstarted(this::run);
  }

  /**
   * Begins.
   *
   * @param store of the repository; owned from now on
   * @param position the file in which is kept how far the cycle has come
   * @param cycle in which every pack is read once
   */
  public static Scrubber start(BlobStore store, Path position, Duration cycle) throws IOException {
    if (cycle.isNegative() || cycle.isZero()) {
      throw new IllegalArgumentException("a cycle of %s: expected more than none".formatted(cycle));
    }
    Scrubber scrubber = new Scrubber(store, position, cycle);
    scrubber.thread.start();
    return scrubber;
  }

  private static int readPosition(Path position) throws IOException {
    try {
      return Math.floorMod(Integer.parseInt(Files.readString(position).strip()), SLICES);
    } catch (NoSuchFileException | NumberFormatException _) {
      // It says where to begin; any place will do.
      return 0;
    }
  }

  private void writePosition(int done) throws IOException {
    Path next = position.resolveSibling(position.getFileName() + ".new");
    Files.writeString(next, done + "\n");
    try {
      Files.move(next, position, StandardCopyOption.ATOMIC_MOVE);
    } catch (AtomicMoveNotSupportedException _) {
      Files.move(next, position, StandardCopyOption.REPLACE_EXISTING);
    }
  }

  /** A reading of numbers that change all the time. */
  public synchronized Status status() {
    return new Status(slice, read, bytes, List.copyOf(damaged), error);
  }

  private void run() {
    try {
      while (!isClosing(Duration.ZERO)) {
        pass();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException | Error e) {
      failure.completeExceptionally(e);
    }
  }

  /** Completes, with the reason, only if it ends by a defect of its own. */
  public CompletableFuture<Void> failure() {
    return failure.copy();
  }

  private boolean isClosing(Duration wait) throws InterruptedException {
    return closing.await(wait.toNanos(), TimeUnit.NANOSECONDS);
  }

  /**
   * One slice; whatever becomes of it takes its time, so that a store that is away is not hurried.
   */
  private void pass() throws InterruptedException {
    Duration time = cycle.dividedBy(SLICES);
    long end = System.nanoTime() + time.toNanos();
    int current = status().slices();
    String reason = "";
    try {
      List<PackId> there = new ArrayList<>();
      store.list(
          "%s%02x/".formatted(PackId.FOLDER, current),
          status -> PackId.find(status.name()).ifPresent(there::add));
      for (PackId pack : there) {
        check(pack);
        if (isClosing(time.dividedBy(there.size() + 1L))) {
          return;
        }
      }
      writePosition((current + 1) % SLICES);
      advance(current);
    } catch (IOException e) {
      reason = String.valueOf(e.getMessage());
    }
    failed(reason);
    isClosing(Duration.ofNanos(Math.max(0, end - System.nanoTime())));
  }

  private synchronized void advance(int done) {
    slice = (done + 1) % SLICES;
    if (slice == 0) {
      log.atInfo()
          .addKeyValue("packs", read)
          .addKeyValue("damaged", damaged.size())
          .log("every pack has been read once more");
    }
  }

  private synchronized void failed(String reason) {
    if (!reason.isEmpty() && !reason.equals(error)) {
      log.atWarn()
          .addKeyValue("reason", reason)
          .log("scrubbing is interrupted; it goes on by itself");
    }
    error = reason;
  }

  private void check(PackId pack) throws IOException {
    long length = 0;
    Optional<String> damage = Optional.empty();
    try {
      length = store.length(pack.blobName()).orElse(0);
      PackCheck.prove(packs, pack);
    } catch (CorruptBlobException e) {
      damage = Optional.of(String.valueOf(e.getMessage()));
    } catch (BlobMissingException deletedMeanwhile) {
      return;
    }
    count(pack, length, damage);
  }

  private synchronized void count(PackId pack, long length, Optional<String> damage) {
    read++;
    bytes += length;
    if (damage.isEmpty()) {
      damaged.remove(pack);
    } else if (damaged.size() < MAX_DAMAGED && damaged.add(pack)) {
      log.atError()
          .addKeyValue("pack", pack.blobName())
          .addKeyValue("reason", damage.get())
          .log(
              "pack is damaged; `tidemark verify` tells what it touches, `tidemark repair` mends"
                  + " it");
    }
  }

  @Override
  public void close() throws IOException {
    closing.countDown();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      store.close();
    }
  }
}
