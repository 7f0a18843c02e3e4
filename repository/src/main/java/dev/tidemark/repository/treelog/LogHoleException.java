package dev.tidemark.repository.treelog;

import dev.tidemark.schemas.change.TreeName;
import java.io.IOException;

/** A sequence that must exist is in no segment. */
public final class LogHoleException extends IOException {
  private final long firstMissing;

  LogHoleException(TreeName tree, String place, long firstMissing, long next) {
    super(
        ("Changes %d to %d of tree %s are missing under %s. `tidemark repair` makes them again"
             + " while Kafka has them; else copy the missing segment files back from another copy"
             + " of the repository. Instants before change %d can still be restored with `tidemark"
             + " restore --at`.")
            .formatted(firstMissing, next - 1, tree, place, firstMissing));
    this.firstMissing = firstMissing;
  }

  public long firstMissing() {
    return firstMissing;
  }
}
