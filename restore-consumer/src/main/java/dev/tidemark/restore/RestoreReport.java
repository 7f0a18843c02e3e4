package dev.tidemark.restore;

import dev.tidemark.apply.SyncReport;
import dev.tidemark.schemas.change.TreeName;

/**
 * What a restore did.
 *
 * @param sequence of the last change in the restored tree
 * @param logTimeMillis effective log time of that change
 * @param completeToMillis everything logged up to this time, and wanted, is in it
 * @param unsealedChanges how many of its changes came out of the log
 */
public record RestoreReport(
    TreeName tree,
    long sequence,
    long logTimeMillis,
    long completeToMillis,
    long unsealedChanges,
    SyncReport result,
    long millis) {
  /** Whether every entry of the tree is in the target. */
  public boolean isComplete() {
    return result.isComplete();
  }
}
