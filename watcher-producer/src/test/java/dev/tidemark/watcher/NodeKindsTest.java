package dev.tidemark.watcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.tidemark.filesystem.linux.Descriptor;
import dev.tidemark.filesystem.linux.FileType;
import dev.tidemark.filesystem.linux.LinuxFiles;
import dev.tidemark.filesystem.linux.NativePath;
import dev.tidemark.schemas.change.Bytes;
import dev.tidemark.schemas.change.Metadata.ExtendedAttribute;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What a node of each kind carries. */
@ExtendWith(SharedLog.class)
class NodeKindsTest {
  /** {@code struct vfs_cap_data} of revision 2: cap_net_bind_service, effective and permitted. */
  private static final byte[] CAPABILITY = {
    1, 0, 0, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0
  };

  @TempDir Path folder;
  private final TestLog log;

  NodeKindsTest(TestLog log) {
    this.log = log;
  }

  private WatchedTree tree(String name) throws Exception {
    return new WatchedTree(log, folder, name);
  }

  static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  private static void assumeRoot(String why) {
    assumeThat(System.getProperty("user.name")).as(why).isEqualTo("root");
  }

  interface Work {
    void on(Descriptor root) throws IOException;
  }

  static void inRoot(WatchedTree tree, Work work) throws IOException {
    try (Descriptor root = LinuxFiles.openRoot(NativePath.of(tree.root))) {
      work.on(root);
    }
  }

  static void set(Descriptor parent, String name, String attribute, byte[] value)
      throws IOException {
    try (Descriptor handle = LinuxFiles.openHandle(parent, ascii(name))) {
      LinuxFiles.setAttribute(handle, ascii(attribute), value);
    }
  }

  /**
   * A POSIX ACL as the kernel keeps it: user::rwx, user:7:r-x, group::r-x, mask::rwx, other::r-x.
   */
  static byte[] acl() {
    return new byte[] {
      2, 0, 0, 0, 1, 0, 7, 0, -1, -1, -1, -1, 2, 0, 5, 0, 7, 0, 0, 0, 4, 0, 5, 0, -1, -1, -1, -1,
      16, 0, 7, 0, -1, -1, -1, -1, 32, 0, 5, 0, -1, -1, -1, -1
    };
  }

  private static List<String> attributes(WatchedTree tree, String path) throws IOException {
    return tree.view.find(path).orElseThrow().metadata().attributes().stream()
        .map(ExtendedAttribute::name)
        .map(Bytes::toString)
        .toList();
  }

  @Test
  void attributesOfFilesAndDirectoriesAreKeptInTheOrderOfTheirNames() throws Exception {
    try (WatchedTree tree = tree("xattr")) {
      tree.write("f", "x");
      tree.write("d/g", "y");
      inRoot(
          tree,
          root -> {
            set(root, "f", "user.z", ascii("1"));
            set(root, "f", "user.a", new byte[] {0, -1, '\n'});
            set(root, "d", "user.d", new byte[0]);
            set(root, "d", "system.posix_acl_default", acl());
            set(root, "f", "system.posix_acl_access", acl());
          });
      tree.start();
      tree.awaitIdentical();

      assertThat(attributes(tree, "f"))
          .containsExactly("system.posix_acl_access", "user.a", "user.z");
      assertThat(attributes(tree, "d")).containsExactly("system.posix_acl_default", "user.d");
    }
  }

  @Test
  void attributesThatOnlyRootHasAreKeptOnEveryKindOfNode() throws Exception {
    assumeRoot("trusted.*, capabilities and devices need root");
    try (WatchedTree tree = tree("xattr-root")) {
      tree.write("f", "x");
      Files.createDirectory(tree.path("d"));
      inRoot(
          tree,
          root -> {
            LinuxFiles.createSymlink(ascii("nowhere"), root, ascii("s"));
            LinuxFiles.makeNode(root, ascii("p"), FileType.FIFO, 0600, 0, 0);
            LinuxFiles.makeNode(root, ascii("c"), FileType.CHARACTER_DEVICE, 0600, 1, 3);
            LinuxFiles.makeNode(root, ascii("b"), FileType.BLOCK_DEVICE, 0600, 259, 70_000);
            for (String name : List.of("f", "d", "s", "p", "c", "b")) {
              set(root, name, "trusted.of", ascii(name));
              set(root, name, "trusted.overlay.opaque", ascii("y"));
            }
            set(root, "f", "security.capability", CAPABILITY);
          });
      tree.start();
      tree.view.await("all of them", () -> tree.view.bodies().size() >= 7);
      // The layers' own books are left out of the log, and out of what it is compared with.
      inRoot(
          tree,
          root -> {
            for (String name : List.of("f", "d", "s", "p", "c", "b")) {
              assertThat(attributes(tree, name)).doesNotContain("trusted.overlay.opaque");
              try (Descriptor handle = LinuxFiles.openHandle(root, ascii(name))) {
                LinuxFiles.removeAttribute(handle, ascii("trusted.overlay.opaque"));
              }
            }
          });
      tree.awaitIdentical();

      assertThat(attributes(tree, "s")).containsExactly("trusted.of");
      assertThat(attributes(tree, "f")).containsExactly("security.capability", "trusted.of");
    }
  }

  @Test
  void aChangeOfAttributesAloneReadsNoContent() throws Exception {
    try (WatchedTree tree = tree("xattr-live")) {
      tree.write("f", "x".repeat(50_000));
      tree.start();
      tree.awaitIdentical();
      tree.stop();
      tree.start();
      tree.awaitIdentical();
      long read = tree.status().bytesRead();

      inRoot(tree, root -> set(root, "f", "user.live", ascii("1")));
      tree.awaitIdentical();
      inRoot(tree, root -> set(root, "f", "system.posix_acl_access", acl()));
      tree.awaitIdentical();

      assertThat(tree.status().bytesRead()).isEqualTo(read);
      tree.stop();
      inRoot(tree, root -> set(root, "f", "user.unseen", ascii("2")));
      tree.start();
      tree.awaitIdentical();
      assertThat(attributes(tree, "f")).contains("user.unseen");
      assertThat(tree.status().bytesRead()).isZero();
    }
  }

  @Test
  void attributesThatDoNotFitARecordAreReportedAndTheRestGoesOn() throws Exception {
    Path shm = Path.of("/dev/shm");
    assumeThat(Files.isWritable(shm)).as("a tmpfs takes large attributes").isTrue();
    Path large = Files.createTempDirectory(shm, "tidemark");
    try (WatchedTree tree = new WatchedTree(log, large, "xattr-large")) {
      tree.write("f", "x");
      try {
        inRoot(
            tree,
            root -> {
              for (int i = 0; i < 17; i++) {
                set(root, "f", "user.large" + i, new byte[65_000]);
              }
            });
      } catch (IOException e) {
        assumeThat(e).as("this tmpfs takes no such attributes").isNull();
      }
      tree.start();
      tree.write("g", "goes on");
      tree.view.await("the other file", () -> tree.view.bodies().toString().contains("path=g"));

      assertThat(tree.view.find("f")).isEmpty();
      assertThat(tree.status().unreadable()).isPositive();
      assertThat(tree.status().lastError()).contains("attributes");
    } finally {
      WatchedTree.deleteTree(large);
    }
  }

  @Test
  void specialBitsOwnersAndTimesOfEveryKindAreKept() throws Exception {
    assumeRoot("owners and devices need root");
    try (WatchedTree tree = tree("special")) {
      tree.write("setuid", "x");
      Files.createDirectory(tree.path("sticky"));
      inRoot(
          tree,
          root -> {
            LinuxFiles.createSymlink(new byte[] {(byte) 0xff, '\n'}, root, ascii("s"));
            LinuxFiles.makeNode(root, ascii("p"), FileType.FIFO, 0600, 0, 0);
            LinuxFiles.makeNode(root, ascii("c"), FileType.CHARACTER_DEVICE, 0600, 1, 3);
            LinuxFiles.makeNode(root, ascii("b"), FileType.BLOCK_DEVICE, 0600, 259, 70_000);
            for (String name : List.of("setuid", "sticky", "s", "p", "c", "b")) {
              LinuxFiles.changeOwner(root, ascii(name), 12_345, 54_321);
              LinuxFiles.changeTimes(root, ascii(name), -1_000_000_000, 999_999_999);
            }
            LinuxFiles.changeMode(root, ascii("setuid"), 06751);
            LinuxFiles.changeMode(root, ascii("sticky"), 03777);
          });
      tree.start();
      tree.awaitIdentical();
      // Past the end of 32 bits.
      inRoot(
          tree,
          root -> {
            for (String name : List.of("setuid", "sticky", "s", "p", "c", "b")) {
              LinuxFiles.changeTimes(root, ascii(name), 5_000_000_000L, 1);
            }
          });
      tree.awaitIdentical();

      assertThat(tree.view.find("setuid").orElseThrow().metadata().mode()).isEqualTo(06751);
    }
  }

  @Test
  void socketsAreCountedAndNotKept() throws Exception {
    try (WatchedTree tree = tree("socket");
        ServerSocketChannel socket = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      Path near = Files.createTempDirectory("s");
      socket.bind(UnixDomainSocketAddress.of(near.resolve("s")));
      Files.move(near.resolve("s"), tree.path("s"));
      Files.delete(near);
      tree.start();
      tree.awaitIdentical();

      assertThat(tree.status().skippedSockets()).isPositive();
      assertThat(tree.view.find("s")).isEmpty();
    }
  }

  @Test
  void pathsLongerThanTheKernelTakesAtOnceAreKept() throws Exception {
    byte[] name = new byte[255];
    Arrays.fill(name, (byte) 'n');
    name[0] = (byte) 0xfe;
    try (WatchedTree tree = tree("deep").start()) {
      inRoot(tree, root -> dig(root, name, 18));
      tree.awaitIdentical();
      tree.stop();
      tree.start();
      tree.awaitIdentical();

      assertThat(tree.view.bodies().toString().length()).isGreaterThan(4096);
      inRoot(tree, root -> clear(root, name, 18));
    }
  }

  private static void dig(Descriptor in, byte[] name, int levels) throws IOException {
    if (levels == 0) {
      try (Descriptor file = LinuxFiles.createFile(in, name, 0644)) {
        LinuxFiles.writeFully(file, name, 0, name.length);
      }
      return;
    }
    LinuxFiles.createDirectory(in, name, 0755);
    try (Descriptor below = LinuxFiles.openDirectory(in, name)) {
      dig(below, name, levels - 1);
    }
  }

  /** The test's own clean-up goes by whole paths. */
  private static void clear(Descriptor in, byte[] name, int levels) throws IOException {
    if (levels == 0) {
      LinuxFiles.removeFile(in, name);
      return;
    }
    try (Descriptor below = LinuxFiles.openDirectory(in, name)) {
      clear(below, name, levels - 1);
    }
    LinuxFiles.removeDirectory(in, name);
  }
}
