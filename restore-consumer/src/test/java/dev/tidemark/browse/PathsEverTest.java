package dev.tidemark.browse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.apply.TestFrames;
import dev.tidemark.browse.EntryFilter.Type;
import dev.tidemark.browse.PathsEver.Moment;
import dev.tidemark.browse.PathsEver.PathStay;
import dev.tidemark.mirror.RandomChanges;
import dev.tidemark.mirror.SimulatedLog;
import dev.tidemark.repository.history.At;
import dev.tidemark.restore.TestRepository;
import dev.tidemark.schemas.change.Change;
import dev.tidemark.schemas.change.Change.ScanKind;
import dev.tidemark.schemas.change.NodePath;
import dev.tidemark.schemas.cursor.Cursor.OpenScan;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.LongPredicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Random histories, beside what each of their instants holds. */
final class PathsEverTest {
  private static final int ROUNDS = 5;

  @TempDir private Path folder;

  private static EntryFilter filter(String pattern, Set<Type> types) {
    return new EntryFilter(
        Glob.parse(pattern.getBytes(StandardCharsets.UTF_8)), types, -1, EntryFilter.EVER);
  }

  private static final List<EntryFilter> FILTERS =
      List.of(
          filter("*", EnumSet.allOf(Type.class)),
          filter("a/**", EnumSet.of(Type.FILE)),
          filter("[a-c]*", EnumSet.of(Type.DIRECTORY, Type.SYMLINK)));

  /** Ends of rounds, at each of which there is a snapshot. */
  private static List<Long> write(TestRepository test) throws IOException {
    long seed = Long.getLong("tidemark.seed", System.nanoTime());
    System.out.println("tidemark.seed=" + seed);
    SimulatedLog log = new SimulatedLog();
    RandomChanges changes = new RandomChanges(new Random(seed), new TestFrames(), log);
    changes.addRoot();
    List<Long> ends = new ArrayList<>();
    long sealed = 0;
    for (int i = 0; i < ROUNDS; i++) {
      changes.add(30);
      if (log.cursor().openScan() == OpenScan.FULL) {
        // Within a full scan there is no snapshot, and so nothing that a gap could end before.
        log.add(new Change.ScanCompleted(ScanKind.FULL));
      }
      test.seal(SimulatedLog.TREE, log.sealable(sealed, log.cursor().sequence()));
      sealed = log.cursor().sequence();
      assertThat(test.repository().history(SimulatedLog.TREE).snapshotNow()).isPresent();
      ends.add(sealed);
    }
    return ends;
  }

  private static List<PathStay> expected(
      TreeReader reader, EntryFilter filter, long last, LongPredicate isKept) throws IOException {
    TreeMap<NodePath, List<PathStay>> stays = new TreeMap<>();
    Set<NodePath> before = Set.of();
    for (long sequence = 1; sequence <= last; sequence++) {
      if (!isKept.test(sequence)) {
        continue;
      }
      OpenTree tree = reader.treeAt(SimulatedLog.TREE, new At.Sequence(sequence));
      Moment now = new Moment(sequence, tree.logTimeMillis());
      Set<NodePath> found = new HashSet<>();
      filter.find(tree, entry -> found.add(entry.path()));
      for (NodePath path : before) {
        if (!found.contains(path)) {
          List<PathStay> all = Objects.requireNonNull(stays.get(path));
          all.add(new PathStay(path, all.removeLast().from(), Optional.of(now)));
        }
      }
      for (NodePath path : found) {
        if (!before.contains(path)) {
          stays
              .computeIfAbsent(path, _ -> new ArrayList<>())
              .add(new PathStay(path, now, Optional.empty()));
        }
      }
      before = found;
    }
    return stays.values().stream().flatMap(List::stream).toList();
  }

  private static List<PathStay> found(TreeReader reader, EntryFilter filter) throws IOException {
    List<PathStay> stays = new ArrayList<>();
    reader.findEver(SimulatedLog.TREE, filter, 1_000_000).forEach(stays::add);
    return stays;
  }

  @Test
  void staysBeginAndEndWithTheChangesThatTheTreesTellOf() throws IOException {
    try (TestRepository test = TestRepository.create(folder.resolve("repository"))) {
      long last = write(test).getLast();
      try (TreeReader reader =
          TreeReader.open(test.repository(), LogAccess.NONE, InstantSource.system())) {
        for (EntryFilter filter : FILTERS) {
          assertThat(found(reader, filter)).isEqualTo(expected(reader, filter, last, _ -> true));
        }
      }
    }
  }

  @Test
  void whatRetentionHasTakenOutIsPassedOver() throws IOException {
    try (TestRepository test = TestRepository.create(folder.resolve("repository"))) {
      List<Long> ends = write(test);
      long from = ends.get(1) + 1;
      long to = ends.get(2) - 1;
      test.repository().log(SimulatedLog.TREE).addGap(from, to);
      try (TreeReader reader =
          TreeReader.open(test.repository(), LogAccess.NONE, InstantSource.system())) {
        for (EntryFilter filter : FILTERS) {
          assertThat(found(reader, filter))
              .isEqualTo(
                  expected(
                      reader,
                      filter,
                      ends.getLast(),
                      sequence -> sequence < from || sequence > to));
        }
      }
    }
  }

  @Test
  void moreThanIsToBeHeldIsRefusedWithWhatToDo() throws IOException {
    try (TestRepository test = TestRepository.create(folder.resolve("repository"))) {
      write(test);
      try (TreeReader reader =
          TreeReader.open(test.repository(), LogAccess.NONE, InstantSource.system())) {
        assertThatThrownBy(() -> reader.findEver(SimulatedLog.TREE, FILTERS.getFirst(), 3))
            .isInstanceOf(IOException.class)
            .hasMessageContaining("More than 3 times")
            .hasMessageContaining("name the directory before it");
      }
    }
  }
}
