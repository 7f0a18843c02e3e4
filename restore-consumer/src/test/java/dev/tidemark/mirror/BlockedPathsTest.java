package dev.tidemark.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.schemas.change.NodePath;
import org.junit.jupiter.api.Test;

final class BlockedPathsTest {
  private static NodePath path(String text) {
    return NodePath.ofText(text);
  }

  @Test
  void aPathCoversWhatIsBelowItAndNothingElse() {
    BlockedPaths blocked = BlockedPaths.none();
    blocked.add(path("a/b/c"));
    blocked.add(path("a/b"));
    blocked.add(path("a/b/d"));

    assertThat(blocked.all()).containsExactly(path("a/b"));
    assertThat(blocked.covers(path("a/b/c/d"))).isTrue();
    assertThat(blocked.covers(path("a"))).isFalse();
    assertThat(blocked.covers(path("a/bc"))).isFalse();
  }

  @Test
  void pathsGoWhereTheirDirectoriesGo() {
    BlockedPaths blocked = BlockedPaths.none();
    blocked.add(path("a/x"));
    blocked.add(path("b/y"));

    blocked.exchange(path("a"), path("b"));
    assertThat(blocked.all()).containsExactly(path("a/y"), path("b/x"));

    blocked.move(path("a"), path("b"));
    assertThat(blocked.all()).containsExactly(path("b/y"));

    blocked.dropBelow(path("b"));
    assertThat(blocked.isEmpty()).isTrue();
  }

  @Test
  void whatWasWrittenIsReadAgainAndWhatWasNotIsRolledBack() throws Exception {
    BlockedPaths blocked = BlockedPaths.none();
    blocked.add(path("a/x"));
    blocked.add(NodePath.of(new byte[] {(byte) 0xff, 'b'}));
    blocked.committed();

    BlockedPaths read = BlockedPaths.decode(blocked.encode());
    assertThat(read.all()).isEqualTo(blocked.all());
    assertThat(read.isChanged()).isFalse();

    read.dropAt(path("a"));
    assertThat(read.isChanged()).isTrue();
    read.rollBack();
    assertThat(read.all()).isEqualTo(blocked.all());
  }
}
