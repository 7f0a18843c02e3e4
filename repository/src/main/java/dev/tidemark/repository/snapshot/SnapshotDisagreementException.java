package dev.tidemark.repository.snapshot;

import java.io.IOException;

/** Two makers of a snapshot of one sequence saw different trees. */
public final class SnapshotDisagreementException extends IOException {
  SnapshotDisagreementException(String place, SnapshotInfo there, SnapshotInfo ours) {
    super(
        ("Snapshot at %s holds %d entries at log time %d; the log up to change %d of tree %s gives"
             + " %d entries at log time %d. The log before it or the snapshot is not this tree's:"
             + " move the snapshot's file out of the repository, and the next one is made from the"
             + " log.")
            .formatted(
                place,
                there.entries(),
                there.logTimeMillis(),
                ours.sequence(),
                ours.tree(),
                ours.entries(),
                ours.logTimeMillis()));
  }
}
