package dev.tidemark.restore;

import dev.tidemark.apply.TargetDirectory;
import dev.tidemark.apply.TreeProof;
import dev.tidemark.browse.OpenTree;
import dev.tidemark.browse.TreeReader;
import dev.tidemark.repository.Repository;
import dev.tidemark.repository.history.At;
import dev.tidemark.schemas.change.NodePath;
import dev.tidemark.schemas.tree.EntryStream;
import dev.tidemark.schemas.tree.TreeDigest;
import java.io.IOException;
import java.time.InstantSource;
import java.util.Optional;

/** Proves what a restore has left in its target, and nothing had been in before. */
public final class RestoreProof {
  private RestoreProof() {}

  /**
   * What was proved.
   *
   * @param digest of the history's tree at that instant; empty if only a part was restored
   */
  public record Proof(TreeProof.Report report, Optional<TreeDigest> digest, long millis) {}

  /**
   * Reads all of a target, and compares it with the tree at the sequence that was restored.
   *
   * @param config as it was restored, without a filter
   * @throws java.io.InterruptedIOException if the thread is interrupted
   * @throws IOException if repository, log or target cannot be read
   */
  public static Proof run(RestoreConfig config, RestoreReport restored, Repository repository)
      throws IOException {
    long start = System.nanoTime();
    At at = new At.Sequence(restored.sequence());
    try (TreeReader reader = TreeReader.open(repository, config.log(), InstantSource.system());
        TargetDirectory target = TargetDirectory.open(config.target())) {
      OpenTree open = reader.treeAt(config.tree(), at);
      TreeProof.Expected expected =
          TreeProof.Expected.of(restored.result(), config.options().owners());
      TreeProof.Report report;
      try (Subtree part = Subtree.open(open.tree(), config.path())) {
        report = TreeProof.run(target, part, reader.frames(), expected);
      }
      Optional<TreeDigest> digest =
          config.path().isRoot() ? Optional.of(digest(open)) : Optional.empty();
      return new Proof(report, digest, (System.nanoTime() - start) / 1_000_000);
    }
  }

  private static TreeDigest digest(OpenTree open) throws IOException {
    try (EntryStream entries = open.tree().subtree(NodePath.ROOT)) {
      return TreeDigest.of(entries);
    }
  }
}
