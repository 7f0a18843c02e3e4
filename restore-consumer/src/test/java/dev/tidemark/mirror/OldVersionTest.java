package dev.tidemark.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.apply.ExtentWalk;
import dev.tidemark.apply.ExtentWalk.Placed;
import dev.tidemark.apply.FileFiller;
import dev.tidemark.apply.FrameSource;
import dev.tidemark.apply.NodeWriter;
import dev.tidemark.apply.OwnerIds;
import dev.tidemark.apply.StagedFile;
import dev.tidemark.apply.TargetDirectory;
import dev.tidemark.apply.TestFrames;
import dev.tidemark.filesystem.linux.Descriptor;
import dev.tidemark.filesystem.linux.FileStatus;
import dev.tidemark.filesystem.linux.LinuxFiles;
import dev.tidemark.filesystem.linux.NativePath;
import dev.tidemark.schemas.change.Extent;
import dev.tidemark.schemas.change.Metadata.FileTime;
import dev.tidemark.schemas.change.Node;
import dev.tidemark.schemas.chunk.ChunkId;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class OldVersionTest {
  private static final FileTime TIME = new FileTime(1_700_000_000, 5);
  private static final byte[] NAME = "big".getBytes(StandardCharsets.US_ASCII);

  /** Some windows, and a last chunk that is not whole. */
  private static final int BYTES = 20_000_003;

  @TempDir private Path folder;
  private final TestFrames frames = new TestFrames();
  private final AtomicLong fetched = new AtomicLong();
  private final ExecutorService threads = Executors.newFixedThreadPool(3);
  private final byte[] old = new byte[BYTES];
  private TargetDirectory target;
  private NodeWriter writer;
  private StateEntry before;

  @BeforeEach
  void writeTheOldVersion() throws Exception {
    new Random(7).nextBytes(old);
    target = TargetDirectory.open(folder.resolve("target"));
    writer = target.writer(OwnerIds.BY_NAME);
    Node.File node = frames.file(old, 0644, TIME);
    try (StagedFile file = writer.stage(node)) {
      FileFiller.fill(file, frames);
      FileStatus left = file.finish(target.root(), NAME);
      before = new StateEntry(1, 0, 0, Signature.of(left), node);
    }
  }

  @AfterEach
  void close() throws Exception {
    threads.shutdown();
    target.close();
  }

  private final FrameSource counting =
      new FrameSource() {
        @Override
        public Map<ChunkId, byte[]> read(Collection<Extent.Chunk> wanted) {
          fetched.addAndGet(wanted.size());
          return frames.read(wanted);
        }
      };

  private boolean write(byte[] bytes, WindowPool pool) throws IOException {
    Node.File node = frames.file(bytes, 0644, TIME);
    Optional<OldVersion> held = OldVersion.open(target.root(), NAME, before, counting);
    try (StagedFile file = writer.stage(node)) {
      if (held.isPresent()) {
        try (OldVersion version = held.get()) {
          version.fill(file, counting, pool);
        }
        file.finish(target.root(), NAME);
      }
    }
    return held.isPresent();
  }

  private Path file() {
    return folder.resolve("target/big");
  }

  @Test
  void ofAnEditedFileTheEditedChunksAreFetched() throws Exception {
    byte[] edited = old.clone();
    edited[3_000_000] ^= 1;
    edited[15_000_000] ^= 1;

    assertThat(write(edited, new WindowPool(threads, 3))).isTrue();

    assertThat(file()).hasBinaryContent(edited);
    assertThat(fetched).hasValue(2);
  }

  @Test
  void chunksAreFoundAtOtherPlaces() throws Exception {
    byte[] moved = new byte[BYTES];
    int cut = 31 * TestFrames.CHUNK_BYTES;
    System.arraycopy(old, cut, moved, 0, BYTES - cut);
    System.arraycopy(old, 0, moved, BYTES - cut, cut);

    assertThat(write(moved, WindowPool.ALONE)).isTrue();

    assertThat(file()).hasBinaryContent(moved);
    // Behind the end of the old version nothing is cut where it was.
    assertThat(fetched.get()).isBetween(1L, 33L);
  }

  @Test
  void aLongerVersionIsTheOldOneAndTheRest() throws Exception {
    byte[] longer = new byte[BYTES + 5_000_000];
    new Random(8).nextBytes(longer);
    System.arraycopy(old, 0, longer, 0, BYTES);

    assertThat(write(longer, new WindowPool(threads, 2))).isTrue();

    assertThat(file()).hasBinaryContent(longer);
    int all = (longer.length + TestFrames.CHUNK_BYTES - 1) / TestFrames.CHUNK_BYTES;
    assertThat(fetched).hasValue(all - BYTES / TestFrames.CHUNK_BYTES);
  }

  /** As a bad disk would, which tells no new time. */
  @Test
  void whatHasRottenIsFetched() throws Exception {
    try (RandomAccessFile bytes = new RandomAccessFile(file().toFile(), "rw")) {
      bytes.seek(9_000_000);
      bytes.write(old[9_000_000] ^ 1);
    }
    before =
        new StateEntry(
            1,
            0,
            0,
            Signature.of(LinuxFiles.findStatus(target.root(), NAME).orElseThrow()),
            before.node());
    byte[] edited = old.clone();
    edited[0] ^= 1;

    assertThat(write(edited, new WindowPool(threads, 3))).isTrue();

    assertThat(file()).hasBinaryContent(edited);
    assertThat(fetched).hasValue(2);
  }

  @Test
  void aFileThatOthersWroteToIsOfNoUse() throws Exception {
    try (RandomAccessFile bytes = new RandomAccessFile(file().toFile(), "rw")) {
      bytes.write(1);
    }

    assertThat(write(old, WindowPool.ALONE)).isFalse();
  }

  /** The memory of a process can be read only where something is: at its beginning it gives EIO. */
  @Test
  void whatCannotBeReadIsFetched() throws Exception {
    Node.File node = frames.file(old, 0644, TIME);
    try (Descriptor proc = LinuxFiles.openRoot(NativePath.of(Path.of("/proc/self")));
        Descriptor unreadable =
            LinuxFiles.openForReading(proc, "mem".getBytes(StandardCharsets.US_ASCII));
        OldVersion version =
            new OldVersion(
                unreadable, Signature.of(LinuxFiles.status(unreadable)), placesOf(node));
        StagedFile file = writer.stage(node)) {
      version.fill(file, counting, new WindowPool(threads, 3));
      file.finish(target.root(), NAME);
    }

    assertThat(file()).hasBinaryContent(old);
    assertThat(fetched.get()).isEqualTo(node.content().extents().size());
  }

  private Map<ChunkId, Placed> placesOf(Node.File node) throws IOException {
    Map<ChunkId, Placed> places = new HashMap<>();
    ExtentWalk walk = new ExtentWalk(node.content(), frames);
    for (Optional<Placed> next = walk.next(); next.isPresent(); next = walk.next()) {
      places.put(next.get().chunk().id(), next.get());
    }
    return places;
  }

  /** Written to between the check at the beginning and the last window. */
  @Test
  void aFileThatIsWrittenToMeanwhileIsFetched() throws Exception {
    byte[] edited = old.clone();
    edited[BYTES - 1] ^= 1;
    Node.File node = frames.file(edited, 0644, TIME);
    OldVersion version = OldVersion.open(target.root(), NAME, before, frames).orElseThrow();
    try (version;
        StagedFile file = writer.stage(node);
        RandomAccessFile bytes = new RandomAccessFile(file().toFile(), "rw")) {
      bytes.setLength(1000);
      version.fill(file, counting, new WindowPool(threads, 2));
      file.finish(target.root(), NAME);
    }

    assertThat(file()).hasBinaryContent(edited);
    assertThat(fetched.get()).isEqualTo(node.content().extents().size());
    assertThat(Files.size(file())).isEqualTo(BYTES);
  }
}
