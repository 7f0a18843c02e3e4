package dev.tidemark.schemas.cursor;

import dev.tidemark.schemas.change.TreeName;
import java.util.List;

/**
 * What a standby reports of itself.
 *
 * @param appliedSequence last one whose effect is visible
 * @param durableSequence last one that survives a power loss
 * @param lagMillis from the append of the last change to its being visible
 * @param error empty when all is well
 * @param reportedAtMillis by the standby's clock
 * @param phase what it is doing, in a word; empty if it does not tell
 * @param command what has become of the newest command that it has taken
 * @param digest of the tree at the applied sequence, as {@link
 *     dev.tidemark.schemas.tree.TreeDigest} shows it; empty if it is not known
 * @param drifted entries found changed by others since the standby's process began
 * @param subset the subtrees that it holds, for display; none if it holds all of the tree
 * @param unheard why no event tells it what others change, which is then found only by looking
 *     through the directory; empty if they do, or none were wanted
 */
public record StandbyStatus(
    TreeName tree,
    String standby,
    String host,
    long appliedSequence,
    long appliedLogTimeMillis,
    long durableSequence,
    long lagMillis,
    String error,
    long reportedAtMillis,
    String phase,
    CommandReport command,
    String digest,
    long drifted,
    List<String> subset,
    String unheard) {
  public StandbyStatus {
    subset = List.copyOf(subset);
  }

  /** The record's key: {@code tree/standby}. */
  public String key() {
    return key(tree, standby);
  }

  /** The key of a standby's records. */
  public static String key(TreeName tree, String standby) {
    return tree + "/" + standby;
  }
}
