package dev.tidemark.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.apply.TestFrames;
import dev.tidemark.schemas.change.Change;
import dev.tidemark.schemas.change.Metadata;
import dev.tidemark.schemas.change.Metadata.FileTime;
import dev.tidemark.schemas.change.Node;
import dev.tidemark.schemas.change.NodePath;
import dev.tidemark.schemas.tree.Tree;
import dev.tidemark.schemas.tree.TreeBase;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

final class DistrustTest {
  private static final FileTime THEN = new FileTime(1_700_000_000, 0);
  private static final FileTime LATER = new FileTime(1_700_000_001, 0);

  private final TestFrames frames = new TestFrames();

  private Node.File file(String text, FileTime time) {
    return frames.file(text.getBytes(StandardCharsets.UTF_8), 0644, time);
  }

  private static Tree tree() throws IOException {
    Tree tree = Tree.on(TreeBase.EMPTY);
    for (String path : new String[] {"", "d", "d/e"}) {
      put(tree, path, new Node.Directory(Metadata.of(0755, 0, 0, THEN)));
    }
    return tree;
  }

  private static void put(Tree tree, String path, Node node) throws IOException {
    tree.apply(new Change.Put(path.isEmpty() ? NodePath.ROOT : NodePath.ofText(path), node));
  }

  @Test
  void aFileOfOtherBytesUnderTheSameSizeAndTimeIsNotTrusted() throws IOException {
    Tree applied = tree();
    put(applied, "d/e/unseen", file("these", THEN));
    put(applied, "d/e/seen", file("these", THEN));
    put(applied, "d/longer", file("these", THEN));
    put(applied, "d/same", file("these", THEN));
    put(applied, "only-applied", file("these", THEN));
    Tree wanted = tree();
    put(wanted, "d/e/unseen", file("other", THEN));
    put(wanted, "d/e/seen", file("other", LATER));
    put(wanted, "d/longer", file("others", THEN));
    put(wanted, "d/same", file("these", THEN));
    put(wanted, "only-wanted", file("these", THEN));

    Distrust distrust =
        Distrust.between(applied.subtree(NodePath.ROOT), wanted.subtree(NodePath.ROOT))
            .orElseThrow();
    distrust.directory(-1, new byte[0], 1);
    distrust.directory(1, name("d"), 7);
    distrust.directory(7, name("e"), 8);
    assertThat(distrust.trusts(8, name("unseen"))).isFalse();
    assertThat(distrust.trusts(8, name("seen"))).isTrue();
    assertThat(distrust.trusts(7, name("longer"))).isTrue();
    assertThat(distrust.trusts(7, name("same"))).isTrue();
    assertThat(distrust.trusts(1, name("only-wanted"))).isTrue();
  }

  private static byte[] name(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
