package dev.tidemark.apply;

import dev.tidemark.apply.Losses.Loss;
import dev.tidemark.schemas.change.NodePath;
import java.util.List;

/**
 * What putting a tree onto a target did.
 *
 * @param filesWritten files whose bytes were written
 * @param othersWritten symlinks, FIFOs and devices that were written
 * @param linked names that were given to inodes written or kept for another name
 * @param kept entries that were right before
 * @param metadataChanged files of which only owner, mode or times were set
 * @param extras entries of the target that the tree has not, those below them not counted
 * @param removed how many of the extras were removed
 * @param bytesReused of those, bytes that an older version in the target had in place
 * @param losses what could not be kept of entries, a line for each kind
 * @param failureCount entries that could not be put
 * @param failures the first {@value #MAX_FAILURES} of them
 */
public record SyncReport(
    long directories,
    long filesWritten,
    long othersWritten,
    long linked,
    long kept,
    long metadataChanged,
    long extras,
    long removed,
    long bytesWritten,
    long bytesReused,
    List<Loss> losses,
    long failureCount,
    List<Failure> failures) {
  public static final int MAX_FAILURES = 1000;

  public SyncReport {
    losses = List.copyOf(losses);
    failures = List.copyOf(failures);
  }

  /** Whether every entry stands in the target, though perhaps with some losses. */
  public boolean isComplete() {
    return failureCount == 0 && losses.stream().noneMatch(loss -> loss.kind().isEntry());
  }

  /** One entry that is not in the target as the tree has it. */
  public record Failure(NodePath path, String reason) {}
}
