package dev.tidemark.browse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.apply.TestFrames;
import dev.tidemark.browse.EntryFilter.Type;
import dev.tidemark.mirror.RandomChanges;
import dev.tidemark.mirror.SimulatedLog;
import dev.tidemark.repository.history.At;
import dev.tidemark.restore.TestRepository;
import dev.tidemark.schemas.change.Metadata.FileTime;
import dev.tidemark.schemas.change.Node;
import dev.tidemark.schemas.change.NodeAspect;
import dev.tidemark.schemas.change.NodePath;
import dev.tidemark.schemas.tree.EntryStream;
import dev.tidemark.schemas.tree.TreeEntry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Random trees, looked at by way of maps of all that is in them. */
final class TreeDiffTest {
  @TempDir private Path folder;

  private interface Check {
    void check(OpenTree before, OpenTree after) throws IOException;
  }

  /** Shows pairs of instants of a random history with snapshots in it. */
  private void forPairs(Check check) throws IOException {
    long seed = Long.getLong("tidemark.seed", System.nanoTime());
    System.out.println("tidemark.seed=" + seed);
    Random random = new Random(seed);
    TestFrames frames = new TestFrames();
    SimulatedLog log = new SimulatedLog();
    RandomChanges changes = new RandomChanges(random, frames, log);
    changes.addRoot();
    try (TestRepository test = TestRepository.create(folder.resolve("repository"))) {
      long sealed = 0;
      for (int i = 0; i < 6; i++) {
        changes.add(40);
        test.seal(SimulatedLog.TREE, log.sealable(sealed, log.cursor().sequence()));
        sealed = log.cursor().sequence();
        test.repository().history(SimulatedLog.TREE).snapshotNow();
      }
      try (TreeReader reader =
          TreeReader.open(test.repository(), LogAccess.NONE, InstantSource.system())) {
        for (int i = 0; i < 40; i++) {
          check.check(
              reader.treeAt(SimulatedLog.TREE, new At.Sequence(2 + random.nextLong(sealed - 1))),
              reader.treeAt(SimulatedLog.TREE, new At.Sequence(2 + random.nextLong(sealed - 1))));
        }
      }
    }
  }

  private static TreeMap<NodePath, Node> entries(OpenTree tree, NodePath path) throws IOException {
    TreeMap<NodePath, Node> all = new TreeMap<>();
    try (EntryStream entries = tree.tree().subtree(path)) {
      for (Optional<TreeEntry> next = entries.next(); next.isPresent(); next = entries.next()) {
        all.put(next.get().path(), next.get().node());
      }
    }
    return all;
  }

  private static List<Difference> run(OpenTree before, OpenTree after, NodePath path)
      throws IOException {
    List<Difference> differences = new ArrayList<>();
    TreeDiff.run(before, after, path, differences::add);
    return differences;
  }

  private static List<Difference> expected(OpenTree before, OpenTree after, NodePath path)
      throws IOException {
    TreeMap<NodePath, Node> was = entries(before, path);
    TreeMap<NodePath, Node> is = entries(after, path);
    TreeMap<NodePath, Difference> differences = new TreeMap<>();
    was.forEach(
        (at, node) -> {
          Node now = is.get(at);
          if (now == null) {
            differences.put(at, new Difference.Removed(at, node));
          } else {
            Set<NodeAspect> aspects = NodeAspect.differing(node, now);
            if (!aspects.isEmpty()) {
              differences.put(at, new Difference.Modified(at, node, now, aspects));
            }
          }
        });
    is.forEach(
        (at, node) -> {
          if (!was.containsKey(at)) {
            differences.put(at, new Difference.Added(at, node));
          }
        });
    return List.copyOf(differences.values());
  }

  @Test
  void allDifferencesOfTwoInstantsAreToldInTheOrderOfTheirPaths() throws IOException {
    forPairs(
        (before, after) -> {
          assertThat(run(before, after, NodePath.ROOT))
              .as("changes %d and %d", before.sequence(), after.sequence())
              .isEqualTo(expected(before, after, NodePath.ROOT));
          assertThat(run(before, before, NodePath.ROOT)).isEmpty();
          NodePath part = NodePath.ofText("a");
          if (before.tree().find(part).isEmpty() && after.tree().find(part).isEmpty()) {
            assertThatThrownBy(() -> run(before, after, part))
                .hasMessageContaining("There is no a in tree web");
          } else {
            assertThat(run(before, after, part)).isEqualTo(expected(before, after, part));
          }
        });
  }

  @Test
  void theSummaryCountsEachDifferenceOnce() throws IOException {
    forPairs(
        (before, after) -> {
          DiffSummary summary = new DiffSummary();
          TreeDiff.run(before, after, NodePath.ROOT, summary::add);

          List<Difference> all = expected(before, after, NodePath.ROOT);
          assertThat(summary.added() + summary.removed())
              .isEqualTo(all.stream().filter(d -> !(d instanceof Difference.Modified)).count());
          assertThat(summary.contentChanged() + summary.metadataChanged())
              .isEqualTo(all.stream().filter(Difference.Modified.class::isInstance).count());
          assertThat(bytes(before) - summary.removedBytes() - summary.bytesBefore())
              .as("bytes of files that are equal")
              .isEqualTo(bytes(after) - summary.addedBytes() - summary.bytesAfter());
        });
  }

  private static long bytes(OpenTree tree) throws IOException {
    return entries(tree, NodePath.ROOT).values().stream().mapToLong(TreeDiffTest::size).sum();
  }

  private static long size(Node node) {
    return node instanceof Node.File file ? file.content().size() : 0;
  }

  @Test
  void whatIsFoundIsWhatAWalkWithTheSameQuestionsFinds() throws IOException {
    EntryFilter large =
        new EntryFilter(
            Glob.parse("*".getBytes(StandardCharsets.UTF_8)),
            EnumSet.allOf(Type.class),
            2_000,
            EntryFilter.EVER);
    EntryFilter below =
        new EntryFilter(
            Glob.parse("a/**".getBytes(StandardCharsets.UTF_8)),
            EnumSet.of(Type.FILE, Type.SYMLINK),
            -1,
            new FileTime(1_600_000_050, 0));
    forPairs(
        (tree, _) -> {
          assertThat(find(large, tree))
              .isEqualTo(
                  entries(tree, NodePath.ROOT).entrySet().stream()
                      .filter(entry -> size(entry.getValue()) > 2_000)
                      .map(TreeMap.Entry::getKey)
                      .toList());
          assertThat(find(below, tree))
              .isEqualTo(
                  entries(tree, NodePath.ofText("a")).entrySet().stream()
                      .filter(
                          entry ->
                              entry.getValue() instanceof Node.File
                                  || entry.getValue() instanceof Node.Symlink)
                      .filter(
                          entry ->
                              entry
                                      .getValue()
                                      .metadata()
                                      .mtime()
                                      .compareTo(new FileTime(1_600_000_050, 0))
                                  > 0)
                      .map(TreeMap.Entry::getKey)
                      .toList());
        });
  }

  private static List<NodePath> find(EntryFilter filter, OpenTree tree) throws IOException {
    List<NodePath> found = new ArrayList<>();
    filter.find(tree, entry -> found.add(entry.path()));
    return found;
  }
}
