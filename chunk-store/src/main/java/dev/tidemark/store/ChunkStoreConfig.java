package dev.tidemark.store;

import dev.tidemark.log.LogConnection;
import dev.tidemark.log.access.RoleRights;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Settings of one chunk-store process.
 *
 * @param log the log and the prefix of its topics; the application id is that prefix with {@code
 *     store}
 * @param repositoryUrl where the repository is or is to be made
 * @param stateFolder of this process alone; losing it costs a longer start
 * @param flushInterval longest time a frame or sealable change waits for others to share its pack
 *     or segment; default 10 s
 * @param packBytes frame bytes of a full pack; default 16 MiB, 64 KiB to 64 MiB
 * @param streamThreads default 2; more than partitions are of no use
 * @param uploads packs in flight at once; default 4
 * @param heldFrameBytes bound of the frames waiting for a pack or in flight; default six packs, at
 *     least two
 * @param inputBytes bound, roughly, of the records read but not processed; default 64 MiB
 * @param unsealedBytes bound of the changes held in memory until they are sealed; past it they are
 *     read again; default 32 MiB
 * @param standbyReplicas copies of the state kept ready in other processes; default 0
 * @param internalReplication copies of the application's own topics; −1, the default, leaves it to
 *     the broker
 * @param snapshotInterval least time between two looks whether a snapshot is due; default 5 s
 */
public record ChunkStoreConfig(
    LogConnection log,
    String repositoryUrl,
    Path stateFolder,
    Duration flushInterval,
    int packBytes,
    int streamThreads,
    int uploads,
    long heldFrameBytes,
    long inputBytes,
    long unsealedBytes,
    int standbyReplicas,
    int internalReplication,
    Duration snapshotInterval) {
  private static final int MIN_PACK_BYTES = 64 << 10;
  private static final int MAX_PACK_BYTES = 64 << 20;

  public ChunkStoreConfig {
    List<String> faults = new ArrayList<>();
    require(
        faults,
        !flushInterval.isNegative(),
        "flush interval " + flushInterval + ": expected 0 or more");
    require(
        faults,
        packBytes >= MIN_PACK_BYTES && packBytes <= MAX_PACK_BYTES,
        "pack of %d bytes: expected %d to %d".formatted(packBytes, MIN_PACK_BYTES, MAX_PACK_BYTES));
    require(
        faults,
        streamThreads >= 1,
        "stream threads %d: expected at least 1".formatted(streamThreads));
    require(faults, uploads >= 1, "uploads %d: expected at least 1".formatted(uploads));
    require(
        faults,
        heldFrameBytes >= 2L * packBytes,
        "held frames of %d bytes: expected at least two packs, %d"
            .formatted(heldFrameBytes, 2L * packBytes));
    require(
        faults,
        inputBytes >= 4 << 20,
        "input of %d bytes: expected at least 4 MiB".formatted(inputBytes));
    require(
        faults,
        unsealedBytes >= 1 << 20,
        "unsealed changes of %d bytes: expected at least 1 MiB".formatted(unsealedBytes));
    require(
        faults,
        standbyReplicas >= 0,
        "standby replicas %d: expected 0 or more".formatted(standbyReplicas));
    require(
        faults,
        internalReplication == -1 || internalReplication >= 1,
        "internal replication %d: expected -1 or at least 1".formatted(internalReplication));
    if (!faults.isEmpty()) {
      throw new IllegalArgumentException("chunk-store: " + String.join("; ", faults));
    }
  }

  private static void require(List<String> faults, boolean holds, String fault) {
    if (!holds) {
      faults.add(fault);
    }
  }

  /** All defaults. */
  public static ChunkStoreConfig of(LogConnection log, String repositoryUrl, Path stateFolder) {
    int pack = 16 << 20;
    return new ChunkStoreConfig(
        log,
        repositoryUrl,
        stateFolder,
        Duration.ofSeconds(10),
        pack,
        2,
        4,
        6L * pack,
        64 << 20,
        32 << 20,
        0,
        -1,
        Duration.ofSeconds(5));
  }

  public ChunkStoreConfig withFlushInterval(Duration interval) {
    return new ChunkStoreConfig(
        log,
        repositoryUrl,
        stateFolder,
        interval,
        packBytes,
        streamThreads,
        uploads,
        heldFrameBytes,
        inputBytes,
        unsealedBytes,
        standbyReplicas,
        internalReplication,
        snapshotInterval);
  }

  /** Packs of another size; the bound on held frames becomes six of them. */
  public ChunkStoreConfig withPackBytes(int bytes) {
    return new ChunkStoreConfig(
        log,
        repositoryUrl,
        stateFolder,
        flushInterval,
        bytes,
        streamThreads,
        uploads,
        6L * bytes,
        inputBytes,
        unsealedBytes,
        standbyReplicas,
        internalReplication,
        snapshotInterval);
  }

  public ChunkStoreConfig withUnsealedBytes(long bytes) {
    return new ChunkStoreConfig(
        log,
        repositoryUrl,
        stateFolder,
        flushInterval,
        packBytes,
        streamThreads,
        uploads,
        heldFrameBytes,
        inputBytes,
        bytes,
        standbyReplicas,
        internalReplication,
        snapshotInterval);
  }

  public ChunkStoreConfig withStreamThreads(int threads) {
    return new ChunkStoreConfig(
        log,
        repositoryUrl,
        stateFolder,
        flushInterval,
        packBytes,
        threads,
        uploads,
        heldFrameBytes,
        inputBytes,
        unsealedBytes,
        standbyReplicas,
        internalReplication,
        snapshotInterval);
  }

  /** The same with another least time between two looks whether a snapshot is due. */
  public ChunkStoreConfig withSnapshotInterval(Duration interval) {
    return new ChunkStoreConfig(
        log,
        repositoryUrl,
        stateFolder,
        flushInterval,
        packBytes,
        streamThreads,
        uploads,
        heldFrameBytes,
        inputBytes,
        unsealedBytes,
        standbyReplicas,
        internalReplication,
        interval);
  }

  public ChunkStoreConfig withStandbyReplicas(int standbys) {
    return withCopies(standbys, internalReplication);
  }

  /** For several processes and brokers: how often state and the application's topics are copied. */
  public ChunkStoreConfig withCopies(int standbys, int replication) {
    return new ChunkStoreConfig(
        log,
        repositoryUrl,
        stateFolder,
        flushInterval,
        packBytes,
        streamThreads,
        uploads,
        heldFrameBytes,
        inputBytes,
        unsealedBytes,
        standbys,
        replication,
        snapshotInterval);
  }

  /**
   * Kafka's id of the application: its consumer group, and the beginning of its own topics' names.
   */
  public String applicationId() {
    return applicationId(log);
  }

  /** The same for any chunk-store on that log. */
  public static String applicationId(LogConnection log) {
    return RoleRights.storeApplication(log.topicPrefix());
  }
}
