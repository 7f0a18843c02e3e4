package dev.tidemark.browse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.tidemark.apply.TestFrames;
import dev.tidemark.browse.EntryFilter.Type;
import dev.tidemark.mirror.RandomChanges;
import dev.tidemark.mirror.SimulatedLog;
import dev.tidemark.repository.history.At;
import dev.tidemark.restore.TestRepository;
import dev.tidemark.schemas.change.Change;
import dev.tidemark.schemas.change.Metadata;
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
import java.util.Objects;
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

  private interface CheckWithReader {
    void check(TreeReader reader, OpenTree before, OpenTree after) throws IOException;
  }

  /** Shows pairs of instants of a random history with snapshots in it. */
  private void forPairs(Check check) throws IOException {
    forPairs((_, before, after) -> check.check(before, after));
  }

  private void forPairs(CheckWithReader check) throws IOException {
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
              reader,
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

  /** Whoever moves what was moved, and does the rest, has the later tree. */
  @Test
  void theDifferencesWithMovesLeadFromTheOneInstantToTheOther() throws IOException {
    forPairs(
        (reader, before, after) -> {
          Optional<MovedPaths> moves = reader.findMoves(before, after);
          assertThat(moves.isPresent()).isEqualTo(before.sequence() <= after.sequence());
          if (moves.isEmpty()) {
            return;
          }
          List<Difference> differences = new ArrayList<>();
          TreeDiff.run(before, after, NodePath.ROOT, moves.get(), differences::add);

          TreeMap<NodePath, Node> is = entries(after, NodePath.ROOT);
          TreeMap<NodePath, Node> reached = applied(entries(before, NodePath.ROOT), differences);
          assertThat(reached.keySet())
              .as("changes %d and %d: %s", before.sequence(), after.sequence(), differences)
              .isEqualTo(is.keySet());
          reached.forEach(
              (path, node) ->
                  assertThat(NodeAspect.differing(node, Objects.requireNonNull(is.get(path))))
                      .as("%s by %s", path, differences)
                      .isEmpty());
        });
  }

  private static TreeMap<NodePath, Node> applied(
      TreeMap<NodePath, Node> before, List<Difference> differences) {
    TreeMap<NodePath, NodePath> moves = new TreeMap<>();
    TreeMap<NodePath, Node> left = new TreeMap<>(before);
    for (Difference difference : differences) {
      switch (difference) {
        case Difference.Moved(NodePath from, NodePath to, _, _, _) -> moves.put(from, to);
        case Difference.Removed(NodePath path, _) -> left.remove(path);
        case Difference.Added _, Difference.Modified _ -> {}
      }
    }
    TreeMap<NodePath, Node> reached = new TreeMap<>();
    left.forEach((path, node) -> reached.put(destination(path, moves), node));
    for (Difference difference : differences) {
      switch (difference) {
        case Difference.Added(NodePath path, Node node) -> reached.put(path, node);
        case Difference.Modified(NodePath path, _, Node after, _) -> reached.put(path, after);
        case Difference.Moved(_, NodePath to, _, Node after, _) -> reached.put(to, after);
        case Difference.Removed _ -> {}
      }
    }
    return reached;
  }

  private static NodePath destination(NodePath path, TreeMap<NodePath, NodePath> moves) {
    for (NodePath at = path; !at.isRoot(); at = at.parent()) {
      if (moves.containsKey(at)) {
        return path.rebase(at, moves.get(at));
      }
    }
    return path;
  }

  private static NodePath path(String text) {
    return NodePath.ofText(text);
  }

  /** Seals what a list of changes makes, and tells what differs from the state before the last. */
  private List<Difference> moved(int last, List<Change.Body> changes) throws IOException {
    SimulatedLog log = new SimulatedLog();
    for (Change.Body change : changes) {
      assertThat(log.add(change)).as("%s fits", change).isTrue();
    }
    long sealed = log.cursor().sequence();
    try (TestRepository test = TestRepository.create(folder.resolve("repository"))) {
      test.seal(SimulatedLog.TREE, log.sealable(0, sealed));
      try (TreeReader reader =
          TreeReader.open(test.repository(), LogAccess.NONE, InstantSource.system())) {
        OpenTree before = reader.treeAt(SimulatedLog.TREE, new At.Sequence(sealed - last));
        OpenTree after = reader.treeAt(SimulatedLog.TREE, new At.Sequence(sealed));
        List<Difference> differences = new ArrayList<>();
        TreeDiff.run(
            before,
            after,
            NodePath.ROOT,
            reader.findMoves(before, after).orElseThrow(),
            differences::add);
        return differences;
      }
    }
  }

  private static Change.Put directory(String path) {
    return new Change.Put(
        path.isEmpty() ? NodePath.ROOT : path(path), new Node.Directory(metadata()));
  }

  private static Change.Put fifo(String path) {
    return new Change.Put(path(path), new Node.Fifo(metadata()));
  }

  private static Metadata metadata() {
    return new Metadata(0755, 0, 0, "", "", new FileTime(1, 0), List.of(), 0);
  }

  @Test
  void aRenamedDirectoryIsOneLineAndWhatLeftItBeforeIsAnother() throws IOException {
    List<Difference> differences =
        moved(
            3,
            List.of(
                directory(""),
                directory("d"),
                fifo("d/x"),
                fifo("d/y"),
                new Change.Move(path("d"), path("e")),
                new Change.Move(path("e/x"), path("z")),
                fifo("e/new")));

    assertThat(differences)
        .extracting(Object::getClass, Difference::path)
        .containsExactly(
            tuple(Difference.Moved.class, path("e")),
            tuple(Difference.Added.class, path("e/new")),
            tuple(Difference.Moved.class, path("z")));
    assertThat(((Difference.Moved) differences.getLast()).from()).isEqualTo(path("d/x"));
  }

  @Test
  void whatWasMovedAwayAndBackDoesNotDiffer() throws IOException {
    assertThat(
            moved(
                2,
                List.of(
                    directory(""),
                    directory("d"),
                    fifo("d/x"),
                    new Change.Move(path("d"), path("e")),
                    new Change.Move(path("e"), path("d")))))
        .isEmpty();
  }

  @Test
  void whatIsMadeAnewUnderTheOldNameIsNoMove() throws IOException {
    assertThat(
            moved(
                3,
                List.of(
                    directory(""),
                    fifo("x"),
                    new Change.Remove(path("x")),
                    fifo("x"),
                    new Change.Move(path("x"), path("y")))))
        .extracting(Object::getClass)
        .containsExactly(Difference.Removed.class, Difference.Added.class);
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
