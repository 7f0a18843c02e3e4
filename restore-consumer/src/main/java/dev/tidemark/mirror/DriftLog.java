package dev.tidemark.mirror;

import dev.tidemark.mirror.DriftCheck.Kind;
import dev.tidemark.schemas.change.NodePath;
import dev.tidemark.schemas.change.TreeName;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Logs the first of what others changed in the target, and counts all of it. */
final class DriftLog implements DriftCheck.Listener {
  private static final Logger log = LoggerFactory.getLogger(DriftLog.class);
  private static final int MOST_TOLD = 20;

  private final TreeName tree;
  private long found;

  DriftLog(TreeName tree) {
    this.tree = tree;
  }

  @Override
  public void drifted(NodePath path, Kind kind) {
    found++;
    if (found <= MOST_TOLD) {
      log.atWarn()
          .addKeyValue("tree", tree)
          .addKeyValue("path", path)
          .addKeyValue("changed", kind)
          .log("changed here by somebody else; it will be put right");
    }
  }

  /** How many were found since the last call. */
  long take() {
    long taken = found;
    found = 0;
    return taken;
  }

  boolean isEmpty() {
    return found == 0;
  }
}
