package dev.tidemark.filesystem.linux;

import static dev.tidemark.filesystem.linux.TestDirectory.bytes;
import static dev.tidemark.filesystem.linux.TestDirectory.longName;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.tidemark.filesystem.linux.Beneath.Way;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Every case is run with openat2 and with the walk: both must answer the same. */
@EnabledOnOs(value = OS.LINUX, disabledReason = "real Linux system calls")
class BeneathTest {
  @TempDir private Path folder;
  private TestDirectory directory;
  private Descriptor root;

  @BeforeEach
  void open() throws IOException {
    directory = new TestDirectory(folder);
    root = directory.root;
    LinuxFiles.createDirectory(root, bytes("a"), 0755);
    try (Descriptor a = LinuxFiles.openDirectory(root, bytes("a"))) {
      LinuxFiles.createDirectory(a, bytes("b"), 0755);
      directory.write(a, bytes("file"), "");
      LinuxFiles.createSymlink(bytes("b"), a, bytes("link"));
      LinuxFiles.createSymlink(bytes(".."), a, bytes("out"));
      LinuxFiles.createSymlink(bytes("gone"), a, bytes("dangling"));
      LinuxFiles.createSymlink(bytes("loop"), a, bytes("loop"));
    }
  }

  @AfterEach
  void close() throws IOException {
    directory.close();
  }

  @ParameterizedTest
  @EnumSource
  void opensADirectoryBelow(Way way) throws IOException {
    try (Descriptor b = Beneath.openDirectory(way, root, bytes("a/b"))) {
      directory.write(b, bytes("f"), "");
      assertThat(LinuxFiles.list(b)).hasSize(1);
    }
    assertThat(folder.resolve("a/b/f")).exists();
  }

  @ParameterizedTest
  @EnumSource
  void anEmptyPathOpensTheRootWithAListingOfItsOwn(Way way) throws IOException {
    try (Descriptor again = Beneath.openDirectory(way, root, bytes(""))) {
      assertThat(again.number()).isNotEqualTo(root.number());
      assertThat(LinuxFiles.status(again)).isEqualTo(LinuxFiles.status(root));
      LinuxFiles.forEachEntry(
          root,
          entry -> {
            try {
              assertThat(LinuxFiles.list(again)).containsExactly(entry);
            } catch (SystemCallException e) {
              throw new AssertionError(e);
            }
          });
    }
  }

  @ParameterizedTest
  @EnumSource
  void noSymlinkIsFollowedAtAnyPlace(Way way) {
    assertFails(way, Errno.ELOOP, "a/link");
    assertFails(way, Errno.ELOOP, "a/link/x");
    assertFails(way, Errno.ELOOP, "a/out");
    assertFails(way, Errno.ELOOP, "a/out/a");
    assertFails(way, Errno.ELOOP, "a/dangling");
    assertFails(way, Errno.ELOOP, "a/loop/x");
  }

  @ParameterizedTest
  @EnumSource
  void nothingLeadsOutside(Way way) {
    assertFails(way, Errno.EXDEV, "..");
    assertFails(way, Errno.EXDEV, "a/../..");
    assertFails(way, Errno.EXDEV, "a/..");
    assertFails(way, Errno.EXDEV, "/etc");
    assertFails(way, Errno.EXDEV, "a/b/../../../etc");
  }

  @ParameterizedTest
  @EnumSource
  void pathsThatNoCaptureWritesAreRefused(Way way) {
    assertFails(way, Errno.EINVAL, "a//b");
    assertFails(way, Errno.EINVAL, "a/b/");
    assertFails(way, Errno.EINVAL, "./a");
    assertFails(way, Errno.EINVAL, ".");
    assertFails(way, Errno.EINVAL, "a\0b");
  }

  @ParameterizedTest
  @EnumSource
  void whatIsMissingOrNoDirectoryIsSaid(Way way) {
    assertFails(way, Errno.ENOENT, "none");
    assertFails(way, Errno.ENOENT, "none/below");
    assertFails(way, Errno.ENOTDIR, "a/file");
    assertFails(way, Errno.ENOTDIR, "a/file/x");
    assertFails(way, Errno.ENAMETOOLONG, "n".repeat(256));
    assertFails(way, Errno.ENAMETOOLONG, "n".repeat(5000));
  }

  @ParameterizedTest
  @EnumSource
  void theMagicLinksOfProcAreNotFollowed(Way way) throws IOException {
    try (Descriptor proc = LinuxFiles.openRoot(NativePath.of(Path.of("/proc")))) {
      assertThatExceptionOfType(SystemCallException.class)
          .isThrownBy(() -> Beneath.openDirectory(way, proc, bytes("self/root")))
          .satisfies(e -> assertThat(e.errno()).isEqualTo(Errno.ELOOP));
      String self = "" + ProcessHandle.current().pid();
      assertThatExceptionOfType(SystemCallException.class)
          .isThrownBy(() -> Beneath.openDirectory(way, proc, bytes(self + "/root")))
          .satisfies(e -> assertThat(e.errno()).isEqualTo(Errno.ELOOP));
    }
  }

  @ParameterizedTest
  @EnumSource
  void namesThatAreNotTextAreFound(Way way) throws IOException {
    byte[] name = {(byte) 0xff, '\n', (byte) 0x80};
    LinuxFiles.createDirectory(root, name, 0755);
    LinuxFiles.createDirectory(root, longName(255, 'x'), 0755);

    Beneath.openDirectory(way, root, name).close();
    Beneath.openDirectory(way, root, longName(255, 'x')).close();
  }

  @Test
  void aPathLongerThanTheKernelTakesIsOpenedInPieces() throws IOException {
    ByteArrayOutputStream path = new ByteArrayOutputStream();
    List<Descriptor> opened = new ArrayList<>(List.of(root));
    byte[] name = longName(200, 'd');
    try {
      for (int i = 0; i < 45; i++) {
        Descriptor parent = opened.getLast();
        LinuxFiles.createDirectory(parent, name, 0755);
        opened.add(LinuxFiles.openDirectory(parent, name));
        path.writeBytes(i == 0 ? new byte[0] : bytes("/"));
        path.writeBytes(name);
      }
      FileStatus deepest = LinuxFiles.status(opened.getLast());
      assertThat(path.size()).isGreaterThan(2 * 4096);

      for (Way way : Way.values()) {
        try (Descriptor found = Beneath.openDirectory(way, root, path.toByteArray())) {
          assertThat(LinuxFiles.status(found)).isEqualTo(deepest);
        }
        ByteArrayOutputStream missing = new ByteArrayOutputStream();
        missing.writeBytes(path.toByteArray());
        missing.writeBytes(bytes("/none"));
        assertThatExceptionOfType(SystemCallException.class)
            .isThrownBy(() -> Beneath.openDirectory(way, root, missing.toByteArray()))
            .satisfies(e -> assertThat(e.errno()).isEqualTo(Errno.ENOENT));
      }
    } finally {
      // Longer than any tool that takes whole paths could remove.
      for (int i = opened.size() - 1; i > 0; i--) {
        opened.get(i).close();
        LinuxFiles.removeDirectory(opened.get(i - 1), name);
      }
    }
  }

  @Test
  void noDescriptorIsLeftOpen() throws IOException {
    int before = openDescriptors();
    for (Way way : Way.values()) {
      Beneath.openDirectory(way, root, bytes("a/b")).close();
      assertFails(way, Errno.ENOENT, "a/b/none/x");
      assertFails(way, Errno.ELOOP, "a/link/x");
    }
    assertThat(openDescriptors()).isEqualTo(before);
  }

  @Test
  void aDirectoryIsOpenedWhileOthersRenameAroundIt() throws Exception {
    assumeThat(Runtime.getRuntime().availableProcessors()).isGreaterThan(1);
    LinuxFiles.createDirectory(root, bytes("x"), 0755);
    Thread renamer =
        Thread.ofPlatform()
            .name("renamer")
            .start(
                () -> {
                  try {
                    for (int i = 0; i < 2000; i++) {
                      LinuxFiles.rename(root, bytes("x"), root, bytes("y"));
                      LinuxFiles.rename(root, bytes("y"), root, bytes("x"));
                    }
                  } catch (SystemCallException e) {
                    throw new AssertionError(e);
                  }
                });
    while (renamer.isAlive()) {
      LinuxFiles.openDirectory(root, bytes("a/b")).close();
    }
    renamer.join();
  }

  private static int openDescriptors() throws IOException {
    try (Descriptor own = LinuxFiles.openRoot(NativePath.of(Path.of("/proc/self/fd")))) {
      return (int)
          LinuxFiles.list(own).stream().filter(entry -> !isJarOrLibrary(own, entry)).count();
    }
  }

  /** Classes loaded meanwhile open files of the virtual machine's own. */
  private static boolean isJarOrLibrary(Descriptor own, DirectoryEntry entry) {
    try {
      String target = NativePath.of(LinuxFiles.readSymlink(own, entry.name())).toString();
      return !target.contains("junit");
    } catch (SystemCallException e) {
      return true;
    }
  }

  private void assertFails(Way way, Errno errno, String path) {
    assertThatExceptionOfType(SystemCallException.class)
        .as(path)
        .isThrownBy(() -> Beneath.openDirectory(way, root, bytes(path)))
        .satisfies(
            e -> {
              assertThat(e.errno()).as(e.getMessage()).isEqualTo(errno);
              assertThat(e.path()).startsWith(folder.toString());
            });
  }
}
