package dev.tidemark.watcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.tidemark.filesystem.linux.Descriptor;
import dev.tidemark.filesystem.linux.Fanotify;
import dev.tidemark.filesystem.linux.LinuxFiles;
import dev.tidemark.filesystem.linux.NativePath;
import dev.tidemark.schemas.change.Change;
import dev.tidemark.schemas.change.NodePath;
import dev.tidemark.watcher.capture.CaptureFaults;
import dev.tidemark.watcher.capture.CaptureMode;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What holds whichever way events are told: nothing is missed, whatever is done to the tree. */
@ExtendWith(SharedLog.class)
abstract class CaptureContract {
  @TempDir Path folder;
  private final TestLog log;
  private final CaptureMode mode;

  CaptureContract(TestLog log, CaptureMode mode) {
    this.log = log;
    this.mode = mode;
  }

  /** Skips where this source of events cannot be had. */
  abstract void assumeUsable();

  final WatchedTree tree(String name) throws Exception {
    assumeUsable();
    return new WatchedTree(log, folder, mode + "-" + name)
        .configure(c -> c.with(c.capture().with(mode)));
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  private static void exchange(WatchedTree tree, String one, String other) throws IOException {
    try (Descriptor root = LinuxFiles.openRoot(NativePath.of(tree.root))) {
      LinuxFiles.exchange(root, ascii(one), root, ascii(other));
    }
  }

  private static void rename(WatchedTree tree, String from, String to) throws IOException {
    Files.move(tree.path(from), tree.path(to), StandardCopyOption.ATOMIC_MOVE);
  }

  @Test
  void theCaptureAskedForIsUsed() throws Exception {
    try (WatchedTree tree = tree("asked").start()) {
      assertThat(tree.status().capture().mode()).isEqualTo(mode);
      assertThat(tree.status().capture().reason()).isEqualTo("asked for");
      assertThat(tree.status().watchedDirectories()).isOne();
    }
  }

  @Test
  void filesWrittenIntoNewDirectoriesAtOnceAreFound() throws Exception {
    try (WatchedTree tree = tree("mkdir-p").start()) {
      for (int i = 0; i < 60; i++) {
        tree.write("d" + i + "/a/b/c", "text " + i);
        tree.write("d" + i + "/a/later", "text " + i);
      }
      tree.awaitIdentical();
    }
  }

  @Test
  void attributesOfFilesAndDirectoriesAreFound() throws Exception {
    try (WatchedTree tree = tree("attributes")) {
      tree.write("d/sub/f", "x");
      tree.start();
      for (String path : new String[] {"d/sub/f", "d/sub", "d", ""}) {
        Files.setPosixFilePermissions(
            tree.path(path), PosixFilePermissions.fromString("rwx--x--x"));
        tree.awaitIdentical();
      }
    }
  }

  @Test
  void aNewTimeOfADirectoryAloneIsFound() throws Exception {
    try (WatchedTree tree = tree("directory-time")) {
      Files.createDirectories(tree.path("inner"));
      tree.start();
      tree.awaitIdentical();
      // A directory that is new is looked at once more when it is quiet.
      tree.view.await("nothing is dirty", () -> tree.status().dirtyEntries() == 0);

      try (Descriptor root = LinuxFiles.openRoot(NativePath.of(tree.root))) {
        LinuxFiles.changeTimes(root, "inner".getBytes(StandardCharsets.US_ASCII), 1_000_000_000, 1);
        LinuxFiles.changeTimes(root, 1_000_000_001, 2);
      }

      tree.awaitIdentical();
    }
  }

  @Test
  void aDirectoryMovedOutReportsNothingAnyMore() throws Exception {
    try (WatchedTree tree = tree("moved-out")) {
      tree.write("dir/sub/file", "inside");
      tree.start();
      Path outside = folder.resolve("elsewhere");
      AtomicBoolean stop = new AtomicBoolean();
      Thread writer =
          Thread.ofPlatform()
              .start(
                  () -> {
                    for (int i = 0; !stop.get(); i++) {
                      try {
                        Files.writeString(outside.resolve("sub/secret" + i % 50), "outside " + i);
                      } catch (IOException _) {
                        // It is not there yet.
                        Thread.onSpinWait();
                      }
                    }
                  });

      try {
        Files.move(tree.path("dir"), outside);
        tree.view.await(
            "the removal",
            () -> tree.view.bodies().contains(new Change.Remove(NodePath.ofText("dir"))));
        tree.write("marker", "after it");
        tree.awaitIdentical();
      } finally {
        stop.set(true);
        writer.join();
      }

      assertThat(tree.view.bodies())
          .noneMatch(b -> b instanceof Change.Put(var p, _) && p.toString().contains("secret"));
      Files.writeString(outside.resolve("sub/secret-last"), "outside");
      Files.move(outside, tree.path("back"));
      tree.awaitIdentical();
      assertThat(tree.view.find("back/sub/secret-last")).isPresent();
    }
  }

  @Test
  void aDirectoryMovedInIsFoundWithAllThatIsWrittenMeanwhile() throws Exception {
    try (WatchedTree tree = tree("moved-in").start()) {
      Path outside = Files.createDirectories(folder.resolve("outside/a/b"));
      Files.writeString(outside.resolve("before"), "x");
      Files.move(folder.resolve("outside"), tree.path("in"));
      for (int i = 0; i < 100; i++) {
        tree.write("in/a/b/f" + i % 10, "text " + i);
        tree.write("in/new" + i + "/g", "text " + i);
      }
      tree.awaitIdentical();
    }
  }

  @Test
  void renameChainsAndSwapsEndAsTheTreeDoes() throws Exception {
    try (WatchedTree tree = tree("chains")) {
      tree.write("a", "first");
      tree.write("b", "second");
      tree.write("d/x/f", "in d");
      tree.write("e/y/g", "in e");
      tree.start();
      for (int i = 0; i < 20; i++) {
        rename(tree, "a", "c");
        rename(tree, "b", "a");
        tree.write("a", "written in the chain " + i);
        rename(tree, "c", "b");
        rename(tree, "d", "t");
        rename(tree, "e", "d");
        tree.write("d/y/h" + i, "written in the chain");
        rename(tree, "t", "e");
        if (i % 5 == 0) {
          tree.awaitIdentical();
        }
      }
      tree.awaitIdentical();
      rename(tree, "a", "moved");
      tree.write("a", "a new one under the old name");
      tree.awaitIdentical();
    }
  }

  @Test
  void exchangesDestroyNeitherSide() throws Exception {
    try (WatchedTree tree = tree("exchange")) {
      tree.write("one/a", "a");
      tree.write("two/b", "b");
      tree.write("f", "a file");
      tree.write("g", "another");
      tree.start();
      for (int i = 0; i < 5; i++) {
        exchange(tree, "one", "two");
        tree.write("one/new" + i, "written after");
        exchange(tree, "f", "g");
        tree.awaitIdentical();
      }
      exchange(tree, "f", "one");
      tree.write("f/in", "a directory now");
      tree.awaitIdentical();
    }
  }

  @Test
  void whatStandsAtANameMayBeReplacedByAnything() throws Exception {
    try (WatchedTree tree = tree("replace")) {
      tree.write("target", "old");
      tree.start();
      rename(tree, tree.root.relativize(tree.write("fresh", "new")).toString(), "target");
      tree.awaitIdentical();
      for (int i = 0; i < 20; i++) {
        Files.delete(tree.path("target"));
        tree.write("target/sub/f" + i, "a directory");
        if (i % 7 == 0) {
          tree.awaitIdentical();
        }
        tree.deleteTree("target");
        tree.write("target", "a file " + i);
      }
      tree.awaitIdentical();
    }
  }

  @Test
  void aNameDeletedAndMadeAgainAtOnceIsTheNewOne() throws Exception {
    try (WatchedTree tree = tree("again")) {
      tree.write("f", "first");
      tree.write("d/sub/first", "first");
      tree.start();
      for (int i = 0; i < 100; i++) {
        Files.delete(tree.path("f"));
        tree.write("f", "version " + i);
        tree.deleteTree("d");
        tree.write("d/sub/f" + i, "version " + i);
        if (i % 30 == 0) {
          tree.awaitIdentical();
        }
      }
      tree.awaitIdentical();
      tree.write("d/sub/more", "the new directory is watched");
      tree.awaitIdentical();
    }
  }

  @Test
  void aFileThatGetsItsNameWhenItIsCompleteIsFound() throws Exception {
    assumeThat(Path.of("/usr/bin/python3")).as("opens with O_TMPFILE").exists();
    try (WatchedTree tree = tree("tmpfile").start()) {
      Process linked =
          new ProcessBuilder(
                  "/usr/bin/python3",
                  "-c",
                  "import os, sys\n"
                      + "f = os.open(sys.argv[1], os.O_TMPFILE | os.O_RDWR, 0o644)\n"
                      + "os.write(f, b'all of it')\n"
                      + "root = os.open('/', os.O_RDONLY)\n"
                      + "os.link('/proc/self/fd/%d' % f, sys.argv[1] + '/named',"
                      + " src_dir_fd=root, follow_symlinks=True)\n",
                  tree.root.toString())
              .inheritIO()
              .start();
      assumeThat(linked.waitFor()).as("the filesystem has O_TMPFILE").isZero();
      tree.awaitIdentical();
      assertThat(tree.view.find("named")).isPresent();
    }
  }

  @Test
  void anEditorsSaveIsAtMostTwoChangesOfTheFile() throws Exception {
    try (WatchedTree tree = tree("editor")) {
      tree.write("text", "before");
      tree.start();
      tree.view.read();
      int before = tree.view.accepted().size();

      tree.write("text.tmp", "saved by a rename over it");
      rename(tree, "text.tmp", "text");
      tree.awaitIdentical();
      assertThat(changesOf(tree, before, "text")).isBetween(1L, 2L);

      before = tree.view.accepted().size();
      rename(tree, "text", "text~");
      tree.write("text", "saved beside a copy of the old one");
      Files.delete(tree.path("text~"));
      tree.awaitIdentical();
      assertThat(changesOf(tree, before, "text")).isBetween(1L, 2L);
    }
  }

  private static long changesOf(WatchedTree tree, int from, String name) {
    NodePath path = NodePath.ofText(name);
    return tree.view.bodies(from).stream()
        .filter(
            body ->
                switch (body) {
                  case Change.Put(var at, _) -> at.equals(path);
                  case Change.Remove(var at) -> at.equals(path);
                  case Change.Move(var one, var other) -> one.equals(path) || other.equals(path);
                  case Change.Exchange(var one, var other) ->
                      one.equals(path) || other.equals(path);
                  case Change.Keep _, Change.Mark _ -> false;
                })
        .count();
  }

  @Test
  void aFileThatIsNeverClosedIsFoundByTheLongestDelay() throws Exception {
    try (WatchedTree tree = tree("never-closed").start()) {
      try (RandomAccessFile file = new RandomAccessFile(tree.path("open").toFile(), "rw")) {
        file.write(ascii("one"));
        tree.awaitIdentical();
        file.write(ascii("two"));
        tree.awaitIdentical();
      }
    }
  }

  @Test
  void whatIsWrittenThroughAMappingIsFoundWhenItIsGivenUp() throws Exception {
    try (WatchedTree tree = tree("mapped")) {
      tree.write("mapped", new byte[10_000]);
      tree.start();
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment mapped;
        try (FileChannel channel =
            FileChannel.open(
                tree.path("mapped"), StandardOpenOption.READ, StandardOpenOption.WRITE)) {
          mapped = channel.map(FileChannel.MapMode.READ_WRITE, 0, 10_000, arena);
        }
        mapped.set(ValueLayout.JAVA_BYTE, 5_000, (byte) 1);
        mapped.set(ValueLayout.JAVA_BYTE, 5_001, (byte) 2);
      }
      tree.awaitIdentical();
    }
  }

  @Test
  void lostEventsAreCountedAndOnlyWhatDiffersIsReadAgain() throws Exception {
    HeldSource held = new HeldSource();
    try (WatchedTree tree =
        tree("overflow")
            .in(
                Environment.ofProcess()
                    .withFaults(new CaptureFaults(Fanotify.Queue.BOUNDED, held::around)))) {
      for (int i = 0; i < 50; i++) {
        tree.write("quiet/f" + i, "x".repeat(10_000) + i);
      }
      tree.write("changed", "before");
      tree.start();
      long read = tree.status().bytesRead();

      held.hold();
      try {
        try (Descriptor root = LinuxFiles.openRoot(NativePath.of(tree.root))) {
          // As many names as the kernel's queue has places: it does not merge their events.
          for (int i = 0; i < HeldSource.QUEUED + 100; i++) {
            byte[] name = ascii("n" + i);
            LinuxFiles.createFile(root, name, 0600).close();
            LinuxFiles.removeFile(root, name);
          }
        }
        tree.write("changed", "after, and its event is lost");
        tree.write("quiet/new/deep", "its event is lost, too");
      } finally {
        held.release();
      }
      tree.view.await("the overflow", () -> tree.status().overflows() > 0);
      tree.awaitIdentical();
      tree.view.await("the comparison", () -> tree.status().recheckedEntries() > 50);

      assertThat(tree.status().recheckedDifferences()).isLessThan(20);
      assertThat(tree.status().bytesRead() - read).isLessThan(10_000);
    }
  }

  @Test
  void logEndsAsTheFolderDoesAfterRandomChanges() throws Exception {
    long seed = Long.getLong("tidemark.seed", System.nanoTime());
    System.out.println("tidemark.seed=" + seed);
    try (WatchedTree tree = tree("churn").start()) {
      Churn churn = new Churn(tree.root, folder.resolve("outside"), seed);
      for (int round = 0; round < 3; round++) {
        churn.run(120);
        tree.awaitIdentical();
      }
      assertThat(tree.view.gaps()).isEmpty();
      assertThat(tree.view.rejected()).isEmpty();
      assertThat(tree.status().overflows()).isZero();
    }
  }
}
