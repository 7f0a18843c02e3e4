package dev.tidemark.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.schemas.change.NodePath;
import dev.tidemark.schemas.tree.TreeDigest;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.Test;

final class StatusBoardTest {
  private final StatusBoard board = new StatusBoard(InstantSource.system());

  /** The state's digest is of the whole tree, whatever stands in the target. */
  @Test
  void onlyATargetThatHoldsAllOfTheTreeHasItsDigest() {
    board.held(7, 1_000, 7, TreeDigest.EMPTY);
    assertThat(board.digest()).isEqualTo(TreeDigest.EMPTY.toString()).isNotEmpty();

    Subset part = Subset.of(List.of(NodePath.ofText("pages")));
    board.subset(part, false);
    assertThat(board.digest()).isEmpty();

    board.subset(Subset.ALL, true);
    assertThat(board.digest()).isEmpty();
    assertThat(board.subset()).isEqualTo(Subset.ALL);

    board.subset(Subset.ALL, false);
    assertThat(board.digest()).isNotEmpty();
  }
}
