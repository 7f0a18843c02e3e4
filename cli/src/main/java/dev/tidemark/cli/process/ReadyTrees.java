package dev.tidemark.cli.process;

import dev.tidemark.cli.process.Progress.TreeProgress;
import dev.tidemark.schemas.change.TreeName;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Notices when a tree becomes ready, and says so once. Owned by one thread. */
public final class ReadyTrees {
  private final Set<TreeName> ready = new HashSet<>();

  /** A line for each tree that has become ready since the last call. */
  public List<String> update(Progress progress) {
    List<String> lines = new ArrayList<>();
    for (TreeProgress tree : progress.trees()) {
      if (tree.isReady() && ready.add(tree.tree())) {
        lines.add(line(tree));
      }
    }
    return lines;
  }

  private static String line(TreeProgress tree) {
    String unreadable =
        tree.watcher().unreadable() == 0
            ? ""
            : "; %s entries could not be read, the last: %s"
                .formatted(Amounts.count(tree.watcher().unreadable()), tree.watcher().lastError());
    return "ready: tree %s at sequence %d%s%s"
        .formatted(
            tree.tree(),
            tree.acceptedSequence(),
            tree.standby().isPresent() ? ", its standby shows all of it" : "",
            unreadable);
  }
}
