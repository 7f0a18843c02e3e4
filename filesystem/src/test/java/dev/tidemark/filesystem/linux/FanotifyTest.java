package dev.tidemark.filesystem.linux;

import static dev.tidemark.filesystem.linux.TestDirectory.bytes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
@EnabledOnOs(value = OS.LINUX, disabledReason = "real Linux system calls")
class FanotifyTest {
  @TempDir private Path folder;
  private final Set<FileHandle> known = ConcurrentHashMap.newKeySet();
  private TestDirectory directory;
  private Fanotify fanotify;

  @BeforeEach
  void open() throws IOException {
    directory = new TestDirectory(folder);
    try {
      fanotify = Fanotify.open(Fanotify.Queue.UNLIMITED);
    } catch (SystemCallException e) {
      directory.close();
      assumeThat(e.errno()).as("fanotify needs CAP_SYS_ADMIN: %s", e).isNull();
      throw e;
    }
    fanotify.markFilesystem(
        directory.root, new WatchMask(WatchMask.CHANGES.bits() & ~WatchMask.MOVE_SELF));
    known.add(FileHandle.of(directory.root));
  }

  @AfterEach
  void close() throws IOException {
    fanotify.close();
    directory.close();
  }

  private List<FanotifyEvent> readUntil(Predicate<FanotifyEvent> last) throws IOException {
    List<FanotifyEvent> events = new ArrayList<>();
    while (events.stream().noneMatch(last)) {
      fanotify.read(known::contains, events);
    }
    return events;
  }

  private static boolean isAt(FanotifyEvent event, int bits, String name) {
    return event instanceof FanotifyEvent.At at
        && at.has(bits)
        && new String(at.name(), java.nio.charset.StandardCharsets.UTF_8).equals(name);
  }

  @Test
  void eventsNameTheDirectoryAndTheEntry() throws IOException {
    directory.write("f", "x");

    List<FanotifyEvent> events = readUntil(e -> isAt(e, WatchMask.CLOSE_WRITE, "f"));

    assertThat(events).anyMatch(e -> isAt(e, WatchMask.CREATE, "f"));
    FileHandle root = FileHandle.of(directory.root);
    assertThat(events)
        .allMatch(e -> e instanceof FanotifyEvent.At at && at.directory().equals(root));
  }

  @Test
  void aRenameIsOneEventOrTwoHalves() throws IOException {
    directory.write("a", "x");
    readUntil(e -> isAt(e, WatchMask.CLOSE_WRITE, "a"));

    LinuxFiles.rename(directory.root, bytes("a"), directory.root, bytes("b"));

    List<FanotifyEvent> events =
        readUntil(e -> e instanceof FanotifyEvent.Renamed || isAt(e, WatchMask.MOVED_TO, "b"));
    assertThat(events)
        .anyMatch(
            e ->
                e instanceof FanotifyEvent.Renamed(_, _, var from, _, var to)
                    ? from[0] == 'a' && to[0] == 'b'
                    : isAt(e, WatchMask.MOVED_FROM, "a"));
  }

  @Test
  void directoriesThatAreNotKnownAreDropped() throws IOException {
    LinuxFiles.createDirectory(directory.root, bytes("other"), 0755);
    try (Descriptor other = LinuxFiles.openDirectory(directory.root, bytes("other"))) {
      directory.write(other, bytes("hidden"), "x");
    }
    directory.write("seen", "x");

    List<FanotifyEvent> events = readUntil(e -> isAt(e, WatchMask.CLOSE_WRITE, "seen"));

    assertThat(events).noneMatch(e -> isAt(e, WatchMask.CREATE, "hidden"));
  }

  @Test
  void aDirectoryTellsOfItsOwnEndByItsHandle() throws IOException {
    LinuxFiles.createDirectory(directory.root, bytes("d"), 0755);
    FileHandle handle;
    try (Descriptor open = LinuxFiles.openHandle(directory.root, bytes("d"))) {
      handle = FileHandle.of(open);
    }
    known.add(handle);
    LinuxFiles.removeDirectory(directory.root, bytes("d"));

    List<FanotifyEvent> events = readUntil(e -> isAt(e, WatchMask.DELETE_SELF, ""));

    assertThat(events)
        .anyMatch(e -> e instanceof FanotifyEvent.At at && at.directory().equals(handle));
    LinuxFiles.createDirectory(directory.root, bytes("d"), 0755);
    try (Descriptor again = LinuxFiles.openHandle(directory.root, bytes("d"))) {
      assertThat(FileHandle.of(again)).isNotEqualTo(handle);
    }
  }

  @Test
  void changesOfADirectorysOwnAttributesHaveNoName() throws IOException {
    LinuxFiles.changeMode(directory.root, 0700);

    assertThat(readUntil(e -> isAt(e, WatchMask.ATTRIB, ""))).isNotEmpty();
  }

  @Test
  void handlesOfDifferentFilesDiffer() throws IOException {
    directory.write("a", "x");
    directory.write("b", "x");
    try (Descriptor a = LinuxFiles.openHandle(directory.root, bytes("a"));
        Descriptor again = LinuxFiles.openForReading(directory.root, bytes("a"));
        Descriptor b = LinuxFiles.openHandle(directory.root, bytes("b"))) {
      assertThat(FileHandle.of(a)).isEqualTo(FileHandle.of(again)).isNotEqualTo(FileHandle.of(b));
      assertThat(FileHandle.of(a).filesystem()).isEqualTo(FileHandle.of(b).filesystem());
    }
  }

  @Test
  void aReadEndsByItsTimeOutOrAWake() throws IOException {
    List<FanotifyEvent> events = new ArrayList<>();
    assertThat(fanotify.read(_ -> false, events, Duration.ofMillis(1))).isZero();
    fanotify.wake();
    assertThat(fanotify.read(_ -> false, events)).isZero();
    assertThat(events).isEmpty();
  }
}
