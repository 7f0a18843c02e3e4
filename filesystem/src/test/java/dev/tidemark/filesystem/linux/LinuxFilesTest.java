package dev.tidemark.filesystem.linux;

import static dev.tidemark.filesystem.linux.TestDirectory.bytes;
import static dev.tidemark.filesystem.linux.TestDirectory.longName;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@EnabledOnOs(value = OS.LINUX, disabledReason = "real Linux system calls")
class LinuxFilesTest {
  private static final byte[] NOT_UTF8 = {'a', (byte) 0xff, '\n', (byte) 0xc3, '\\', 'z'};

  @TempDir private Path folder;
  private TestDirectory directory;
  private Descriptor root;

  @BeforeEach
  void open() throws IOException {
    directory = new TestDirectory(folder);
    root = directory.root;
  }

  @AfterEach
  void close() throws IOException {
    directory.close();
  }

  // Asking

  @Test
  void statusSaysWhatTheJdkSays() throws IOException {
    directory.write("f", "hello");
    Path file = folder.resolve("f");

    FileStatus status = LinuxFiles.status(root, bytes("f"));

    assertThat(status.type()).isEqualTo(FileType.REGULAR);
    assertThat(status.size()).isEqualTo(5);
    assertThat(status.permissions()).isEqualTo((int) Files.getAttribute(file, "unix:mode") & 07777);
    assertThat(status.uid()).isEqualTo((long) (int) Files.getAttribute(file, "unix:uid"));
    assertThat(status.gid()).isEqualTo((long) (int) Files.getAttribute(file, "unix:gid"));
    assertThat(status.inode()).isEqualTo(Files.getAttribute(file, "unix:ino"));
    assertThat(status.device()).isEqualTo(Files.getAttribute(file, "unix:dev"));
    assertThat(status.links()).isEqualTo(1);
    assertThat(status.mtimeSeconds())
        .isEqualTo(Files.getLastModifiedTime(file).toInstant().getEpochSecond());
    assertThat(status.mtimeNanos())
        .isEqualTo(Files.getLastModifiedTime(file).toInstant().getNano());
    assertThat(status.mountId()).isNotZero().isEqualTo(LinuxFiles.status(root).mountId());
    assertThat(status.blocks()).isNotNegative();
  }

  @Test
  void devicesTellTheirNumbers() throws IOException {
    try (Descriptor devices = LinuxFiles.openRoot(NativePath.of(Path.of("/dev")))) {
      FileStatus status = LinuxFiles.status(devices, bytes("null"));

      assertThat(status.type()).isEqualTo(FileType.CHARACTER_DEVICE);
      assertThat(status.rdevMajor()).isEqualTo(1);
      assertThat(status.rdevMinor()).isEqualTo(3);
    }
  }

  @Test
  void mountsOfOneMachineHaveIdsOfTheirOwn() throws IOException {
    try (Descriptor proc = LinuxFiles.openRoot(NativePath.of(Path.of("/proc")))) {
      long mountId = LinuxFiles.status(proc).mountId();

      assumeThat(mountId).as("kernel 5.8 or newer").isNotEqualTo(-1);
      assertThat(mountId).isNotEqualTo(LinuxFiles.status(root).mountId());
      assertThat(LinuxFiles.filesystemType(proc)).isEqualTo(0x9fa0);
    }
  }

  @Test
  void onlyEnoentIsAbsence() throws IOException {
    directory.write("f", "");
    try (Descriptor file = LinuxFiles.openHandle(root, bytes("f"))) {
      assertThat(LinuxFiles.findStatus(root, bytes("none"))).isEmpty();
      assertThat(LinuxFiles.findStatus(root, bytes("f"))).isPresent();
      assertFails(Errno.ENOTDIR, "statx", () -> LinuxFiles.findStatus(file, bytes("x")));
      assertFails(
          Errno.ENAMETOOLONG, "statx", () -> LinuxFiles.findStatus(root, longName(256, 'n')));
      assertFails(
          Errno.ENAMETOOLONG, "statx", () -> LinuxFiles.findStatus(root, longName(9000, 'n')));
    }
  }

  @Test
  void aFailureNamesTheCallThePathAndTheErrno() {
    assertThatExceptionOfType(SystemCallException.class)
        .isThrownBy(() -> LinuxFiles.status(root, NOT_UTF8))
        .withMessage(
            "statx %s/a\\xff\\x0a\\xc3\\\\z: ENOENT (no such file or directory)".formatted(folder))
        .satisfies(
            e -> {
              assertThat(e.call()).isEqualTo("statx");
              assertThat(e.number()).isEqualTo(2);
              assertThat(e.errno()).isEqualTo(Errno.ENOENT);
              assertThat(e.path()).startsWith(folder.toString());
            });
  }

  @Test
  void namesThatAreNoNamesAreRefused() {
    for (byte[] name :
        List.of(
            bytes(""),
            bytes("."),
            bytes(".."),
            bytes("a/b"),
            bytes("/"),
            new byte[] {'a', 0, 'b'})) {
      assertFails(Errno.EINVAL, "statx", () -> LinuxFiles.status(root, name));
      assertFails(Errno.EINVAL, "openat", () -> LinuxFiles.createFile(root, name, 0600));
      assertFails(Errno.EINVAL, "unlinkat", () -> LinuxFiles.removeFile(root, name));
      assertFails(Errno.EINVAL, "mkdirat", () -> LinuxFiles.createDirectory(root, name, 0700));
      assertFails(Errno.EINVAL, "renameat2", () -> LinuxFiles.rename(root, bytes("a"), root, name));
      assertFails(
          Errno.EINVAL, "symlinkat", () -> LinuxFiles.createSymlink(bytes("t"), root, name));
    }
  }

  @Test
  void aListingHasEveryNameOnceWithItsTypeAndNoDots() throws IOException {
    directory.write("file", "");
    LinuxFiles.createDirectory(root, bytes("directory"), 0755);
    LinuxFiles.createSymlink(bytes("nowhere"), root, bytes("link"));
    LinuxFiles.makeNode(root, bytes("fifo"), FileType.FIFO, 0600, 0, 0);
    directory.write(root, NOT_UTF8, "");
    directory.write(root, longName(255, 'l'), "");

    List<DirectoryEntry> entries = LinuxFiles.list(root);

    assertThat(entries)
        .containsExactlyInAnyOrder(
            entry(bytes("file"), FileType.REGULAR),
            entry(bytes("directory"), FileType.DIRECTORY),
            entry(bytes("link"), FileType.SYMLINK),
            entry(bytes("fifo"), FileType.FIFO),
            entry(NOT_UTF8, FileType.REGULAR),
            entry(longName(255, 'l'), FileType.REGULAR));
    assertThat(LinuxFiles.list(root)).as("listed again").hasSameElementsAs(entries);
  }

  @Test
  void aListingLargerThanItsBufferIsWholeAndMayBeNested() throws IOException {
    LinuxFiles.createDirectory(root, bytes("many"), 0755);
    LinuxFiles.createDirectory(root, bytes("other"), 0755);
    try (Descriptor many = LinuxFiles.openDirectory(root, bytes("many"));
        Descriptor other = LinuxFiles.openDirectory(root, bytes("other"))) {
      directory.write(other, bytes("x"), "");
      for (int i = 0; i < 3000; i++) {
        LinuxFiles.makeNode(many, bytes("name-of-some-length-" + i), FileType.REGULAR, 0600, 0, 0);
      }
      List<String> names = new ArrayList<>();
      List<DirectoryEntry> nested = new ArrayList<>();

      LinuxFiles.forEachEntry(
          many,
          entry -> {
            names.add(new String(entry.name(), UTF_8));
            try {
              nested.addAll(LinuxFiles.list(other));
            } catch (SystemCallException e) {
              throw new AssertionError(e);
            }
          });

      assertThat(names).hasSize(3000).doesNotHaveDuplicates();
      assertThat(nested).hasSize(3000);
      assertThat(LinuxFiles.list(many)).hasSize(3000);
    }
  }

  @Test
  void aFileIsNoDirectoryToList() throws IOException {
    directory.write("f", "");
    try (Descriptor file = LinuxFiles.openForReading(root, bytes("f"))) {
      assertFails(Errno.ENOTDIR, "getdents64", () -> LinuxFiles.list(file));
    }
  }

  @Test
  void bootIdIsThatOfThisBoot() throws IOException {
    assertThat(LinuxFiles.bootId())
        .isEqualTo(Files.readString(Path.of("/proc/sys/kernel/random/boot_id")).strip());
  }

  @Test
  @Timeout(60)
  void aHundredThousandStatusesTakeSeconds() throws IOException {
    directory.write("f", "");
    byte[] name = bytes("f");
    long before = System.nanoTime();

    for (int i = 0; i < 100_000; i++) {
      LinuxFiles.status(root, name);
    }

    Duration took = Duration.ofNanos(System.nanoTime() - before);
    System.out.println("100000 statx: " + took.toMillis() + " ms");
    assertThat(took).isLessThan(Duration.ofSeconds(10));
  }

  // Opening for reading

  @Test
  @Timeout(value = 20, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void aFifoInPlaceOfAFileIsRefusedWithoutWaitingForAWriter() throws IOException {
    LinuxFiles.makeNode(root, bytes("f"), FileType.FIFO, 0600, 0, 0);

    assertThatExceptionOfType(NotRegularFileException.class)
        .isThrownBy(() -> LinuxFiles.openForReading(root, bytes("f")))
        .withMessageContaining(folder + "/f is a fifo")
        .satisfies(e -> assertThat(e.type()).isEqualTo(FileType.FIFO));
  }

  @Test
  void aSymlinkIsNotReadThrough() throws IOException {
    directory.write("secret", "s");
    LinuxFiles.createSymlink(bytes("secret"), root, bytes("link"));

    assertThatExceptionOfType(NotRegularFileException.class)
        .isThrownBy(() -> LinuxFiles.openForReading(root, bytes("link")))
        .satisfies(e -> assertThat(e.type()).isEqualTo(FileType.SYMLINK));
  }

  @Test
  void directoriesAndDevicesAreNotOpenedAsFiles() throws IOException {
    LinuxFiles.createDirectory(root, bytes("d"), 0755);
    assertThatThrownBy(() -> LinuxFiles.openForReading(root, bytes("d")))
        .isInstanceOf(NotRegularFileException.class);
    try (Descriptor devices = LinuxFiles.openRoot(NativePath.of(Path.of("/dev")))) {
      assertThatThrownBy(() -> LinuxFiles.openForReading(devices, bytes("null")))
          .isInstanceOf(NotRegularFileException.class);
    }
  }

  @Test
  void aFileOfAnotherOwnerIsReadAllTheSame() throws IOException {
    try (Descriptor etc = LinuxFiles.openRoot(NativePath.of(Path.of("/etc")));
        Descriptor file = LinuxFiles.openForReading(etc, bytes("passwd"))) {
      byte[] into = new byte[16];
      assertThat(LinuxFiles.read(file, into, 0, 16)).isPositive();
    }
  }

  @Test
  void aMissingFileIsEnoent() {
    assertFails(Errno.ENOENT, "openat", () -> LinuxFiles.openForReading(root, bytes("none")));
  }

  @Test
  void aRootThatIsNoDirectoryIsRefused() throws IOException {
    directory.write("f", "");
    assertFails(
        Errno.ENOTDIR, "openat", () -> LinuxFiles.openRoot(NativePath.of(folder.resolve("f"))));
    assertFails(
        Errno.ENOENT, "openat", () -> LinuxFiles.openRoot(NativePath.of(folder.resolve("none"))));
  }

  // Bytes

  @Test
  void whatIsWrittenIsReadAlsoPastTheNativeBuffer() throws IOException {
    byte[] content = new byte[3 * Scratch.TRANSFER_BYTES + 17];
    new Random(1).nextBytes(content);
    try (Descriptor file = LinuxFiles.createFile(root, bytes("f"), 0600)) {
      LinuxFiles.allocate(file, content.length);
      assertThat(LinuxFiles.status(file).size()).isZero();
      LinuxFiles.writeFully(file, content, 0, content.length);
      LinuxFiles.sync(file);
      LinuxFiles.syncFilesystem(root);
    }

    try (Descriptor file = LinuxFiles.openForReading(root, bytes("f"))) {
      byte[] back = new byte[content.length + 10];
      int length = 0;
      for (int n = -1; n != 0; length += n) {
        n = LinuxFiles.read(file, back, length, back.length - length);
      }
      assertThat(Arrays.copyOf(back, length)).isEqualTo(content);

      byte[] piece = new byte[100];
      int got = LinuxFiles.readAt(file, content.length - 40, piece, 7, 90);
      assertThat(got).isEqualTo(40);
      assertThat(Arrays.copyOfRange(piece, 7, 47))
          .isEqualTo(Arrays.copyOfRange(content, content.length - 40, content.length));
    }
  }

  @Test
  void bytesAreCopiedFromPlaceToPlaceUpToTheEnd() throws IOException {
    byte[] content = new byte[3 * Scratch.TRANSFER_BYTES + 17];
    new Random(1).nextBytes(content);
    try (Descriptor from = LinuxFiles.createFile(root, bytes("from"), 0600);
        Descriptor to = LinuxFiles.createFile(root, bytes("to"), 0600)) {
      LinuxFiles.writeFully(from, content, 0, content.length);
      LinuxFiles.writeFully(to, bytes("before"), 0, 6);

      assertThat(LinuxFiles.copy(from, 100, to, 6, 700_000)).isEqualTo(700_000);
      assertThat(LinuxFiles.copy(from, content.length - 5, to, 0, 100)).isEqualTo(5);
      assertThat(LinuxFiles.copy(from, content.length, to, 0, 100)).isZero();

      byte[] back = new byte[700_000];
      LinuxFiles.readAt(to, 6, back, 0, 100_000);
      assertThat(Arrays.copyOf(back, 100_000)).isEqualTo(Arrays.copyOfRange(content, 100, 100_100));
      assertThat(LinuxFiles.status(to).size()).isEqualTo(700_006);
      assertThatThrownBy(() -> LinuxFiles.copy(from, 0, root, 0, 1))
          .isInstanceOf(SystemCallException.class)
          .hasMessageContaining("copy_file_range");
    }
  }

  /** Where the kernel refuses, bytes go through memory: it never copies in place. */
  @Test
  void rangesThatOverlapAreCopiedAllTheSame() throws IOException {
    try (Descriptor file = LinuxFiles.createFile(root, bytes("f"), 0600)) {
      LinuxFiles.writeFully(file, bytes("abcdefgh"), 0, 8);

      assertThat(LinuxFiles.copy(file, 0, file, 2, 4)).isEqualTo(4);

      byte[] back = new byte[8];
      LinuxFiles.readAt(file, 0, back, 0, 8);
      assertThat(back).isEqualTo(bytes("ababcdgh"));
    }
  }

  @Test
  void writingAtAPositionLeavesAHoleBeforeIt() throws IOException {
    try (Descriptor file = LinuxFiles.createFile(root, bytes("f"), 0600)) {
      LinuxFiles.writeFullyAt(file, 5_000_000_000L, bytes("end"), 0, 3);
      assertThat(LinuxFiles.status(file).size()).isEqualTo(5_000_000_003L);

      byte[] into = new byte[8];
      assertThat(LinuxFiles.readAt(file, 4_999_999_998L, into, 0, 8)).isEqualTo(5);
      assertThat(into).startsWith(0, 0, 'e', 'n', 'd');

      LinuxFiles.truncate(file, 2);
      assertThat(LinuxFiles.status(file).size()).isEqualTo(2);
    }
  }

  @Test
  void bytesOfAHandleOrADirectoryAreRefused() throws IOException {
    directory.write("f", "x");
    byte[] into = new byte[1];
    try (Descriptor handle = LinuxFiles.openHandle(root, bytes("f"))) {
      assertFails(Errno.EBADF, "read", () -> LinuxFiles.read(handle, into, 0, 1));
      assertFails(Errno.EBADF, "pread", () -> LinuxFiles.readAt(handle, 0, into, 0, 1));
      assertFails(Errno.EBADF, "write", () -> LinuxFiles.writeFully(handle, into, 0, 1));
      assertFails(Errno.EBADF, "pwrite", () -> LinuxFiles.writeFullyAt(handle, 0, into, 0, 1));
      assertFails(Errno.EBADF, "fsync", () -> LinuxFiles.sync(handle));
      assertFails(Errno.EBADF, "syncfs", () -> LinuxFiles.syncFilesystem(handle));
      assertFails(Errno.EBADF, "fallocate", () -> LinuxFiles.allocate(handle, 1));
    }
    assertFails(Errno.EISDIR, "read", () -> LinuxFiles.read(root, into, 0, 1));
    assertFails(Errno.EINVAL, "ftruncate", () -> LinuxFiles.truncate(root, 1));
    assertThatThrownBy(() -> LinuxFiles.read(root, into, 0, 2))
        .isInstanceOf(IndexOutOfBoundsException.class);
  }

  @Test
  void spaceThatIsNotThereIsNotReserved() throws IOException {
    try (Descriptor file = LinuxFiles.createFile(root, bytes("f"), 0600)) {
      assertThatThrownBy(() -> LinuxFiles.allocate(file, Long.MAX_VALUE / 2))
          .isInstanceOfSatisfying(
              SystemCallException.class,
              e -> assertThat(e.errno()).isIn(Errno.ENOSPC, Errno.EFBIG));
    }
  }

  // Names

  @Test
  void aFileIsCreatedOnlyWhereNothingIs() throws IOException {
    directory.write("f", "first");
    LinuxFiles.createSymlink(bytes("elsewhere"), root, bytes("link"));

    assertFails(Errno.EEXIST, "openat", () -> LinuxFiles.createFile(root, bytes("f"), 0600));
    assertFails(Errno.EEXIST, "openat", () -> LinuxFiles.createFile(root, bytes("link"), 0600));
    assertThat(directory.read("f")).isEqualTo("first");
    assertThat(LinuxFiles.findStatus(root, bytes("elsewhere"))).isEmpty();
  }

  @Test
  void symlinkTargetsComeBackByteForByte() throws IOException {
    byte[] target = Arrays.copyOf(NOT_UTF8, 4095);
    Arrays.fill(target, NOT_UTF8.length, target.length, (byte) 0xfe);

    LinuxFiles.createSymlink(target, root, bytes("link"));
    LinuxFiles.createSymlink(NOT_UTF8, root, NOT_UTF8);

    assertThat(LinuxFiles.readSymlink(root, bytes("link"))).isEqualTo(target);
    assertThat(LinuxFiles.readSymlink(root, NOT_UTF8)).isEqualTo(NOT_UTF8);
    assertFails(
        Errno.ENAMETOOLONG,
        "symlinkat",
        () -> LinuxFiles.createSymlink(longName(4096, 't'), root, bytes("l2")));
    assertFails(
        Errno.EINVAL,
        "symlinkat",
        () -> LinuxFiles.createSymlink(new byte[] {'a', 0}, root, bytes("l3")));
    assertFails(
        Errno.EEXIST, "symlinkat", () -> LinuxFiles.createSymlink(NOT_UTF8, root, NOT_UTF8));
    directory.write("f", "");
    assertFails(Errno.EINVAL, "readlinkat", () -> LinuxFiles.readSymlink(root, bytes("f")));
  }

  @Test
  void directoriesAreMadeAndRemovedWhenEmpty() throws IOException {
    LinuxFiles.createDirectory(root, bytes("d"), 0755);
    try (Descriptor inner = LinuxFiles.openDirectory(root, bytes("d"))) {
      directory.write(inner, bytes("f"), "");
      assertFails(
          Errno.EEXIST, "mkdirat", () -> LinuxFiles.createDirectory(root, bytes("d"), 0755));
      assertFails(Errno.ENOTEMPTY, "unlinkat", () -> LinuxFiles.removeDirectory(root, bytes("d")));
      assertFails(Errno.EISDIR, "unlinkat", () -> LinuxFiles.removeFile(root, bytes("d")));
      assertFails(Errno.ENOTDIR, "unlinkat", () -> LinuxFiles.removeDirectory(inner, bytes("f")));
      LinuxFiles.removeFile(inner, bytes("f"));
    }
    LinuxFiles.removeDirectory(root, bytes("d"));

    assertThat(LinuxFiles.list(root)).isEmpty();
    assertFails(Errno.ENOENT, "unlinkat", () -> LinuxFiles.removeFile(root, bytes("d")));
  }

  @Test
  void renameReplacesAndNoReplaceDoesNot() throws IOException {
    directory.write("a", "a");
    directory.write("b", "b");

    assertFails(
        Errno.EEXIST,
        "renameat2",
        () -> LinuxFiles.renameNoReplace(root, bytes("a"), root, bytes("b")));
    LinuxFiles.rename(root, bytes("a"), root, bytes("b"));
    assertThat(directory.read("b")).isEqualTo("a");
    assertThat(LinuxFiles.findStatus(root, bytes("a"))).isEmpty();

    LinuxFiles.renameNoReplace(root, bytes("b"), root, NOT_UTF8);
    assertThat(LinuxFiles.findStatus(root, NOT_UTF8)).isPresent();
    assertThatThrownBy(() -> LinuxFiles.rename(root, bytes("a"), root, bytes("b")))
        .isInstanceOf(SystemCallException.class)
        .hasMessageContaining(folder + "/a -> " + folder + "/b");
  }

  @Test
  void exchangeLetsAFileAndAFullDirectoryChangePlaces() throws IOException {
    directory.write("f", "file");
    LinuxFiles.createDirectory(root, bytes("d"), 0755);
    try (Descriptor inner = LinuxFiles.openDirectory(root, bytes("d"))) {
      directory.write(inner, bytes("below"), "");
    }

    LinuxFiles.exchange(root, bytes("f"), root, bytes("d"));

    assertThat(directory.read("d")).isEqualTo("file");
    assertThat(LinuxFiles.status(root, bytes("f")).type()).isEqualTo(FileType.DIRECTORY);
    assertFails(
        Errno.ENOENT,
        "renameat2",
        () -> LinuxFiles.exchange(root, bytes("f"), root, bytes("none")));
  }

  @Test
  void linksShareAnInodeAndASymlinkIsLinkedItself() throws IOException {
    directory.write("a", "a");
    LinuxFiles.createSymlink(bytes("a"), root, bytes("s"));

    LinuxFiles.link(root, bytes("a"), root, bytes("b"));
    LinuxFiles.link(root, bytes("s"), root, bytes("t"));

    FileStatus a = LinuxFiles.status(root, bytes("a"));
    assertThat(a.links()).isEqualTo(2);
    assertThat(LinuxFiles.status(root, bytes("b"))).isEqualTo(a);
    assertThat(LinuxFiles.status(root, bytes("t")).type()).isEqualTo(FileType.SYMLINK);
    assertFails(Errno.EEXIST, "linkat", () -> LinuxFiles.link(root, bytes("a"), root, bytes("b")));
  }

  @Test
  void nodesAreMadeWithTypeModeAndNumbers() throws IOException {
    LinuxFiles.makeNode(root, bytes("fifo"), FileType.FIFO, 0600, 0, 0);
    LinuxFiles.makeNode(root, bytes("socket"), FileType.SOCKET, 0600, 0, 0);
    assertThat(LinuxFiles.status(root, bytes("fifo")).type()).isEqualTo(FileType.FIFO);
    assertThat(LinuxFiles.status(root, bytes("socket")).type()).isEqualTo(FileType.SOCKET);
    assertThat(LinuxFiles.status(root, bytes("fifo")).permissions()).isEqualTo(0600);
    assertFails(
        Errno.EEXIST,
        "mknodat",
        () -> LinuxFiles.makeNode(root, bytes("fifo"), FileType.FIFO, 0600, 0, 0));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> LinuxFiles.makeNode(root, bytes("d"), FileType.DIRECTORY, 0600, 0, 0));
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> LinuxFiles.makeNode(root, bytes("x"), FileType.BLOCK_DEVICE, 0600, 1, 1 << 20));
  }

  @Test
  void largeDeviceNumbersComeBack() throws IOException {
    try {
      LinuxFiles.makeNode(root, bytes("device"), FileType.BLOCK_DEVICE, 0600, 0xabc, 0xfedcb);
    } catch (SystemCallException e) {
      assumeThat(e.errno()).as("devices need CAP_MKNOD").isNotEqualTo(Errno.EPERM);
      throw e;
    }

    FileStatus status = LinuxFiles.status(root, bytes("device"));
    assertThat(status.type()).isEqualTo(FileType.BLOCK_DEVICE);
    assertThat(status.rdevMajor()).isEqualTo(0xabc);
    assertThat(status.rdevMinor()).isEqualTo(0xfedcb);
  }

  // Attributes

  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "-1, 999999999",
    "-1, 1",
    "-1000000000, 123456789",
    "2147483647, 999999999",
    "2147483648, 0",
    "4294967297, 5",
    "7258118400, 987654321"
  })
  void timesComeBackToTheNanosecond(long seconds, int nanos) throws IOException {
    directory.write("f", "");
    LinuxFiles.createSymlink(bytes("f"), root, bytes("link"));
    Object atime = Files.getAttribute(folder.resolve("f"), "lastAccessTime");

    LinuxFiles.changeTimes(root, bytes("f"), seconds, nanos);
    LinuxFiles.changeTimes(root, bytes("link"), seconds, nanos);

    for (String name : List.of("f", "link")) {
      FileStatus status = LinuxFiles.status(root, bytes(name));
      assertThat(status.mtimeSeconds()).isEqualTo(seconds);
      assertThat(status.mtimeNanos()).isEqualTo(nanos);
    }
    assertThat(Files.getAttribute(folder.resolve("f"), "lastAccessTime")).isEqualTo(atime);
  }

  @Test
  void timesAreSetOnDescriptorsAndHandlesAndNotThroughSymlinks() throws IOException {
    directory.write("f", "");
    LinuxFiles.createSymlink(bytes("f"), root, bytes("link"));
    try (Descriptor file = LinuxFiles.openForReading(root, bytes("f"));
        Descriptor handle = LinuxFiles.openHandle(root, bytes("link"))) {
      LinuxFiles.changeTimes(file, 100, 1);
      LinuxFiles.changeTimes(handle, 200, 2);
      LinuxFiles.changeTimes(root, 300, 3);
    }

    assertThat(LinuxFiles.status(root, bytes("f")).mtimeSeconds()).isEqualTo(100);
    assertThat(LinuxFiles.status(root, bytes("link")).mtimeSeconds()).isEqualTo(200);
    assertThat(LinuxFiles.status(root).mtimeSeconds()).isEqualTo(300);
    assertThat(LinuxFiles.status(root).mtimeNanos()).isEqualTo(3);
    assertFails(Errno.ENOENT, "utimensat", () -> LinuxFiles.changeTimes(root, bytes("none"), 0, 0));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> LinuxFiles.changeTimes(root, bytes("f"), 0, 1_000_000_000));
  }

  @Test
  void modesAreSetExactlyOnDescriptorsHandlesAndNames() throws IOException {
    directory.write("f", "");
    try (Descriptor file = LinuxFiles.openForReading(root, bytes("f"));
        Descriptor handle = LinuxFiles.openHandle(root, bytes("f"))) {
      LinuxFiles.changeMode(file, 06777);
      assertThat(LinuxFiles.status(file).permissions()).isEqualTo(06777);
      LinuxFiles.changeMode(handle, 0);
      assertThat(LinuxFiles.status(file).permissions()).isZero();
      LinuxFiles.changeMode(root, bytes("f"), 0640);
      assertThat(LinuxFiles.status(file).permissions()).isEqualTo(0640);
    }
  }

  @Test
  void theModeOfASymlinkAndOfItsTargetStay() throws IOException {
    directory.write("f", "");
    LinuxFiles.changeMode(root, bytes("f"), 0640);
    LinuxFiles.createSymlink(bytes("f"), root, bytes("link"));

    assertFails(Errno.EOPNOTSUPP, "chmod", () -> LinuxFiles.changeMode(root, bytes("link"), 0777));

    assertThat(LinuxFiles.status(root, bytes("f")).permissions()).isEqualTo(0640);
    assertThat(LinuxFiles.status(root, bytes("link")).permissions()).isEqualTo(0777);
  }

  @Test
  void ownersAreSetOnASymlinkItself() throws IOException {
    assumeThat(LinuxFiles.status(root).uid()).as("only root gives files away").isZero();
    directory.write("f", "");
    LinuxFiles.createSymlink(bytes("f"), root, bytes("link"));

    LinuxFiles.changeOwner(root, bytes("link"), 1234, 4_000_000_000L);
    try (Descriptor handle = LinuxFiles.openHandle(root, bytes("f"))) {
      LinuxFiles.changeOwner(handle, 77, -1);
    }

    FileStatus link = LinuxFiles.status(root, bytes("link"));
    assertThat(link.uid()).isEqualTo(1234);
    assertThat(link.gid()).isEqualTo(4_000_000_000L);
    FileStatus file = LinuxFiles.status(root, bytes("f"));
    assertThat(file.uid()).isEqualTo(77);
    assertThat(file.gid()).isEqualTo(LinuxFiles.status(root).gid());
    assertFails(Errno.ENOENT, "fchownat", () -> LinuxFiles.changeOwner(root, bytes("none"), 0, 0));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> LinuxFiles.changeOwner(root, bytes("f"), 1L << 32, 0));
  }

  // Descriptors

  @Test
  void closingTwiceDoesNotCloseAnothersFile() throws IOException {
    Descriptor first = LinuxFiles.openHandle(root, file("x"));
    int number = first.number();
    first.close();
    try (Descriptor second = LinuxFiles.openHandle(root, bytes("x"))) {
      assertThat(second.number()).isEqualTo(number);

      first.close();

      assertThat(LinuxFiles.status(second).type()).isEqualTo(FileType.REGULAR);
    }
    assertThatThrownBy(first::number).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void descriptorsAreClosedOnExec() throws IOException {
    directory.write("f", "");
    try (Descriptor handle = LinuxFiles.openHandle(root, bytes("f"));
        Descriptor reading = LinuxFiles.openForReading(root, bytes("f"));
        Descriptor created = LinuxFiles.createFile(root, bytes("g"), 0600);
        Descriptor again = LinuxFiles.openDirectory(root, bytes(""))) {
      for (Descriptor open : List.of(root, handle, reading, created, again)) {
        String flags =
            Files.readAllLines(Path.of("/proc/self/fdinfo/" + open.number())).stream()
                .filter(line -> line.startsWith("flags:"))
                .findFirst()
                .orElseThrow();
        int value = Integer.parseInt(flags.substring(6).strip(), 8);
        assertThat(value & LinuxConstants.O_CLOEXEC).isNotZero();
      }
    }
  }

  private byte[] file(String name) throws IOException {
    directory.write(name, "");
    return bytes(name);
  }

  private DirectoryEntry entry(byte[] name, FileType type) throws IOException {
    return new DirectoryEntry(name, LinuxFiles.status(root, name).inode(), type);
  }

  private void assertFails(Errno errno, String call, ThrowingCallable action) {
    assertThatExceptionOfType(SystemCallException.class)
        .isThrownBy(action)
        .satisfies(
            e -> {
              assertThat(e.errno()).as(e.getMessage()).isEqualTo(errno);
              assertThat(e.call()).isEqualTo(call);
              assertThat(e.path()).contains(folder.toString());
            });
  }
}
