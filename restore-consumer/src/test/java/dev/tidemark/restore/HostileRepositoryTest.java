package dev.tidemark.restore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdOutputStream;
import dev.tidemark.apply.TestFrames;
import dev.tidemark.mirror.SimulatedLog;
import dev.tidemark.repository.blob.BlobName;
import dev.tidemark.repository.blob.ContentHash;
import dev.tidemark.repository.container.Container;
import dev.tidemark.repository.history.At;
import dev.tidemark.repository.index.IndexBlob;
import dev.tidemark.repository.pack.PackEntry;
import dev.tidemark.repository.pack.PackId;
import dev.tidemark.repository.pack.PackedChunk;
import dev.tidemark.repository.treelog.SegmentName;
import dev.tidemark.schemas.avro.SealedChange;
import dev.tidemark.schemas.change.Bytes;
import dev.tidemark.schemas.change.Change;
import dev.tidemark.schemas.change.Content;
import dev.tidemark.schemas.change.Extent;
import dev.tidemark.schemas.change.FramePosition;
import dev.tidemark.schemas.change.Metadata;
import dev.tidemark.schemas.change.Metadata.FileTime;
import dev.tidemark.schemas.change.Node;
import dev.tidemark.schemas.change.NodePath;
import dev.tidemark.schemas.change.TreeName;
import dev.tidemark.schemas.chunk.ChunkId;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Repositories that somebody has made to do harm, every checksum in them right: nothing is written
 * outside of the target, and nothing fills memory or disk.
 */
final class HostileRepositoryTest {
  private static final TreeName TREE = SimulatedLog.TREE;
  private static final FileTime TIME = new FileTime(1_700_000_000, 5);
  private static final List<String> METADATA =
      List.of("tree", "first", "last", "first-log-time", "last-log-time", "cursor");

  private static final int MARKER_BYTES = 16;

  @TempDir Path folder;

  private final TestFrames frames = new TestFrames();
  private final SimulatedLog log;
  private Path target;
  private Path outside;
  private TestRepository repository;

  HostileRepositoryTest() throws IOException {
    log = new SimulatedLog();
  }

  @BeforeEach
  void begin() throws Exception {
    target = folder.resolve("target");
    outside = Files.createDirectory(folder.resolve("outside"));
    repository = TestRepository.create(folder.resolve("repository"));
    put("", new Node.Directory(Metadata.of(0755, 0, 0, TIME)));
    put("good", file("good"));
  }

  @AfterEach
  void nothingStandsOutside() throws IOException {
    repository.close();
    try (Stream<Path> all = Files.list(outside)) {
      assertThat(all).isEmpty();
    }
    try (Stream<Path> all = Files.list(folder)) {
      assertThat(all.map(path -> path.getFileName().toString()))
          .isSubsetOf("target", "outside", "repository", "moved");
    }
  }

  private Node.File file(String text) {
    return frames.file(text.getBytes(StandardCharsets.UTF_8), 0644, TIME);
  }

  private static Node.File file(Content content) {
    return new Node.File(Metadata.of(0644, 0, 0, TIME), content);
  }

  private void put(String path, Node node) throws Exception {
    NodePath at = path.isEmpty() ? NodePath.ROOT : NodePath.ofText(path);
    assertThat(log.add(new Change.Put(at, node))).isTrue();
  }

  private RestoreConfig sealed() throws IOException {
    repository.store(frames, 10);
    repository.seal(TREE, log.sealable(0, log.cursor().sequence()));
    return RestoreConfig.of(TREE, new At.Newest(), target, repository.url());
  }

  /** Puts a log segment in the place of the one there is, with all its checksums. */
  private void forge(Forger forger) throws Exception {
    Path segment;
    try (Stream<Path> all = Files.list(repository.folder().resolve("trees/" + TREE + "/log"))) {
      segment = all.findFirst().orElseThrow();
    }
    byte[] bytes = Files.readAllBytes(segment);
    Container<SealedChange> container = Container.open(bytes, SealedChange.getClassSchema());
    Map<String, byte[]> metadata = new TreeMap<>();
    for (String key : METADATA) {
      String name = "tidemark." + key;
      container.findMetadata(name).ifPresent(value -> metadata.put(name, value));
    }
    List<SealedChange> changes = new ArrayList<>();
    for (Optional<SealedChange> next = container.next();
        next.isPresent();
        next = container.next()) {
      changes.add(next.get());
    }
    forger.forge(changes.getLast());
    byte[] forged = Container.write(SealedChange.getClassSchema(), metadata, changes);
    replace(segment, forged);
  }

  private Path onlySegment() throws IOException {
    try (Stream<Path> all = Files.list(repository.folder().resolve("trees/" + TREE + "/log"))) {
      return all.findFirst().orElseThrow();
    }
  }

  private void replace(Path segment, byte[] forged) throws IOException {
    SegmentName name =
        new SegmentName(TREE, 1, log.cursor().sequence(), ContentHash.compute(forged));
    Files.delete(segment);
    repository.repository().store().put(name.blobName(), forged);
  }

  private interface Forger {
    void forge(SealedChange last);
  }

  private static void setPath(SealedChange change, byte[] path) {
    var put = (dev.tidemark.schemas.avro.Put) change.getChange().getBody();
    put.put("path", ByteBuffer.wrap(path));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "../outside/file",
        "good/../../outside/file",
        "/etc/tidemark",
        "..",
        ".",
        "a//b",
        "a/",
        "nul\0l"
      })
  void aNameThatLeadsElsewhereIsRefusedByName(String path) throws Exception {
    put("last", file("last"));
    RestoreConfig config = sealed();
    forge(change -> setPath(change, path.getBytes(StandardCharsets.UTF_8)));

    assertThatThrownBy(() -> Restore.run(config))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("is empty, longer than 255 bytes, '.', '..' or holds NUL");
  }

  @Test
  void aNameLongerThanAnyIsRefused() throws Exception {
    put("last", file("last"));
    RestoreConfig config = sealed();
    forge(change -> setPath(change, "n".repeat(256).getBytes(StandardCharsets.UTF_8)));

    assertThatThrownBy(() -> Restore.run(config)).isInstanceOf(IOException.class);
  }

  @Test
  void aChangeBelowASymlinkIsRefused() throws Exception {
    put(
        "link",
        new Node.Symlink(
            Metadata.of(0777, 0, 0, TIME),
            Bytes.of(outside.toString().getBytes(StandardCharsets.UTF_8))));
    put("other", file("other"));
    RestoreConfig config = sealed();
    forge(change -> setPath(change, "link/file".getBytes(StandardCharsets.UTF_8)));

    assertThatThrownBy(() -> Restore.run(config))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("link is no directory");
  }

  @Test
  void aDirectoryThatIsExchangedForASymlinkMeanwhileIsNotFollowed() throws Exception {
    put("sub", new Node.Directory(Metadata.of(0755, 0, 0, TIME)));
    for (int i = 0; i < 2_000; i++) {
      put("sub/file" + i, file("text " + i));
    }
    AtomicBoolean exchanged = new AtomicBoolean();
    RestoreConfig config =
        sealed()
            .withMemoryBytes(1 << 20)
            .withProgress(
                progress -> {
                  if (progress.entries() > 100 && exchanged.compareAndSet(false, true)) {
                    exchange();
                  }
                });

    RestoreReport report = Restore.run(config);

    assertThat(exchanged).isTrue();
    assertThat(report.result().filesWritten()).isGreaterThan(1);
  }

  private void exchange() {
    try {
      Files.move(target.resolve("sub"), folder.resolve("moved"));
      Files.createSymbolicLink(target.resolve("sub"), outside);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void aFileLargerThanAnyDiskFailsAlone() throws Exception {
    long size = Long.MAX_VALUE;
    put("huge", file(new Content(size, List.of(new Extent.Hole(size)), false)));
    put("later", file("later"));

    RestoreReport report = Restore.run(sealed());

    assertThat(report.result().failures())
        .singleElement()
        .satisfies(failure -> assertThat(failure.path()).hasToString("huge"));
    assertThat(target.resolve("later")).hasContent("later");
  }

  @Test
  void aFrameThatExpandsWithoutEndFailsItsFileAlone() throws Exception {
    byte[] plain = new byte[1_000];
    ChunkId id = ChunkId.computeOf(plain);
    byte[] bomb = Zstd.compress(new byte[64 << 20], 19);
    ByteArrayOutputStream frame = new ByteArrayOutputStream();
    frame.writeBytes(new byte[] {1, 1});
    frame.writeBytes(new byte[] {(byte) (1_000 & 0x7f | 0x80), (byte) (1_000 >> 7)});
    frame.writeBytes(bomb);
    repository.repository().storePack(List.of(new PackEntry(id, frame.toByteArray())));
    put("bomb", file(new Content(1_000, List.of(chunk(id, 1_000)), false)));

    RestoreReport report = Restore.run(sealed());

    assertThat(report.result().failures())
        .singleElement()
        .satisfies(failure -> assertThat(failure.path()).hasToString("bomb"));
    assertThat(target.resolve("good")).hasContent("good");
  }

  private static Extent.Chunk chunk(ChunkId id, int bytes) {
    return new Extent.Chunk(id, bytes, FramePosition.UNKNOWN);
  }

  @Test
  void aChunkOfAnotherLengthThanItsFileClaimsFailsTheFile() throws Exception {
    byte[] plain = "four".getBytes(StandardCharsets.UTF_8);
    Extent.Chunk honest = frames.chunk(plain, 0, plain.length);
    put("lying", file(new Content(1_000_000, List.of(chunk(honest.id(), 1_000_000)), false)));

    RestoreReport report = Restore.run(sealed());

    assertThat(report.result().failures())
        .singleElement()
        .satisfies(failure -> assertThat(failure.reason()).contains("4 bytes").contains("1000000"));
  }

  @Test
  void extentsThatDoNotAddUpFailTheFile() throws Exception {
    byte[] plain = "four".getBytes(StandardCharsets.UTF_8);
    Extent.Chunk chunk = frames.chunk(plain, 0, plain.length);
    put("last", file(new Content(8, List.of(chunk, chunk), false)));
    RestoreConfig config = sealed();
    forge(
        change -> {
          var put = (dev.tidemark.schemas.avro.Put) change.getChange().getBody();
          put.getNode().put("size", 5L);
        });

    assertThatThrownBy(
            () -> {
              RestoreReport report = Restore.run(config);
              assertThat(report.result().failures()).isEmpty();
            })
        .isInstanceOfAny(IOException.class, AssertionError.class);
    assertThat(target.resolve("last")).doesNotExist();
  }

  @Test
  void anIndexThatTellsOfFramesLargerThanMemoryFailsTheFilesAlone() throws Exception {
    byte[] plain = "indexed".getBytes(StandardCharsets.UTF_8);
    ChunkId id = ChunkId.computeOf(plain);
    Map<PackId, List<PackedChunk>> tables = new HashMap<>();
    PackId pack = new PackId(ContentHash.compute(plain));
    tables.put(pack, List.of(new PackedChunk(id, 44, Integer.MAX_VALUE - 64)));
    byte[] index = IndexBlob.encode(new TreeMap<>(tables));
    BlobName name = IndexBlob.nameOf(index);
    repository.repository().store().put(name, index);
    put("wide", file(new Content(plain.length, List.of(chunk(id, plain.length)), false)));

    RestoreReport report = Restore.run(sealed());

    assertThat(report.result().failures())
        .singleElement()
        .satisfies(failure -> assertThat(failure.path()).hasToString("wide"));
    assertThat(target.resolve("good")).hasContent("good");
  }

  @Test
  void aSegmentThatExpandsWithoutEndIsRefused() throws Exception {
    put("last", file("last"));
    RestoreConfig config = sealed();
    Path segment = onlySegment();
    byte[] honest = Files.readAllBytes(segment);
    byte[] marker = Arrays.copyOfRange(honest, honest.length - MARKER_BYTES, honest.length);
    int headerEnd = 0;
    while (!Arrays.equals(honest, headerEnd, headerEnd + MARKER_BYTES, marker, 0, MARKER_BYTES)) {
      headerEnd++;
    }
    byte[] block = bomb();
    ByteArrayOutputStream forged = new ByteArrayOutputStream();
    forged.write(honest, 0, headerEnd);
    forged.write(new byte[MARKER_BYTES]);
    BinaryEncoder encoder = EncoderFactory.get().directBinaryEncoder(forged, null);
    encoder.writeLong(2);
    encoder.writeLong(block.length);
    encoder.writeFixed(block);
    encoder.writeFixed(new byte[MARKER_BYTES]);
    byte[] file = forged.toByteArray();
    byte[] checksum = ContentHash.compute(file).bytes();
    System.arraycopy(checksum, 0, file, headerEnd, MARKER_BYTES);
    System.arraycopy(checksum, 0, file, file.length - MARKER_BYTES, MARKER_BYTES);
    replace(segment, file);

    assertThatThrownBy(() -> Restore.run(config))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("exceeds maximum");
    assertThat(file.length).isLessThan(1 << 20);
  }

  /** Four GiB of zeros in some hundred KiB. */
  private static byte[] bomb() throws IOException {
    ByteArrayOutputStream compressed = new ByteArrayOutputStream();
    byte[] zeros = new byte[1 << 20];
    try (ZstdOutputStream out = new ZstdOutputStream(compressed, 1)) {
      for (int i = 0; i < 4 << 10; i++) {
        out.write(zeros);
      }
    }
    return compressed.toByteArray();
  }
}
