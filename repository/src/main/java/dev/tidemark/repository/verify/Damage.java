package dev.tidemark.repository.verify;

import dev.tidemark.schemas.change.NodePath;
import dev.tidemark.schemas.change.TreeName;
import java.util.List;

/**
 * One thing that is wrong.
 *
 * @param subject the blob's name, or {@code chunk <id>} for a chunk that is in no pack, or {@code
 *     trees/<tree>} for a log
 * @param what with the remedy
 * @param touches the first paths and instants that cannot be restored because of it; empty if all
 *     can
 * @param touchCount how many there are in all
 */
public record Damage(String subject, String what, List<Touch> touches, long touchCount) {
  public Damage {
    touches = List.copyOf(touches);
  }

  /**
   * A version of a file that cannot be restored.
   *
   * @param sequence of the change or the snapshot that holds this version
   * @param logTimeMillis its effective log time
   */
  public record Touch(TreeName tree, NodePath path, long sequence, long logTimeMillis) {}
}
