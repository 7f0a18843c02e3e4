package dev.tidemark.cli.argument;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.schemas.change.TreeName;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

final class TreeFolderTest {
  private static final List<TreeFolder> ONE = TreeFolder.parseAll(List.of("web=/srv/web"));
  private static final List<TreeFolder> TWO =
      TreeFolder.parseAll(List.of("web=/srv/web", "db=/srv/db"));

  @Test
  void theNameEndsAtTheFirstEqualsSign() {
    assertThat(TreeFolder.parse("web=/srv/a=b"))
        .isEqualTo(new TreeFolder(new TreeName("web"), Path.of("/srv/a=b")));
  }

  @Test
  void aMalformedNameIsRefusedWithTheRule() {
    assertThatThrownBy(() -> TreeFolder.parse("Web!=/srv/web"))
        .isInstanceOf(ArgumentException.class)
        .hasMessage(
            "tree name \"Web!\": expected 1 to 63 of a-z, 0-9, '.', '_', '-', beginning with a"
                + " letter or digit");
  }

  @Test
  void aMissingNameOrFolderIsRefused() {
    assertThatThrownBy(() -> TreeFolder.parse("/srv/web"))
        .hasMessageContaining("expected TREE=DIR");
    assertThatThrownBy(() -> TreeFolder.parse("web=")).hasMessageContaining("expected TREE=DIR");
  }

  @Test
  void aTreeGivenTwiceIsRefused() {
    assertThatThrownBy(() -> TreeFolder.parseAll(List.of("web=/a", "web=/b")))
        .hasMessageContaining("tree web is given twice");
  }

  @Test
  void theStandbyOfTheOnlyTreeNeedsNoName() {
    assertThat(TreeFolder.parseStandbys(List.of("/mnt/web"), ONE))
        .containsExactly(new TreeFolder(new TreeName("web"), Path.of("/mnt/web")));
    assertThat(TreeFolder.parseStandbys(List.of("web=/mnt/web"), ONE))
        .containsExactly(new TreeFolder(new TreeName("web"), Path.of("/mnt/web")));
    assertThat(TreeFolder.parseStandbys(List.of("/mnt/a=b"), ONE))
        .containsExactly(new TreeFolder(new TreeName("web"), Path.of("/mnt/a=b")));
  }

  @Test
  void amongSeveralTreesAStandbyNamesItsOwn() {
    assertThat(TreeFolder.parseStandbys(List.of("db=/mnt/db"), TWO))
        .containsExactly(new TreeFolder(new TreeName("db"), Path.of("/mnt/db")));
    assertThatThrownBy(() -> TreeFolder.parseStandbys(List.of("/mnt/db"), TWO))
        .hasMessageContaining("one of the trees [web, db]");
    assertThatThrownBy(() -> TreeFolder.parseStandbys(List.of("mail=/mnt/mail"), ONE))
        .hasMessageContaining("one of the trees [web]");
  }
}
