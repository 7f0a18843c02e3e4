package dev.tidemark.mirror;

/**
 * Where a mirror stands.
 *
 * @param phase what it is doing
 * @param appliedSequence last one whose effect is visible, 0 if none is
 * @param durableSequence last one that survives a power loss
 * @param lagMillis from the append of the last applied change to its being visible
 * @param digest of the tree at the applied sequence, as {@link
 *     dev.tidemark.schemas.tree.TreeDigest} shows it; empty if it is not known
 * @param error why it stands still, or what is wrong with the tree; empty when all is well
 */
public record MirrorStatus(
    Phase phase,
    long appliedSequence,
    long appliedLogTimeMillis,
    long durableSequence,
    long lagMillis,
    long rejectedChanges,
    String digest,
    String error) {
  /** What a mirror is doing. */
  public enum Phase {
    STARTING,
    /** Comparing the target with the repository or with its own state. */
    SYNCING,
    FOLLOWING,
    /** Standing where it was told to. */
    HELD,
    CLOSED
  }
}
