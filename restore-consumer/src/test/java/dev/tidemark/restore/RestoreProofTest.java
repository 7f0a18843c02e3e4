package dev.tidemark.restore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tidemark.apply.SyncReport.Failure;
import dev.tidemark.apply.TestFrames;
import dev.tidemark.mirror.RandomChanges;
import dev.tidemark.mirror.SimulatedLog;
import dev.tidemark.repository.history.At;
import dev.tidemark.restore.RestoreProof.Proof;
import dev.tidemark.schemas.change.Change;
import dev.tidemark.schemas.change.Metadata;
import dev.tidemark.schemas.change.Metadata.FileTime;
import dev.tidemark.schemas.change.Node;
import dev.tidemark.schemas.change.NodePath;
import dev.tidemark.schemas.tree.TreeDigest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a directory is proved to hold is what it holds. */
final class RestoreProofTest {
  private static final FileTime TIME = new FileTime(1_700_000_000, 123_456_789);

  @TempDir Path folder;
  private final TestFrames frames = new TestFrames();

  @BeforeEach
  void ownersCanBeSet() throws Exception {
    assumeTrue(
        Files.getAttribute(Path.of("/proc/self/status"), "unix:uid").equals(0),
        "only root can give files to other owners");
  }

  private interface Harm {
    void to(Path target) throws IOException;
  }

  private Node.File file(String text) {
    return frames.file(text.getBytes(StandardCharsets.UTF_8), 0644, TIME);
  }

  private static Node.Directory directory() {
    return new Node.Directory(Metadata.of(0750, 1, 2, TIME));
  }

  private TestRepository repository(SimulatedLog log) throws Exception {
    TestRepository repository = TestRepository.create(folder.resolve("repository"));
    repository.store(frames, 10);
    repository.seal(SimulatedLog.TREE, log.sealable(0, log.cursor().sequence()));
    return repository;
  }

  private static void put(SimulatedLog log, String path, Node node) throws Exception {
    NodePath at = path.isEmpty() ? NodePath.ROOT : NodePath.ofText(path);
    assertThat(log.add(new Change.Put(at, node))).isTrue();
  }

  private Proof prove(TestRepository repository, At at, String target, Harm harm)
      throws IOException {
    RestoreConfig config =
        RestoreConfig.of(SimulatedLog.TREE, at, folder.resolve(target), repository.url());
    RestoreReport restored = Restore.run(config, repository.repository());
    assertThat(restored.isComplete()).as("%s", restored).isTrue();
    harm.to(config.target());
    return RestoreProof.run(config, restored, repository.repository());
  }

  @Test
  void whateverATreeHoldsIsProvedAtEachInstant() throws Exception {
    long seed = Long.getLong("tidemark.seed", System.nanoTime());
    System.out.println("tidemark.seed=" + seed);
    SimulatedLog log = new SimulatedLog();
    RandomChanges changes = new RandomChanges(new Random(seed), frames, log);
    changes.addRoot();
    Map<Long, TreeDigest> digests = new TreeMap<>();
    for (int i = 0; i < 4; i++) {
      changes.add(30);
      try (var entries = log.model().subtree(NodePath.ROOT)) {
        digests.put(log.cursor().sequence(), TreeDigest.of(entries));
      }
    }
    try (TestRepository repository = repository(log)) {
      for (Map.Entry<Long, TreeDigest> noted : digests.entrySet()) {
        At at = new At.Sequence(noted.getKey());
        Proof proof = prove(repository, at, "at" + noted.getKey(), _ -> {});

        assertThat(proof.report().differences()).as("seed %d at %s", seed, at).isEmpty();
        assertThat(proof.digest()).contains(noted.getValue());
      }
    }
  }

  @Test
  void whateverIsChangedAfterwardsIsFoundAndNamed() throws Exception {
    SimulatedLog log = new SimulatedLog();
    put(log, "", directory());
    put(log, "d", directory());
    put(log, "d/page", file("a page of text"));
    put(log, "link", new Node.Symlink(Metadata.of(0777, 0, 0, TIME), bytes("page")));
    Map<String, Harm> harms =
        Map.of(
            "d/page has other bytes", target -> overwrite(target.resolve("d/page")),
            "d/page is missing", target -> Files.delete(target.resolve("d/page")),
            "d is missing", target -> deleteAll(target.resolve("d")),
            "d/page has mode 0600", target -> mode(target.resolve("d/page"), 0600),
            "d has mode 0700", target -> mode(target.resolve("d"), 0700),
            ". has mode 0700", target -> mode(target, 0700),
            "d/page has other owners", target -> owner(target.resolve("d/page")),
            "link is of another kind", target -> relink(target.resolve("link")),
            "d/page has other user.* attributes", target -> attribute(target.resolve("d/page")),
            "extra is there", target -> Files.createDirectory(target.resolve("extra")));
    try (TestRepository repository = repository(log)) {
      int number = 0;
      for (Map.Entry<String, Harm> harm : harms.entrySet()) {
        Proof proof = prove(repository, new At.Newest(), "t" + number++, harm.getValue());

        assertThat(proof.report().isProved()).as(harm.getKey()).isFalse();
        assertThat(proof.report().differences())
            .as(harm.getKey())
            .map(RestoreProofTest::text)
            .anySatisfy(text -> assertThat(text).startsWith(harm.getKey()));
      }
    }
  }

  @Test
  void aPartAndASingleFileAreProvedAlone() throws Exception {
    SimulatedLog log = new SimulatedLog();
    put(log, "", directory());
    put(log, "d", directory());
    put(log, "d/page", file("a page of text"));
    put(log, "other", file("another"));
    try (TestRepository repository = repository(log)) {
      for (String path : List.of("d", "d/page")) {
        RestoreConfig config =
            RestoreConfig.of(
                    SimulatedLog.TREE,
                    new At.Newest(),
                    folder.resolve("part-of-" + path.replace('/', '-')),
                    repository.url())
                .withPath(NodePath.ofText(path));
        RestoreReport restored = Restore.run(config, repository.repository());

        Proof proof = RestoreProof.run(config, restored, repository.repository());

        assertThat(proof.report().differences()).as(path).isEmpty();
        assertThat(proof.report().files()).isEqualTo(1);
        assertThat(proof.report().bytes()).isEqualTo("a page of text".length());
        assertThat(proof.digest()).isEmpty();
      }
    }
  }

  private static String text(Failure failure) {
    String path = failure.path().isRoot() ? "." : failure.path().toString();
    return path + " " + failure.reason();
  }

  private static dev.tidemark.schemas.change.Bytes bytes(String text) {
    return dev.tidemark.schemas.change.Bytes.ofText(text);
  }

  /** Without another size or time: by reading alone can it be told. */
  private static void overwrite(Path file) throws IOException {
    var time = Files.getLastModifiedTime(file);
    Files.write(file, new byte[] {'A'}, StandardOpenOption.WRITE);
    Files.setLastModifiedTime(file, time);
  }

  private static void deleteAll(Path directory) throws IOException {
    Files.delete(directory.resolve("page"));
    Files.delete(directory);
  }

  private static void mode(Path path, int mode) throws IOException {
    Files.setAttribute(path, "unix:mode", mode);
  }

  private static void owner(Path path) throws IOException {
    Files.setAttribute(path, "unix:uid", 12345);
  }

  private static void relink(Path link) throws IOException {
    Files.delete(link);
    Files.createSymbolicLink(link, Path.of("elsewhere"));
  }

  private static void attribute(Path path) throws IOException {
    Files.setAttribute(path, "user:strange", java.nio.ByteBuffer.wrap(new byte[] {1}));
  }
}
