package dev.tidemark.restore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tidemark.apply.OwnerIds;
import dev.tidemark.apply.SyncOptions.ExtraEntries;
import dev.tidemark.apply.TestFrames;
import dev.tidemark.mirror.SimulatedLog;
import dev.tidemark.repository.history.At;
import dev.tidemark.restore.RestoreConfig.Placing;
import dev.tidemark.schemas.change.Change;
import dev.tidemark.schemas.change.Extent;
import dev.tidemark.schemas.change.Metadata;
import dev.tidemark.schemas.change.Metadata.FileTime;
import dev.tidemark.schemas.change.Node;
import dev.tidemark.schemas.change.NodePath;
import dev.tidemark.schemas.change.TreeName;
import dev.tidemark.schemas.filter.PathFilter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Filters, replacing at once, owners of other hosts, and what a restore would do. */
final class RestoreOptionsTest {
  private static final TreeName TREE = SimulatedLog.TREE;
  private static final FileTime TIME = new FileTime(1_700_000_000, 5);

  @TempDir Path folder;

  private final TestFrames frames = new TestFrames();
  private final SimulatedLog log;
  private Path target;
  private TestRepository repository;

  RestoreOptionsTest() throws IOException {
    log = new SimulatedLog();
  }

  @BeforeEach
  void begin() throws Exception {
    target = folder.resolve("target");
    repository = TestRepository.create(folder.resolve("repository"));
    put("", new Node.Directory(Metadata.of(0750, 0, 0, TIME)));
  }

  @AfterEach
  void end() throws IOException {
    repository.close();
  }

  private void put(String path, Node node) throws Exception {
    NodePath at = path.isEmpty() ? NodePath.ROOT : NodePath.ofText(path);
    assertThat(log.add(new Change.Put(at, node))).isTrue();
  }

  private void directory(String path) throws Exception {
    put(path, new Node.Directory(Metadata.of(0755, 0, 0, TIME)));
  }

  private void file(String path, String text) throws Exception {
    put(path, frames.file(text.getBytes(StandardCharsets.UTF_8), 0644, TIME));
  }

  private RestoreConfig sealed() throws IOException {
    repository.store(frames, 2);
    repository.seal(TREE, log.sealable(0, log.cursor().sequence()));
    return RestoreConfig.of(TREE, new At.Newest(), target, repository.url());
  }

  private static PathFilter filter(String... patterns) throws Exception {
    return PathFilter.of(
        Arrays.stream(patterns).map(text -> text.getBytes(StandardCharsets.UTF_8)).toList());
  }

  private TreeSet<String> names() throws IOException {
    try (Stream<Path> all = Files.walk(target)) {
      TreeSet<String> names = new TreeSet<>();
      all.map(path -> target.relativize(path).toString()).forEach(names::add);
      names.remove("");
      return names;
    }
  }

  private List<String> besides() throws IOException {
    try (Stream<Path> all = Files.list(folder)) {
      return all.map(path -> path.getFileName().toString())
          .filter(name -> name.startsWith(".tidemark"))
          .toList();
    }
  }

  @Test
  void whatIsExcludedIsNeitherRestoredNorRemoved() throws Exception {
    directory("cache");
    directory("cache/deep");
    file("cache/deep/entry", "cached");
    file("kept.txt", "kept");
    file("left.log", "log");
    directory("sub");
    file("sub/other.log", "log");
    file("sub/page", "page");
    RestoreConfig config =
        sealed()
            .withFilter(filter("cache/", "*.log", "!sub/other.log"))
            .withExtras(ExtraEntries.REMOVE);
    Files.createDirectories(target.resolve("cache"));
    Files.writeString(target.resolve("cache/mine"), "mine");
    Files.writeString(target.resolve("mine.log"), "mine");
    Files.createDirectories(target.resolve("extra/deep"));
    Files.writeString(target.resolve("extra/deep/mine.log"), "mine");
    Files.createDirectories(target.resolve("gone/deep"));
    Files.writeString(target.resolve("gone/deep/file"), "goes");

    RestoreReport report = Restore.run(config);

    assertThat(names())
        .containsExactly(
            "cache",
            "cache/mine",
            "extra",
            "extra/deep",
            "extra/deep/mine.log",
            "kept.txt",
            "mine.log",
            "sub",
            "sub/other.log",
            "sub/page");
    assertThat(report.result().removed()).isEqualTo(1);
  }

  @Test
  void aDirectoryWithExcludedEntriesDoesNotMakePlaceForAFile() throws Exception {
    file("a", "a file by now");
    file("b", "b");
    RestoreConfig config = sealed().withFilter(filter("cache/")).withExtras(ExtraEntries.REMOVE);
    Files.createDirectories(target.resolve("a/cache"));
    Files.writeString(target.resolve("a/cache/mine"), "mine");

    RestoreReport report = Restore.run(config);

    assertThat(target.resolve("a/cache/mine")).hasContent("mine");
    assertThat(target.resolve("b")).hasContent("b");
    assertThat(report.result().failures())
        .singleElement()
        .satisfies(
            failure -> {
              assertThat(failure.path()).hasToString("a");
              assertThat(failure.reason()).contains("excluded").contains("move that away");
            });
  }

  @Test
  void patternsAreAboutTheTreeAlsoWhereAPartOfItIsRestored() throws Exception {
    directory("sub");
    directory("sub/build");
    file("sub/build/out", "out");
    file("sub/page", "page");

    Restore.run(sealed().withPath(NodePath.ofText("sub")).withFilter(filter("/sub/build")));

    assertThat(names()).containsExactly("page");
  }

  @Test
  void aTargetIsReplacedAtOnceAndItsBytesAreUsed() throws Exception {
    byte[] large = new byte[200 * TestFrames.CHUNK_BYTES];
    new Random(1).nextBytes(large);
    put("large", frames.file(large, 0644, TIME));
    file("page", "new");
    RestoreConfig config = sealed().withPlacing(Placing.AT_ONCE);
    Files.createDirectories(target.resolve("old/deep"));
    Files.writeString(target.resolve("page"), "old");
    Files.write(target.resolve("large"), large);
    long inode = inode(target);

    RestoreReport report = Restore.run(config);

    assertThat(names()).containsExactly("large", "page");
    assertThat(target.resolve("page")).hasContent("new");
    assertThat(target.resolve("large")).hasBinaryContent(large);
    assertThat(inode(target)).isNotEqualTo(inode);
    assertThat(report.result().bytesReused()).isEqualTo(large.length);
    assertThat(Files.getPosixFilePermissions(target)).hasSize(5);
    assertThat(besides()).isEmpty();
  }

  private static long inode(Path path) throws IOException {
    return (long) Files.getAttribute(path, "unix:ino");
  }

  @Test
  void whereNothingStandsTheTreeAppearsAtOnce() throws Exception {
    file("page", "new");

    Restore.run(sealed().withPlacing(Placing.AT_ONCE));

    assertThat(target.resolve("page")).hasContent("new");
    assertThat(besides()).isEmpty();
  }

  @Test
  void whatCannotBeReplacedAtOnceIsRefusedBeforeAnythingIsDone() throws Exception {
    file("page", "new");
    RestoreConfig config = sealed().withPlacing(Placing.AT_ONCE);
    Files.createDirectories(target);
    Files.writeString(target.resolve("mine"), "mine");

    assertThatThrownBy(() -> Restore.run(config.withPath(NodePath.ofText("page"))))
        .hasMessageContaining("page is no directory");
    assertThat(target.resolve("mine")).hasContent("mine");

    Files.delete(target.resolve("mine"));
    Files.delete(target);
    Files.writeString(target, "a file");
    assertThatThrownBy(() -> Restore.run(config)).hasMessageContaining("is no directory");
    assertThat(target).hasContent("a file");
    assertThat(besides()).isEmpty();
  }

  @Test
  void aTargetInWhichAFilesystemIsMountedIsNotReplacedAtOnce() throws Exception {
    file("page", "new");
    RestoreConfig config = sealed().withPlacing(Placing.AT_ONCE);
    Path mounted = Files.createDirectories(target.resolve("mounted here"));
    Process mount = new ProcessBuilder("mount", "-t", "tmpfs", "tmpfs", mounted.toString()).start();
    assumeTrue(mount.waitFor() == 0, "no filesystem can be mounted here");
    try {
      assertThatThrownBy(() -> Restore.run(config))
          .hasMessageContaining("mounted here")
          .hasMessageContaining("--atomic");
    } finally {
      assertThat(new ProcessBuilder("umount", mounted.toString()).start().waitFor()).isZero();
    }
    assertThat(besides()).isEmpty();
  }

  @Test
  void ifSomethingCannotBeHadTheTargetIsAsItWas() throws Exception {
    byte[] bytes = new byte[1_000];
    new Random(2).nextBytes(bytes);
    Node.File damaged = frames.file(bytes, 0644, TIME);
    put("damaged", damaged);
    file("page", "new");
    frames.damage((Extent.Chunk) damaged.content().extents().getFirst());
    RestoreConfig config = sealed().withPlacing(Placing.AT_ONCE);
    Files.createDirectories(target);
    Files.writeString(target.resolve("page"), "old");

    assertThatThrownBy(() -> Restore.run(config))
        .isInstanceOf(IncompleteReplacementException.class)
        .hasMessageContaining("is as it was");

    assertThat(names()).containsExactly("page");
    assertThat(target.resolve("page")).hasContent("old");
    Path beside = folder.resolve(besides().getFirst());
    assertThat(beside.resolve("page")).hasContent("new");
  }

  @Test
  void whatAnInterruptedReplacementHasLeftIsGoneOnWith() throws Exception {
    byte[] bytes = new byte[1_000];
    new Random(2).nextBytes(bytes);
    Node.File damaged = frames.file(bytes, 0644, TIME);
    put("damaged", damaged);
    file("page", "new");
    frames.damage((Extent.Chunk) damaged.content().extents().getFirst());
    RestoreConfig config = sealed().withPlacing(Placing.AT_ONCE);
    assertThatThrownBy(() -> Restore.run(config))
        .isInstanceOf(IncompleteReplacementException.class);
    Files.writeString(folder.resolve(besides().getFirst()).resolve("of another run"), "x");

    RestoreReport report = Restore.run(config.withFilter(filter("damaged")));

    assertThat(names()).containsExactly("page");
    assertThat(report.result().kept()).isEqualTo(1);
    assertThat(report.result().filesWritten()).isZero();
  }

  @Test
  void ownersBecomeWhomTheMapNames() throws Exception {
    assumeTrue(
        Files.getAttribute(Path.of("/proc/self/status"), "unix:uid").equals(0),
        "only root can give files to other owners");
    for (int id : List.of(33, 34, 35)) {
      put(
          "of" + id,
          new Node.File(Metadata.of(0644, id, id, TIME), frames.content(new byte[] {(byte) id})));
    }

    Restore.run(
        sealed()
            .withOwners(
                new OwnerIds(
                    false, Map.of("33", "1033", OwnerIds.ANY, "1099"), Map.of("34", "root"))));

    assertThat(Files.getAttribute(target.resolve("of33"), "unix:uid")).isEqualTo(1033);
    assertThat(Files.getAttribute(target.resolve("of34"), "unix:uid")).isEqualTo(1099);
    assertThat(Files.getAttribute(target.resolve("of33"), "unix:gid")).isEqualTo(33);
    assertThat(Files.getAttribute(target.resolve("of34"), "unix:gid")).isEqualTo(0);
  }

  @Test
  void anOwnerThatThisHostHasNotIsNamedBeforeAnythingIsWritten() throws Exception {
    file("page", "page");
    RestoreConfig config =
        sealed().withOwners(new OwnerIds(false, Map.of("web", "no-such-user"), Map.of()));

    assertThatThrownBy(() -> Restore.run(config))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("no-such-user")
        .hasMessageContaining("web");
    assertThat(names()).isEmpty();
  }

  @Test
  void aPreviewCountsWhatTheRestoreThenDoes() throws Exception {
    directory("sub");
    for (int i = 0; i < 20; i++) {
      file("sub/file" + i, "text of file " + i);
    }
    file("twin", "text of file 3");
    RestoreConfig config = sealed().withExtras(ExtraEntries.REMOVE);
    Restore.run(config);
    Files.writeString(target.resolve("sub/file7"), "changed");
    Files.delete(target.resolve("sub/file9"));
    Files.delete(target.resolve("sub/file3"));
    Files.delete(target.resolve("twin"));
    Files.createDirectories(target.resolve("extra/deep"));
    TreeSet<String> before = names();

    RestorePreview plan = Restore.preview(config);

    assertThat(names()).isEqualTo(before);
    assertThat(besides()).isEmpty();
    assertThat(plan.entries()).isEqualTo(23);
    assertThat(plan.preview().filesToWrite()).isEqualTo(4);
    assertThat(plan.preview().kept()).isEqualTo(17);
    assertThat(plan.preview().toRemove()).isEqualTo(1);
    assertThat(plan.preview().requests()).isBetween(1L, 3L);
    RestoreReport report = Restore.run(config);
    assertThat(report.result().filesWritten()).isEqualTo(4);
    assertThat(report.result().bytesWritten()).isEqualTo(plan.preview().bytesToWrite());
    assertThat(report.result().removed()).isEqualTo(1);
  }

  @Test
  void aPreviewOfATargetThatIsNotThereMakesNone() throws Exception {
    file("page", "page");

    RestorePreview plan = Restore.preview(sealed());

    assertThat(plan.preview().filesToWrite()).isEqualTo(1);
    assertThat(target).doesNotExist();
  }
}
