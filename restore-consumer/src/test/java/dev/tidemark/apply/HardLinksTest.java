package dev.tidemark.apply;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tidemark.schemas.change.Bytes;
import dev.tidemark.schemas.change.Extent;
import dev.tidemark.schemas.change.FramePosition;
import dev.tidemark.schemas.change.Metadata;
import dev.tidemark.schemas.change.Metadata.FileTime;
import dev.tidemark.schemas.change.Node;
import dev.tidemark.schemas.change.NodePath;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HardLinksTest {
  private static final FileTime TIME = new FileTime(1_700_000_000, 123_456_789);

  @TempDir Path folder;
  private final TestFrames frames = new TestFrames();
  private final Map<NodePath, Node> tree = TestTarget.tree();

  @BeforeEach
  void ownersCanBeSet() throws Exception {
    assumeTrue(
        Files.getAttribute(Path.of("/proc/self/status"), "unix:uid").equals(0),
        "only root can give files to other owners");
    put("", new Node.Directory(Metadata.of(0755, 0, 0, TIME)));
    put("d", new Node.Directory(Metadata.of(0755, 0, 0, TIME)));
  }

  private void put(String path, Node node) {
    tree.put(path.isEmpty() ? NodePath.ROOT : NodePath.ofText(path), node);
  }

  private Path target(String path) {
    return folder.resolve("target").resolve(path);
  }

  private static Metadata linked(long group) {
    return new Metadata(0644, 1, 2, "", "", TIME, List.of(), group);
  }

  private Node.File file(String text, long group) {
    return new Node.File(linked(group), frames.content(text.getBytes(StandardCharsets.UTF_8)));
  }

  private SyncReport sync() throws Exception {
    return TestTarget.sync(tree, frames, target(""), SyncOptions.DEFAULT);
  }

  private long inode(String path) throws Exception {
    return TestTarget.inode(target(path));
  }

  @Test
  void namesOfOneInodeAreOneInodeWhateverTheyAre() throws Exception {
    for (String name : List.of("a", "b", "d/c", "z")) {
      put(name, file("shared", 7));
      put(name + "-link", new Node.Symlink(linked(8), Bytes.ofText("x")));
      put(name + "-fifo", new Node.Fifo(linked(9)));
    }
    byte[] large = new byte[9 << 20];
    new Random(1).nextBytes(large);
    for (String name : List.of("large", "d/large", "large2")) {
      put(name, new Node.File(linked(10), frames.content(large)));
    }

    SyncReport report = sync();

    for (String kind : List.of("", "-link", "-fifo")) {
      assertThat(TestTarget.links(target("a" + kind))).isEqualTo(4);
      assertThat(inode("d/c" + kind)).isEqualTo(inode("a" + kind));
    }
    assertThat(TestTarget.links(target("large"))).isEqualTo(3);
    assertThat(report.filesWritten()).isEqualTo(2);
    assertThat(report.linked()).isEqualTo(11);
    assertThat(TargetCompare.describe(target("")).get(NodePath.ofText("d")))
        .contains("time 1700000000.123456789");
    assertThat(sync().kept()).isEqualTo(15);
  }

  @Test
  void equalNodesWithFramesInOtherPlacesAreOneInodeAndUnequalOnesAreNot() throws Exception {
    Node.File file = file("shared", 7);
    put("a", file);
    Extent.Chunk chunk = (Extent.Chunk) file.content().extents().getFirst();
    var moved = new Extent.Chunk(chunk.id(), chunk.plainBytes(), new FramePosition(3, 4711));
    put(
        "b",
        new Node.File(
            file.metadata(),
            new dev.tidemark.schemas.change.Content(file.content().size(), List.of(moved), false)));
    put("c", file("another", 7));
    put("d/d", file("shared", 8));
    put("e", file("shared", 0));
    sync();

    assertThat(inode("b")).isEqualTo(inode("a"));
    assertThat(TestTarget.links(target("a"))).isEqualTo(2);
    for (String single : List.of("c", "d/d", "e")) {
      assertThat(TestTarget.links(target(single))).as(single).isEqualTo(1);
    }
  }

  @Test
  void wrongLinkageOfTheTargetIsMended() throws Exception {
    put("a", file("shared", 7));
    put("b", file("shared", 7));
    put("x", file("single", 0));
    put("y", file("single", 0));
    sync();
    Files.delete(target("b"));
    String unused =
        TestTarget.run("cp", "-p", target("a").toString(), target("b").toString()).output();
    Files.delete(target("y"));
    Files.createLink(target("y"), target("x"));
    assertThat(inode("b")).isNotEqualTo(inode("a"));

    SyncReport report = sync();

    assertThat(inode("b")).isEqualTo(inode("a"));
    assertThat(inode("y")).isNotEqualTo(inode("x"));
    assertThat(report.linked()).isEqualTo(1);
    assertThat(report.filesWritten()).isEqualTo(1);
    assertThat(sync().kept()).isEqualTo(4);
  }

  @Test
  void metadataIsNotChangedUnderANameOutsideOfTheTree() throws Exception {
    put("a", file("a", 0));
    sync();
    Files.createLink(folder.resolve("outside"), target("a"));
    Files.setAttribute(folder.resolve("outside"), "unix:mode", 0600);

    sync();

    assertThat(Files.getAttribute(folder.resolve("outside"), "unix:mode")).isEqualTo(0100600);
    assertThat(Files.getAttribute(target("a"), "unix:mode")).isEqualTo(0100644);
  }

  @Test
  void anotherNameLeadsWhereTheFirstCannotBePut() throws Exception {
    // A tree of its own, so that the names wait for one another.
    List<String> names = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      names.add("n" + (100 + i));
      put(names.getLast(), file("shared", 7));
    }
    AtomicInteger asked = new AtomicInteger();
    FrameSource failsTwice =
        wanted -> asked.incrementAndGet() <= 2 ? Map.of() : frames.read(wanted);

    SyncReport report = TestTarget.sync(tree, failsTwice, target(""), SyncOptions.DEFAULT);

    assertThat(report.failureCount()).isEqualTo(1);
    assertThat(TestTarget.links(target(names.getLast()))).isEqualTo(49);
    assertThat(sync().isComplete()).isTrue();
    assertThat(TestTarget.links(target(names.getFirst()))).isEqualTo(50);
  }
}
