package dev.tidemark.apply;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.schemas.change.Bytes;
import dev.tidemark.schemas.change.Metadata;
import dev.tidemark.schemas.change.Metadata.FileTime;
import dev.tidemark.schemas.change.Node;
import dev.tidemark.schemas.change.NodePath;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Entries that no tree can have, as a forged snapshot may tell of them. */
final class HostileEntriesTest {
  private static final FileTime TIME = new FileTime(1_700_000_000, 5);

  @TempDir Path folder;

  private final TestFrames frames = new TestFrames();

  private Node.File file(String text) {
    return frames.file(text.getBytes(StandardCharsets.UTF_8), 0644, TIME);
  }

  @Test
  void whatStandsBelowASymlinkIsNotWrittenThroughIt() throws Exception {
    Path outside = Files.createDirectory(folder.resolve("outside"));
    Map<NodePath, Node> tree = TestTarget.tree();
    tree.put(NodePath.ROOT, new Node.Directory(Metadata.of(0755, 0, 0, TIME)));
    tree.put(
        NodePath.ofText("link"),
        new Node.Symlink(
            Metadata.of(0777, 0, 0, TIME),
            Bytes.of(outside.toString().getBytes(StandardCharsets.UTF_8))));
    tree.put(NodePath.ofText("link/file"), file("through"));
    tree.put(NodePath.ofText("link/sub"), new Node.Directory(Metadata.of(0755, 0, 0, TIME)));
    tree.put(NodePath.ofText("link/sub/file"), file("through"));
    tree.put(NodePath.ofText("right"), file("right"));

    SyncReport report =
        TestTarget.sync(tree, frames, folder.resolve("target"), SyncOptions.DEFAULT);

    assertThat(report.failures())
        .extracting(failure -> failure.path().toString())
        .containsExactlyInAnyOrder("link/file", "link/sub", "link/sub/file");
    assertThat(outside).isEmptyDirectory();
    assertThat(folder.resolve("target/right")).hasContent("right");
  }

  @Test
  void whatStandsBelowAFileFailsAndTheRestGoesOn() throws Exception {
    Map<NodePath, Node> tree = TestTarget.tree();
    tree.put(NodePath.ROOT, new Node.Directory(Metadata.of(0755, 0, 0, TIME)));
    tree.put(NodePath.ofText("file"), file("file"));
    tree.put(NodePath.ofText("file/below"), file("below"));
    tree.put(NodePath.ofText("later"), file("later"));

    SyncReport report =
        TestTarget.sync(tree, frames, folder.resolve("target"), SyncOptions.DEFAULT);

    assertThat(report.failureCount()).isEqualTo(1);
    assertThat(folder.resolve("target/file")).hasContent("file");
    assertThat(folder.resolve("target/later")).hasContent("later");
  }
}
