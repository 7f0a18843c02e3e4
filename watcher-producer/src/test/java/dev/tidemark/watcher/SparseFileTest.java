package dev.tidemark.watcher;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.schemas.change.Content;
import dev.tidemark.schemas.change.Extent;
import dev.tidemark.schemas.change.Node;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Holes are kept as the kernel tells them; nothing is guessed from zeros. */
@ExtendWith(SharedLog.class)
class SparseFileTest {
  private static final int BLOCK = 4096;

  @TempDir Path folder;
  private final TestLog log;

  SparseFileTest(TestLog log) {
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

  /** Writes bytes at a place; what is skipped is a hole. */
  private static void writeAt(Path file, long position, byte[] bytes) throws IOException {
    try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "rw")) {
      open.seek(position);
      open.write(bytes);
    }
  }

  private static void resize(Path file, long size) throws IOException {
    try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "rw")) {
      open.setLength(size);
    }
  }

  /** fallocate(1) is part of every Linux. */
  private static void punch(Path file, long position, long length) throws Exception {
    int exit =
        new ProcessBuilder(
                "fallocate", "-p", "-o", "" + position, "-l", "" + length, file.toString())
            .inheritIO()
            .start()
            .waitFor();
    assertThat(exit).as("fallocate -p").isZero();
  }

  private static List<Extent> extents(WatchedTree tree, String path) throws IOException {
    return ((Node.File) tree.view.find(path).orElseThrow()).content().extents();
  }

  @Test
  void aFileOfATebibyteCostsItsIslands() throws Exception {
    try (WatchedTree tree = tree("islands").start()) {
      Path file = tree.path("islands");
      for (long at : List.of(0L, 1L << 39, (1L << 40) - 5000)) {
        writeAt(file, at, random(5000));
      }
      tree.awaitIdentical();

      assertThat(((Node.File) tree.view.find("islands").orElseThrow()).content().size())
          .isEqualTo(1L << 40);
      assertThat(tree.status().bytesRead()).isLessThan(200_000);
      assertThat(tree.status().bytesSent()).isLessThan(100_000);
    }
  }

  @Test
  void zerosThatWereWrittenAreBytes() throws Exception {
    try (WatchedTree tree = tree("zeros").start()) {
      byte[] bytes = new byte[300_000];
      bytes[0] = 1;
      tree.write("zeros", bytes);
      // A hole elsewhere in a file does not make holes of its zeros.
      writeAt(tree.path("both"), 1 << 20, bytes);
      tree.awaitIdentical();

      assertThat(extents(tree, "zeros")).noneMatch(Extent.Hole.class::isInstance);
      assertThat(extents(tree, "both")).filteredOn(Extent.Hole.class::isInstance).hasSize(1);
    }
  }

  @Test
  void holesMayBeginAndEndAnywhereAndBeAll() throws Exception {
    try (WatchedTree tree = tree("shapes").start()) {
      Files.createFile(tree.path("empty"));
      resize(Files.createFile(tree.path("all-hole")), 12_345_678);
      writeAt(tree.path("ends-in-hole"), 0, random(10_001));
      resize(tree.path("ends-in-hole"), 5_000_001);
      writeAt(tree.path("unaligned"), 3 * BLOCK + 777, random(70_001));
      writeAt(tree.path("unaligned"), 1_000_003, random(1));
      tree.awaitIdentical();

      assertThat(extents(tree, "empty")).isEmpty();
      assertThat(extents(tree, "all-hole")).containsExactly(new Extent.Hole(12_345_678));
      assertThat(extents(tree, "ends-in-hole").getLast()).isInstanceOf(Extent.Hole.class);
      tree.stop();
      tree.start();
      tree.awaitIdentical();
    }
  }

  @Test
  void aHolePunchedOverZerosIsPublished() throws Exception {
    try (WatchedTree tree = tree("punched")) {
      tree.write("f", new byte[40 * BLOCK]);
      tree.start();
      tree.awaitIdentical();
      assertThat(extents(tree, "f")).noneMatch(Extent.Hole.class::isInstance);

      punch(tree.path("f"), 8 * BLOCK, 8 * BLOCK);
      tree.awaitIdentical();

      assertThat(extents(tree, "f")).contains(new Extent.Hole(8 * BLOCK));
      tree.stop();
      punch(tree.path("f"), 0, 8 * BLOCK);
      tree.start();
      tree.awaitIdentical();
      assertThat(extents(tree, "f").getFirst()).isEqualTo(new Extent.Hole(16 * BLOCK));
    }
  }

  @Test
  void moreHolesThanAListHoldsAreNested() throws Exception {
    try (WatchedTree tree = tree("many-holes").start()) {
      try (RandomAccessFile file = new RandomAccessFile(tree.path("f").toFile(), "rw")) {
        for (long i = 0; i < Content.MAX_EXTENTS; i++) {
          file.seek((2 * i + 1) * BLOCK);
          file.writeLong(i);
        }
      }
      tree.awaitIdentical();

      assertThat(extents(tree, "f")).anyMatch(Extent.Nested.class::isInstance);
    }
  }

  @Test
  void growthOfAFileWithHolesCostsItsGrowth() throws Exception {
    try (WatchedTree tree = tree("growing-holes").start()) {
      try (RandomAccessFile file = new RandomAccessFile(tree.path("log").toFile(), "rw")) {
        file.seek(1 << 20);
        file.write(random(400_000));
        tree.awaitIdentical();
        long read = tree.status().bytesRead();

        file.seek(9 << 20);
        file.write(random(5_000));
        tree.awaitIdentical();
        file.setLength(20 << 20);
        tree.awaitIdentical();
        file.seek(30 << 20);
        file.write(random(5_001));
        tree.awaitIdentical();

        assertThat(tree.status().bytesRead() - read).isLessThan(200_000);
      }
      tree.awaitIdentical();
    }
  }
}
