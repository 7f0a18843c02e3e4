package dev.tidemark.watcher;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.schemas.change.Change;
import dev.tidemark.schemas.change.Node;
import dev.tidemark.watcher.state.PublishedTree.SharedInode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * Names of one inode are published alike. That the log's link groups are those of the folder is
 * part of each comparison.
 */
@ExtendWith(SharedLog.class)
class HardLinkTest {
  @TempDir Path folder;
  private final TestLog log;

  HardLinkTest(TestLog log) {
    this.log = log;
  }

  private WatchedTree tree(String name) throws Exception {
    return new WatchedTree(log, folder, name);
  }

  private static byte[] random(int length) {
    byte[] bytes = new byte[length];
    new Random(length).nextBytes(bytes);
    return bytes;
  }

  private static void link(WatchedTree tree, String name, String existing) throws IOException {
    Files.createDirectories(tree.path(name).getParent());
    Files.createLink(tree.path(name), tree.path(existing));
  }

  private static long group(WatchedTree tree, String name) throws IOException {
    return tree.view.find(name).orElseThrow().metadata().linkGroup();
  }

  @Test
  void groupsAcrossDirectoriesAreMadeBrokenAndMadeAgain() throws Exception {
    try (WatchedTree tree = tree("links").start()) {
      tree.write("a/one", "text");
      tree.awaitIdentical();
      assertThat(group(tree, "a/one")).isZero();

      link(tree, "b/two", "a/one");
      link(tree, "c/three", "a/one");
      tree.awaitIdentical();
      assertThat(group(tree, "a/one")).isNotZero().isEqualTo(group(tree, "c/three"));

      // A copy over one name breaks it off.
      Files.move(
          tree.write("tmp", "another"), tree.path("b/two"), StandardCopyOption.REPLACE_EXISTING);
      tree.awaitIdentical();
      assertThat(group(tree, "b/two")).isZero();

      Files.delete(tree.path("c/three"));
      tree.awaitIdentical();
      assertThat(group(tree, "a/one")).isZero();

      Files.delete(tree.path("b/two"));
      link(tree, "b/two", "a/one");
      tree.awaitIdentical();
      assertThat(group(tree, "b/two")).isEqualTo(group(tree, "a/one"));
    }
  }

  @Test
  void whatIsDoneThroughOneNameReachesAll() throws Exception {
    try (WatchedTree tree = tree("through-one")) {
      tree.write("a", "text");
      for (int i = 0; i < 5; i++) {
        link(tree, "d" + i + "/b", "a");
      }
      tree.start();
      tree.awaitIdentical();

      Files.writeString(tree.path("d1/b"), " and more", StandardOpenOption.APPEND);
      tree.awaitIdentical();
      Files.setPosixFilePermissions(
          tree.path("d2/b"), PosixFilePermissions.fromString("rwxr-x---"));
      tree.awaitIdentical();
      Files.setAttribute(tree.path("d3/b"), "user:note", java.nio.ByteBuffer.wrap(random(9)));
      tree.awaitIdentical();
      Files.writeString(tree.path("a"), "short");
      tree.awaitIdentical();
    }
  }

  @Test
  void linksMadeAndBrokenWhileNobodyWatchesAreFound() throws Exception {
    try (WatchedTree tree = tree("while-down")) {
      tree.write("a/one", "text");
      tree.write("a/two", "other");
      link(tree, "b/two", "a/two");
      tree.start();
      tree.awaitIdentical();
      tree.stop();

      link(tree, "c/one", "a/one");
      Files.delete(tree.path("b/two"));
      tree.start();
      tree.awaitIdentical();
      assertThat(group(tree, "a/one")).isNotZero();
      assertThat(group(tree, "a/two")).isZero();
      tree.stop();

      Files.writeString(tree.path("c/one"), "written through the new name");
      tree.start();
      tree.awaitIdentical();
    }
  }

  @Test
  void aNewNameOfAFileThatIsKnownReadsNothing() throws Exception {
    try (WatchedTree tree = tree("no-read")) {
      tree.write("a", random(300_000));
      tree.start();
      tree.awaitIdentical();
      tree.stop();
      // What was written just before it was read is read once more.
      tree.start();
      tree.awaitIdentical();
      long read = tree.status().bytesRead();

      for (int i = 0; i < 10; i++) {
        link(tree, "farm" + i + "/a", "a");
      }
      tree.awaitIdentical();

      assertThat(tree.status().bytesRead()).isEqualTo(read);
    }
  }

  @Test
  void membersOfAGroupAreReadOnceBetweenThem() throws Exception {
    try (WatchedTree tree = tree("read-once")) {
      tree.write("a", random(1_000_000));
      for (int i = 0; i < 30; i++) {
        link(tree, "d" + i % 3 + "/b" + i, "a");
      }
      tree.start();
      tree.awaitIdentical();
      long read = tree.status().bytesRead();
      int before = tree.view.accepted().size();

      tree.write("d1/b1", random(1_000_001));
      tree.awaitIdentical();

      // A read in the clock tick of the write proves nothing, and readers work side by side.
      assertThat(tree.status().bytesRead() - read).isLessThan(10_000_000);
      assertThat(tree.view.bodies(before)).hasSizeLessThan(3 * 31);
    }
  }

  @Test
  void aMoveOfADirectoryTouchesNoMember() throws Exception {
    try (WatchedTree tree = tree("dir-move")) {
      for (int i = 0; i < 100; i++) {
        tree.write("from/f" + i, "text " + i);
        link(tree, "from/sub/g" + i, "from/f" + i);
        link(tree, "else/h" + i, "from/f" + i);
      }
      tree.start();
      tree.awaitIdentical();
      int before = tree.view.accepted().size();

      Files.move(tree.path("from"), tree.path("to"));
      tree.awaitIdentical();

      assertThat(tree.view.bodies(before)).hasSizeLessThan(4);
      Files.writeString(tree.path("else/h7"), "reaches the moved ones");
      tree.awaitIdentical();
      tree.deleteTree("to");
      tree.awaitIdentical();
      assertThat(group(tree, "else/h7")).isZero();
    }
  }

  @Test
  void renameBetweenTwoNamesOfOneInodeLeavesBoth() throws Exception {
    try (WatchedTree tree = tree("rename-same").start()) {
      tree.write("a", "text");
      link(tree, "b", "a");
      tree.awaitIdentical();

      Files.move(tree.path("a"), tree.path("b"), StandardCopyOption.ATOMIC_MOVE);
      Files.writeString(tree.path("b"), "after it");
      tree.awaitIdentical();

      assertThat(tree.view.find("a")).isPresent();
    }
  }

  @Test
  void namesOutsideOfTheTreeAreKnownToBeMissing() throws Exception {
    try (WatchedTree tree = tree("outside")) {
      Path outside = folder.resolve("other-name");
      tree.write("a", "text");
      tree.write("inside", "text");
      link(tree, "inside2", "inside");
      link(tree, "b", "a");
      Files.createLink(outside, tree.path("a"));
      tree.start();
      tree.awaitIdentical();
      tree.stop();

      assertThat(shared(tree))
          .singleElement()
          .satisfies(shared -> assertThat(shared.names()).hasSize(2));
      Files.delete(outside);
      tree.start();
      tree.awaitIdentical();
      tree.stop();
      assertThat(shared(tree)).isEmpty();
    }
  }

  private static List<SharedInode> shared(WatchedTree tree) throws IOException {
    try (var store = dev.tidemark.watcher.state.StateStore.open(tree.state, "x");
        var published = new dev.tidemark.watcher.state.PublishedTree(store)) {
      return published.sharedInodes(0, 100);
    }
  }

  /** Such a name makes a group of the other one, and is gone when it is looked at itself. */
  @Test
  void aNameThatComesAndGoesAtOnceLeavesNoGroup() throws Exception {
    try (WatchedTree tree = tree("come-and-go").start()) {
      for (int i = 0; i < 50; i++) {
        tree.write("f" + i, "text " + i);
      }
      tree.awaitIdentical();

      for (int round = 0; round < 20; round++) {
        for (int i = 0; i < 50; i++) {
          link(tree, "g" + i, "f" + i);
          Files.setPosixFilePermissions(
              tree.path("f" + i), PosixFilePermissions.fromString("rw-r-----"));
          Files.delete(tree.path("g" + i));
        }
      }

      tree.awaitIdentical();
    }
  }

  @Test
  void linksOfSymlinksAndFifosAreGroupsToo() throws Exception {
    try (WatchedTree tree = tree("special-links").start()) {
      Files.createSymbolicLink(tree.path("s"), Path.of("nowhere"));
      NodeKindsTest.inRoot(
          tree,
          root -> {
            dev.tidemark.filesystem.linux.LinuxFiles.link(
                root, NodeKindsTest.ascii("s"), root, NodeKindsTest.ascii("t"));
            dev.tidemark.filesystem.linux.LinuxFiles.makeNode(
                root,
                NodeKindsTest.ascii("p"),
                dev.tidemark.filesystem.linux.FileType.FIFO,
                0600,
                0,
                0);
            dev.tidemark.filesystem.linux.LinuxFiles.link(
                root, NodeKindsTest.ascii("p"), root, NodeKindsTest.ascii("q"));
          });
      tree.awaitIdentical();

      assertThat(group(tree, "s")).isNotZero().isEqualTo(group(tree, "t"));
      assertThat(group(tree, "p")).isNotZero().isEqualTo(group(tree, "q"));
    }
  }

  @Test
  void aFullScanKeepsGroupsTogether() throws Exception {
    try (WatchedTree tree = tree("full-scan")) {
      tree.write("a/one", "text");
      link(tree, "b/one", "a/one");
      tree.start();
      tree.awaitIdentical();
      Node before = tree.view.find("a/one").orElseThrow();
      tree.stop();
      WatchedTree.deleteTree(tree.state.resolve("entries"));
      log.publish(tree.view.head(0));

      tree.start();
      tree.awaitIdentical();

      assertThat(tree.view.accepted())
          .anyMatch(c -> c.body().equals(new Change.ScanCompleted(Change.ScanKind.FULL)));
      assertThat(Sameness.of(before, tree.view.find("b/one").orElseThrow())).isTrue();
    }
  }
}
