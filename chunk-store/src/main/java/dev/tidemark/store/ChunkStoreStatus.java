package dev.tidemark.store;

import dev.tidemark.schemas.change.TreeName;
import dev.tidemark.schemas.cursor.Fault;
import dev.tidemark.store.catalogue.TreeStates.Age;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What one process has done since it started, and how its trees stand.
 *
 * @param state Kafka Streams' own word for it, such as RUNNING or REBALANCING
 * @param frames read from the log, duplicates and rejected ones included
 * @param frameBytes of them, compressed
 * @param duplicates frames of known chunks
 * @param rejected records that were no sound frame, and frames that were gone when they were needed
 * @param packs durable
 * @param storedBytes frame bytes in them
 * @param segments durable
 * @param sealedChanges in them
 * @param rejectedChanges of fenced writers, behind gaps, or in wrong partitions
 * @param undecodableChanges records that are no readable change
 * @param abandonedVersions file versions left out of the history because their bytes were lost
 * @param watermarkLag frames that were read and are not below the watermark of their partition
 * @param repositoryError why the repository cannot be reached; empty while it can
 * @param snapshotError why the last snapshot was not made; empty if it was
 * @param trees those whose partitions this process owns
 */
public record ChunkStoreStatus(
    String state,
    long frames,
    long frameBytes,
    long duplicates,
    long rejected,
    long packs,
    long storedBytes,
    long segments,
    long sealedChanges,
    long rejectedChanges,
    long undecodableChanges,
    long abandonedVersions,
    long watermarkLag,
    Optional<String> repositoryError,
    Optional<String> snapshotError,
    Map<TreeName, TreeStatus> trees) {
  /**
   * How far one tree is sealed.
   *
   * @param lagMillis log time between the last accepted and the last sealed change; 0 if all is
   *     sealed
   * @param unsealedMillis age of the oldest accepted change that is not sealed; 0 if all are
   * @param unsealedSinceMillis its log time; 0 if all are sealed
   * @param acceptedLogTimeMillis of the last accepted change
   * @param sealedLogTimeMillis of the last sealed one
   * @param heardMillis log time of the writer's last sign of life; 0 before the first
   * @param rejected records of fenced writers
   * @param repeated records that were there already
   * @param gapped records behind a gap
   * @param scan whether the log stands within a scan of the whole tree
   * @param age whether somebody must act because of that
   * @param fault why it does not go on, of acceptance or else of sealing
   */
  public record TreeStatus(
      long acceptedSequence,
      long sealedSequence,
      long lagMillis,
      long unsealedMillis,
      long unsealedSinceMillis,
      long acceptedLogTimeMillis,
      long sealedLogTimeMillis,
      long heardMillis,
      long rejected,
      long repeated,
      long gapped,
      Scan scan,
      Age age,
      Fault fault) {
    /** Whether the writer is comparing its whole tree. */
    public enum Scan {
      NONE,
      /** Until its end there may be differences that nobody has found yet. */
      OPEN
    }

    /**
     * The repository holds all that the tree's writer is known to have had at this time. A writer
     * that was heard of had sent everything before.
     */
    public long freshMillis() {
      if (!fault.isNone()) {
        return sealedLogTimeMillis;
      }
      if (lagChanges() == 0) {
        return Math.max(heardMillis, sealedLogTimeMillis);
      }
      // Between its acceptance and the first look at its age a change is that old.
      return unsealedSinceMillis == 0 ? acceptedLogTimeMillis : unsealedSinceMillis;
    }

    /** Changes that are accepted and not sealed. */
    public long lagChanges() {
      return acceptedSequence - sealedSequence;
    }
  }

  /** What somebody must act on: bytes that only the log holds, and will not hold much longer. */
  public Optional<String> alarm() {
    List<String> late = new ArrayList<>();
    trees.forEach(
        (tree, status) -> {
          if (status.age() == Age.LATE) {
            late.add(
                "tree %s has changes of %d hours ago that are not sealed"
                    .formatted(tree, Duration.ofMillis(status.unsealedMillis()).toHours()));
          }
        });
    return late.isEmpty()
        ? Optional.empty()
        : Optional.of(
            String.join(", ", late)
                + ": past half of the retention of chunks, see `tidemark doctor`");
  }
}
