package dev.tidemark.store.counts;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/**
 * Counts since the start of the process. Thread-safe; every number is a sum that only grows, but
 * for the lag of the watermarks.
 */
public final class Counters {
  /** Records of the chunks topic that were read. */
  public final LongAdder frames = new LongAdder();

  /** Their bytes, compressed as they travel. */
  public final LongAdder frameBytes = new LongAdder();

  /** Frames of chunks that were known already. */
  public final LongAdder duplicates = new LongAdder();

  /** Records that are no sound frame of their key; their offsets became holes. */
  public final LongAdder rejectedFrames = new LongAdder();

  /** Pointers whose record was gone when it was to be read again. */
  public final LongAdder lostFrames = new LongAdder();

  /** Chunks that clean-up asked for and that are forgotten. */
  public final LongAdder releasedChunks = new LongAdder();

  public final LongAdder packs = new LongAdder();

  /** Frame bytes in packs that are durable. */
  public final LongAdder storedBytes = new LongAdder();

  public final LongAdder segments = new LongAdder();

  public final LongAdder sealedChanges = new LongAdder();

  /** Changes that were counted in their tree's sequence. */
  public final LongAdder acceptedChanges = new LongAdder();

  /** Changes of fenced writers, behind a gap, or in a wrong partition. */
  public final LongAdder rejectedChanges = new LongAdder();

  /** Records of the changes topic that are no readable change. */
  public final LongAdder undecodableChanges = new LongAdder();

  /**
   * Versions that were sealed as left out, because their bytes were lost and a later version took
   * their place.
   */
  public final LongAdder abandonedVersions = new LongAdder();

  /** How often a tree's sealed lag has passed half of the retention of the chunks topic. */
  public final LongAdder sealedLagAlarms = new LongAdder();

  /** Attempts to reach the repository that failed and are tried again. */
  public final LongAdder repositoryFailures = new LongAdder();

  private final Map<Integer, Long> watermarkLags = new ConcurrentHashMap<>();

  private volatile Optional<String> repositoryError = Optional.empty();

  /** How many offsets of a partition that is owned here are read and not below its watermark. */
  public void watermarkLag(int partition, long offsets) {
    watermarkLags.put(partition, offsets);
  }

  /** The partition is not owned here any more. */
  public void released(int partition) {
    watermarkLags.remove(partition);
  }

  /** Over all partitions that are owned here. */
  public long watermarkLag() {
    return watermarkLags.values().stream().mapToLong(Long::longValue).sum();
  }

  /** The repository could not be reached; shown until it is reached again. */
  public void repositoryFailed(Throwable failure) {
    repositoryFailures.increment();
    repositoryError = Optional.of(failure.toString());
  }

  public void repositoryReached() {
    repositoryError = Optional.empty();
  }

  public Optional<String> repositoryError() {
    return repositoryError;
  }
}
