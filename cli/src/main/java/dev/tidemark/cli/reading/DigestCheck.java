package dev.tidemark.cli.reading;

import dev.tidemark.browse.OpenTree;
import dev.tidemark.browse.TreeReader;
import dev.tidemark.repository.history.At;
import dev.tidemark.schemas.change.NodePath;
import dev.tidemark.schemas.change.TreeName;
import dev.tidemark.schemas.cursor.StandbyStatus;
import dev.tidemark.schemas.tree.EntryStream;
import dev.tidemark.schemas.tree.TreeDigest;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Compares what standbys say they hold with the tree that the log makes, each at the standby's own
 * sequence: the repository and the log have the tree at any. For one thread.
 */
public final class DigestCheck {
  private final TreeReader trees;

  /** What the comparison with the log says of a standby. */
  public enum Verdict {
    EQUAL,
    DIFFERS,
    /** It holds a part of the tree, whose digest is not that of the tree. */
    SUBSET,
    /** One of the two was not to be had. */
    UNKNOWN
  }

  /**
   * One standby's.
   *
   * @param expected the digest of the log's tree at the standby's sequence; empty if unknown
   * @param reason why it is not known; else empty
   */
  public record Result(StandbyStatus standby, Verdict verdict, String expected, String reason) {}

  /** The log's tree at a sequence, or why there is none. */
  private record Expected(String digest, String reason) {}

  public DigestCheck(TreeReader trees) {
    this.trees = trees;
  }

  /**
   * Compares all standbys of a tree. Walks through the tree once for each sequence at which one is.
   */
  public List<Result> check(TreeState state) {
    Map<Long, Expected> known = new HashMap<>();
    List<Result> results = new ArrayList<>();
    for (StandbyStatus standby : state.standbys()) {
      results.add(check(state, standby, known));
    }
    return results;
  }

  private Result check(TreeState state, StandbyStatus standby, Map<Long, Expected> known) {
    if (!standby.subset().isEmpty()) {
      return new Result(standby, Verdict.SUBSET, "", "");
    }
    if (standby.digest().isEmpty()) {
      return unknown(standby, "it has reported none: it is older than this, or has just begun");
    }
    if (!TreeDigest.isComparable(standby.digest())) {
      return unknown(standby, "another version of Tidemark made it");
    }
    Expected expected =
        known.computeIfAbsent(standby.appliedSequence(), at -> find(state.tree(), at));
    if (expected.digest().isEmpty()) {
      return unknown(standby, expected.reason());
    }
    Verdict verdict = expected.digest().equals(standby.digest()) ? Verdict.EQUAL : Verdict.DIFFERS;
    return new Result(standby, verdict, expected.digest(), "");
  }

  private static Result unknown(StandbyStatus standby, String reason) {
    return new Result(standby, Verdict.UNKNOWN, "", reason);
  }

  private Expected find(TreeName tree, long sequence) {
    try {
      OpenTree open = trees.treeAt(tree, new At.Sequence(sequence));
      if (open.sequence() != sequence) {
        return new Expected(
            "",
            "neither repository nor log has the tree at sequence %d, the next one before is %d"
                .formatted(sequence, open.sequence()));
      }
      try (EntryStream entries = open.tree().subtree(NodePath.ROOT)) {
        return new Expected(TreeDigest.of(entries).toString(), "");
      }
    } catch (IOException e) {
      // Told with the standby: the others may be at sequences that can be read.
      String reason = e.getMessage();
      return new Expected("", reason == null ? e.toString() : reason);
    }
  }
}
