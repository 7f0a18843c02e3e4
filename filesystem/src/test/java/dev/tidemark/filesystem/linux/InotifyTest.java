package dev.tidemark.filesystem.linux;

import static dev.tidemark.filesystem.linux.TestDirectory.bytes;
import static dev.tidemark.filesystem.linux.TestDirectory.longName;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
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
class InotifyTest {
  @TempDir private Path folder;
  private TestDirectory directory;
  private Descriptor root;
  private Inotify inotify;

  @BeforeEach
  void open() throws IOException {
    directory = new TestDirectory(folder);
    root = directory.root;
    inotify = Inotify.open();
  }

  @AfterEach
  void close() throws IOException {
    inotify.close();
    directory.close();
  }

  @Test
  void aWatchOnAHandleFires() throws IOException {
    LinuxFiles.createDirectory(root, bytes("d"), 0755);
    try (Descriptor handle = LinuxFiles.openHandle(root, bytes("d"));
        Descriptor inner = LinuxFiles.openDirectory(root, bytes("d"))) {
      int watch = inotify.addWatch(handle, WatchMask.CHANGES);
      directory.write(inner, bytes("f"), "x");

      List<InotifyEvent> events = readUntil(event -> event.has(WatchMask.CLOSE_WRITE));

      assertThat(events).allMatch(event -> event.watch() == watch);
      assertThat(events).extracting(InotifyEvent::name).containsOnly(bytes("f"));
      assertThat(events)
          .extracting(InotifyEvent::mask)
          .containsExactly(WatchMask.CREATE, WatchMask.MODIFY, WatchMask.CLOSE_WRITE);
    }
  }

  @Test
  void aWatchOnAnOpenDirectoryFiresAlsoAfterItsRename() throws IOException {
    LinuxFiles.createDirectory(root, bytes("d"), 0755);
    try (Descriptor inner = LinuxFiles.openDirectory(root, bytes("d"))) {
      LinuxFiles.rename(root, bytes("d"), root, bytes("e"));
      inotify.addWatch(inner, WatchMask.CHANGES);

      directory.write(inner, bytes("f"), "");

      assertThat(readUntil(event -> event.has(WatchMask.CREATE))).isNotEmpty();
    }
  }

  @Test
  void bothHalvesOfARenameCarryOneCookie() throws IOException {
    LinuxFiles.createDirectory(root, bytes("from"), 0755);
    LinuxFiles.createDirectory(root, bytes("to"), 0755);
    try (Descriptor from = LinuxFiles.openDirectory(root, bytes("from"));
        Descriptor to = LinuxFiles.openDirectory(root, bytes("to"))) {
      directory.write(from, bytes("a"), "");
      LinuxFiles.createDirectory(from, bytes("d"), 0755);
      int fromWatch = inotify.addWatch(from, WatchMask.CHANGES);
      int toWatch = inotify.addWatch(to, WatchMask.CHANGES);

      LinuxFiles.rename(from, bytes("a"), to, bytes("b"));
      LinuxFiles.rename(from, bytes("d"), to, bytes("e"));
      List<InotifyEvent> events =
          readUntil(event -> event.has(WatchMask.MOVED_TO) && event.isDirectory());

      assertThat(events).hasSize(4);
      InotifyEvent left = events.get(0);
      InotifyEvent right = events.get(1);
      assertThat(left.watch()).isEqualTo(fromWatch);
      assertThat(left.mask()).isEqualTo(WatchMask.MOVED_FROM);
      assertThat(left.name()).isEqualTo(bytes("a"));
      assertThat(right.watch()).isEqualTo(toWatch);
      assertThat(right.mask()).isEqualTo(WatchMask.MOVED_TO);
      assertThat(right.name()).isEqualTo(bytes("b"));
      assertThat(left.cookie()).isNotZero().isEqualTo(right.cookie());
      assertThat(events.get(2).cookie())
          .isEqualTo(events.get(3).cookie())
          .isNotEqualTo(left.cookie());
    }
  }

  @Test
  void namesComeAsTheirBytes() throws IOException {
    byte[] odd = {(byte) 0xff, '\n', (byte) 0xc3, '\\'};
    inotify.addWatch(root, WatchMask.CHANGES);

    directory.write(root, odd, "");
    directory.write(root, longName(255, 'l'), "");

    List<InotifyEvent> events =
        readUntil(event -> event.has(WatchMask.CLOSE_WRITE) && event.name().length == 255);
    assertThat(events).extracting(InotifyEvent::name).contains(odd, longName(255, 'l'));
  }

  @Test
  void onlyDirectoriesAreWatchedAndNoSymlinkToOne() throws IOException {
    directory.write("f", "");
    LinuxFiles.createSymlink(bytes("."), root, bytes("link"));
    for (String name : List.of("f", "link")) {
      try (Descriptor handle = LinuxFiles.openHandle(root, bytes(name))) {
        assertThatExceptionOfType(SystemCallException.class)
            .isThrownBy(() -> inotify.addWatch(handle, WatchMask.CHANGES))
            .satisfies(e -> assertThat(e.errno()).isEqualTo(Errno.ENOTDIR))
            .withMessageContaining("inotify_add_watch " + folder + "/" + name);
      }
    }
  }

  @Test
  void aDirectoryWatchedTwiceKeepsItsNumber() throws IOException {
    int first = inotify.addWatch(root, WatchMask.CHANGES);
    try (Descriptor again = LinuxFiles.openDirectory(root, bytes(""))) {
      assertThat(inotify.addWatch(again, WatchMask.CHANGES)).isEqualTo(first);
    }
  }

  @Test
  void writesToAnUnlinkedFileAreNotReported() throws IOException {
    try (Descriptor file = LinuxFiles.createFile(root, bytes("f"), 0600)) {
      inotify.addWatch(root, WatchMask.CHANGES);
      LinuxFiles.removeFile(root, bytes("f"));
      LinuxFiles.writeFully(file, bytes("x"), 0, 1);
    }
    LinuxFiles.createDirectory(root, bytes("end"), 0755);

    List<InotifyEvent> events = readUntil(InotifyEvent::isDirectory);

    assertThat(events).noneMatch(event -> event.has(WatchMask.MODIFY | WatchMask.CLOSE_WRITE));
  }

  @Test
  void aRemovedDirectorySaysSoAndItsWatchEnds() throws IOException {
    LinuxFiles.createDirectory(root, bytes("d"), 0755);
    int watch;
    try (Descriptor inner = LinuxFiles.openDirectory(root, bytes("d"))) {
      watch = inotify.addWatch(inner, WatchMask.CHANGES);
    }
    LinuxFiles.removeDirectory(root, bytes("d"));

    List<InotifyEvent> events = readUntil(InotifyEvent::isIgnored);

    assertThat(events).anyMatch(event -> event.has(WatchMask.DELETE_SELF));
    assertThat(events.getLast().name()).isEmpty();
    inotify.removeWatch(watch);
  }

  @Test
  void aRemovedWatchIsSilent() throws IOException {
    LinuxFiles.createDirectory(root, bytes("d"), 0755);
    try (Descriptor inner = LinuxFiles.openDirectory(root, bytes("d"))) {
      int watch = inotify.addWatch(inner, WatchMask.CHANGES);
      inotify.addWatch(root, WatchMask.CHANGES);
      inotify.removeWatch(watch);
      directory.write(inner, bytes("f"), "");
      directory.write("end", "");

      List<InotifyEvent> events = readUntil(event -> event.has(WatchMask.CLOSE_WRITE));

      assertThat(events.getFirst().isIgnored()).isTrue();
      assertThat(events).extracting(InotifyEvent::name).doesNotContain(bytes("f"));
    }
  }

  @Test
  void wakeEndsAReadThatWaitsAndOneThatComesLater() throws Exception {
    try (ExecutorService readers = Executors.newSingleThreadExecutor()) {
      Future<Integer> waiting = readers.submit(() -> inotify.read(new ArrayList<>()));
      inotify.wake();
      assertThat(waiting.get(30, TimeUnit.SECONDS)).isZero();
    }

    inotify.wake();
    inotify.wake();
    assertThat(inotify.read(new ArrayList<>())).isZero();

    inotify.addWatch(root, WatchMask.CHANGES);
    directory.write("f", "");
    assertThat(inotify.read(new ArrayList<>())).isPositive();
  }

  @Test
  void closingEndsAReadThatWaits() throws Exception {
    try (ExecutorService readers = Executors.newSingleThreadExecutor()) {
      Future<Integer> waiting =
          readers.submit(
              () -> {
                inotify.addWatch(root, WatchMask.CHANGES);
                LinuxFiles.createDirectory(root, bytes("ready"), 0755);
                List<InotifyEvent> events = new ArrayList<>();
                inotify.read(events);
                return inotify.read(events);
              });
      while (!Files.exists(folder.resolve("ready"))) {
        Thread.onSpinWait();
      }
      inotify.close();
      inotify.close();
      try {
        assertThat(waiting.get(30, TimeUnit.SECONDS)).isZero();
      } catch (java.util.concurrent.ExecutionException e) {
        // Closed between its two reads.
        assertThat(e.getCause()).isInstanceOf(IllegalStateException.class);
      }
    }
    assertThatThrownBy(() -> inotify.read(new ArrayList<>()))
        .isInstanceOf(IllegalStateException.class);
    inotify.wake();
  }

  @Test
  void aFullQueueIsSaidByAnEvent() throws IOException {
    int limit =
        Integer.parseInt(
            Files.readString(Path.of("/proc/sys/fs/inotify/max_queued_events")).strip());
    assumeThat(limit).as("a queue that a test can fill").isLessThanOrEqualTo(30_000);
    inotify.addWatch(root, new WatchMask(WatchMask.CREATE | WatchMask.DELETE));
    for (int i = 0; i < 20_000; i++) {
      LinuxFiles.makeNode(root, bytes("f"), FileType.REGULAR, 0600, 0, 0);
      LinuxFiles.removeFile(root, bytes("f"));
    }

    List<InotifyEvent> events = new ArrayList<>();
    inotify.read(events);

    assertThat(events.getLast().isOverflow()).isTrue();
    assertThat(events.getLast().watch()).isEqualTo(-1);
    assertThat(events.getLast().name()).isEmpty();
    assertThat(events).hasSizeLessThan(40_000);
  }

  @Test
  void aMaskOfNoBitsOrOfForeignOnesIsRefused() {
    assertThatThrownBy(() -> new WatchMask(0)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new WatchMask(WatchMask.IGNORED))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private List<InotifyEvent> readUntil(Predicate<InotifyEvent> last) throws IOException {
    List<InotifyEvent> events = new ArrayList<>();
    while (events.stream().noneMatch(last)) {
      assertThat(inotify.read(events)).isPositive();
    }
    return events;
  }
}
