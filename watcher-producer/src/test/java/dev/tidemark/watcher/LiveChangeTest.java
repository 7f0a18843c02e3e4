package dev.tidemark.watcher;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.filesystem.linux.Descriptor;
import dev.tidemark.filesystem.linux.FileType;
import dev.tidemark.filesystem.linux.LinuxFiles;
import dev.tidemark.filesystem.linux.NativePath;
import dev.tidemark.schemas.change.Change;
import dev.tidemark.schemas.change.Node;
import dev.tidemark.schemas.change.NodePath;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(SharedLog.class)
class LiveChangeTest {
  @TempDir Path folder;
  private final TestLog log;

  LiveChangeTest(TestLog log) {
    this.log = log;
  }

  private WatchedTree tree(String name) throws Exception {
    return new WatchedTree(log, folder, name);
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  private static byte[] random(int length) {
    byte[] bytes = new byte[length];
    new Random(length).nextBytes(bytes);
    return bytes;
  }

  @Test
  void filesWrittenIntoNewDirectoriesAtOnceAreFound() throws Exception {
    try (WatchedTree tree = tree("mkdir-p").start()) {
      for (int i = 0; i < 100; i++) {
        tree.write("d" + i + "/a/b/c", "text " + i);
      }
      tree.awaitIdentical();
    }
  }

  @Test
  void renameOfADirectoryOfAThousandFilesIsOneEvent() throws Exception {
    try (WatchedTree tree = tree("rename-dir")) {
      for (int i = 0; i < 1000; i++) {
        tree.write("from/sub/f" + i, "x" + i);
      }
      tree.start();
      tree.view.read();
      int before = tree.view.accepted().size();
      long sent = tree.status().framesSent();

      Files.move(tree.path("from"), tree.path("to"), StandardCopyOption.ATOMIC_MOVE);
      tree.awaitIdentical();

      assertThat(tree.view.bodies(before))
          .contains(new Change.Move(NodePath.ofText("from"), NodePath.ofText("to")))
          .hasSizeLessThan(4);
      assertThat(tree.status().framesSent()).isEqualTo(sent);
      tree.write("to/sub/f1", "still watched");
      tree.awaitIdentical();
    }
  }

  @Test
  void aDirectoryMovedOutReportsNothingAnyMore() throws Exception {
    try (WatchedTree tree = tree("moved-out")) {
      tree.write("dir/sub/file", "inside");
      tree.start();
      Path outside = folder.resolve("elsewhere");

      Files.move(tree.path("dir"), outside);
      Files.writeString(outside.resolve("sub/secret"), "never in the tree");
      tree.awaitIdentical();

      assertThat(tree.view.bodies())
          .noneMatch(b -> b instanceof Change.Put(var p, _) && p.toString().contains("secret"));
      Files.move(outside, tree.path("back"));
      tree.awaitIdentical();
      assertThat(tree.view.find("back/sub/secret")).isPresent();
    }
  }

  @Test
  void exchangeOfTwoDirectoriesDestroysNeither() throws Exception {
    try (WatchedTree tree = tree("exchange")) {
      tree.write("one/a", "a");
      tree.write("two/b", "b");
      tree.start();
      tree.view.read();
      int before = tree.view.accepted().size();

      try (Descriptor root = LinuxFiles.openRoot(NativePath.of(tree.root))) {
        LinuxFiles.exchange(root, ascii("one"), root, ascii("two"));
      }
      tree.view.await(
          "an exchange",
          () -> tree.view.bodies(before).stream().anyMatch(Change.Exchange.class::isInstance));
      tree.awaitIdentical();

      assertThat(tree.view.find("one/b")).isPresent();
      tree.write("one/c", "written after");
      tree.write("two/d", "written after");
      tree.awaitIdentical();
    }
  }

  @Test
  void changeOfModeReadsNoContent() throws Exception {
    try (WatchedTree tree = tree("chmod")) {
      for (int i = 0; i < 50; i++) {
        tree.write("d/f" + i, random(10_000 + i));
      }
      tree.start();
      long read = tree.status().bytesRead();

      for (int i = 0; i < 50; i++) {
        Files.setPosixFilePermissions(
            tree.path("d/f" + i), PosixFilePermissions.fromString("rw-------"));
      }
      tree.awaitIdentical();

      assertThat(tree.status().bytesRead()).isEqualTo(read);
    }
  }

  @Test
  void anEntryMayBecomeOneOfAnyOtherKind() throws Exception {
    try (WatchedTree tree = tree("kinds")) {
      tree.write("x", "a file");
      tree.start();

      Files.delete(tree.path("x"));
      try (Descriptor root = LinuxFiles.openRoot(NativePath.of(tree.root))) {
        LinuxFiles.makeNode(root, ascii("x"), FileType.FIFO, 0600, 0, 0);
      }
      tree.awaitIdentical();
      Files.delete(tree.path("x"));
      tree.write("x/now/a/directory", "deep");
      tree.awaitIdentical();
      tree.deleteTree("x");
      tree.write("x", "a file again");
      tree.awaitIdentical();
      Files.delete(tree.path("x"));
      Files.createSymbolicLink(tree.path("x"), Path.of("y"));
      tree.awaitIdentical();
    }
  }

  @Test
  void namesAreBytes() throws Exception {
    try (WatchedTree tree = tree("bytes").start()) {
      byte[] odd = {(byte) 0xff, 'a', (byte) 0xc3, '\n'};
      try (Descriptor root = LinuxFiles.openRoot(NativePath.of(tree.root))) {
        LinuxFiles.createDirectory(root, odd, 0755);
        try (Descriptor directory = LinuxFiles.openDirectory(root, odd);
            Descriptor file = LinuxFiles.createFile(directory, odd, 0644)) {
          LinuxFiles.writeFully(file, ascii("text"), 0, 4);
        }
      }
      tree.awaitIdentical();
      try (Descriptor root = LinuxFiles.openRoot(NativePath.of(tree.root));
          Descriptor directory = LinuxFiles.openDirectory(root, odd)) {
        LinuxFiles.rename(directory, odd, root, ascii("plain"));
      }
      tree.awaitIdentical();
    }
  }

  @Test
  void aFileThatIsNeverClosedIsPublishedAsItGrows() throws Exception {
    try (WatchedTree tree = tree("growing").start()) {
      try (OutputStream out = Files.newOutputStream(tree.path("log"))) {
        out.write(random(300_000));
        tree.awaitIdentical();
        long read = tree.status().bytesRead();

        out.write(ascii("one more line"));
        tree.awaitIdentical();

        assertThat(tree.status().bytesRead() - read).isLessThan(100_000);
      }
      tree.awaitIdentical();
    }
  }

  @Test
  void aFileOverwrittenWhileItIsReadEndsAsItIs() throws Exception {
    try (WatchedTree tree = tree("torn").start()) {
      byte[] bytes = random(2_000_000);
      try (var file = new java.io.RandomAccessFile(tree.path("busy").toFile(), "rw")) {
        for (int i = 0; i < 200; i++) {
          file.seek(0);
          bytes[i] ^= 1;
          file.write(bytes);
        }
      }
      tree.awaitIdentical();
    }
  }

  @Test
  void aListLongerThanARecordIsNested() throws Exception {
    try (WatchedTree tree = tree("nested").start()) {
      byte[] bytes = random(24 << 20);
      tree.write("large", bytes);
      tree.awaitIdentical();
      long frames = tree.status().framesSent();

      bytes[100] ^= 1;
      tree.write("large", bytes);
      tree.awaitIdentical();

      // One chunk or two of the content, and the one list that names them.
      assertThat(tree.status().framesSent() - frames).isLessThan(6);
      Files.delete(tree.path("large"));
      tree.awaitIdentical();
    }
  }

  @Test
  void zerosOfASparseFileAreAHole() throws Exception {
    try (WatchedTree tree = tree("sparse").start()) {
      try (var file = new java.io.RandomAccessFile(tree.path("sparse").toFile(), "rw")) {
        file.seek(4 << 20);
        file.write(random(5000));
        file.setLength(8 << 20);
      }
      tree.awaitIdentical();

      assertThat(((Node.File) tree.view.find("sparse").orElseThrow()).content().extents())
          .anyMatch(dev.tidemark.schemas.change.Extent.Hole.class::isInstance);
      assertThat(tree.status().bytesSent()).isLessThan(100_000);
    }
  }

  @Test
  void copiesAndRevertsSendNoBodies() throws Exception {
    try (WatchedTree tree = tree("copies")) {
      byte[] bytes = random(200_000);
      tree.write("original", bytes);
      tree.start();
      long frames = tree.status().framesSent();

      tree.write("copy", bytes);
      tree.awaitIdentical();

      assertThat(tree.status().framesSent()).isEqualTo(frames);
    }
  }

  @Test
  void reservedNamesOfTheRootAreNoPartOfTheTree() throws Exception {
    try (WatchedTree tree = tree("reserved")) {
      tree.write(".tidemark-1/staged", "x");
      tree.start();
      tree.write(".tidemark-1/more", "x");
      tree.write("sub/.tidemark-1", "this one is");
      tree.view.await("the file below", () -> tree.view.bodies().toString().contains("sub/"));

      assertThat(tree.view.find(".tidemark-1")).isEmpty();
      assertThat(List.of(tree.view.find("sub/.tidemark-1"))).isNotEmpty();
    }
  }

  @Test
  void aTagAndHeartbeatsReachTheLog() throws Exception {
    try (WatchedTree tree =
        tree("tag")
            .configure(c -> c.with(c.limits().withHeartbeat(java.time.Duration.ofMillis(100))))
            .start()) {
      tree.watcher().publishTag("before-deploy").get();
      tree.view.await("a heartbeat", () -> tree.view.heartbeats() > 1);

      assertThat(tree.view.accepted())
          .anyMatch(c -> c.body() instanceof Change.Tag(_, var l) && l.equals("before-deploy"));
    }
  }
}
