package dev.tidemark.mirror;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tidemark.apply.TestFrames;
import dev.tidemark.filesystem.entry.Batch;
import dev.tidemark.filesystem.entry.EntryStore;
import dev.tidemark.filesystem.entry.Table;
import dev.tidemark.filesystem.entry.TableScan;
import dev.tidemark.schemas.change.Change;
import dev.tidemark.schemas.change.Metadata;
import dev.tidemark.schemas.change.Metadata.FileTime;
import dev.tidemark.schemas.change.Node;
import dev.tidemark.schemas.change.NodePath;
import dev.tidemark.schemas.cursor.Cursor;
import dev.tidemark.schemas.tree.EntryStream;
import dev.tidemark.schemas.tree.Tree;
import dev.tidemark.schemas.tree.TreeDigest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DirectoryDigestsTest {
  private static final Table META = new Table("meta");

  @TempDir Path folder;
  private final TestFrames frames = new TestFrames();

  @BeforeEach
  void ownersCanBeSet() throws Exception {
    assumeTrue(Privilege.isRoot(), "only root can give files to other owners");
  }

  private static long seed() {
    long seed = Long.getLong("tidemark.seed", System.nanoTime());
    System.out.println("tidemark.seed=" + seed);
    return seed;
  }

  private static TreeDigest of(Tree tree) throws IOException {
    try (EntryStream entries = tree.subtree(NodePath.ROOT)) {
      return TreeDigest.of(entries);
    }
  }

  @Test
  void afterAnyChangesItIsTheDigestOfTheTreeThatTheLogMakes() throws Exception {
    long seed = seed();
    for (int round = 0; round < 3; round++) {
      Random random = new Random(seed + round);
      Path base = Files.createDirectory(folder.resolve("round" + round));
      SimulatedLog log = new SimulatedLog();
      RandomChanges changes = new RandomChanges(random, frames, log);
      changes.addRoot();
      for (int part = 0; part < 6; part++) {
        try (TestSession session = new TestSession(base, frames, CrashPoints.NONE)) {
          changes.add(40);
          session.applyInBatches(log.after(session.sequence()), random);

          assertThat(session.state.digest())
              .as("seed %d part %d", seed + round, part)
              .isEqualTo(of(log.model()));
        }
      }
    }
  }

  @Test
  void aStateOfBeforeThereWereDigestsGetsThem() throws Exception {
    SimulatedLog log = new SimulatedLog();
    RandomChanges changes = new RandomChanges(new Random(seed()), frames, log);
    changes.addRoot();
    changes.add(150);
    try (TestSession session = new TestSession(folder, frames, CrashPoints.NONE)) {
      session.apply(log.after(session.sequence()));
    }
    try (EntryStore store =
            EntryStore.open(folder.resolve("state"), List.of(META, DirectoryDigests.TABLE));
        Batch batch = store.batch()) {
      batch.clear(DirectoryDigests.TABLE);
      batch.remove(META, "digest-version".getBytes(StandardCharsets.UTF_8)).commit();
    }

    try (TestSession session = new TestSession(folder, frames, CrashPoints.NONE)) {
      assertThat(session.state.digest()).isEqualTo(of(log.model()));
      changes.add(50);
      session.apply(log.after(session.sequence()));
      assertThat(session.state.digest()).isEqualTo(of(log.model()));
    }
  }

  @Test
  void whatIsForgottenLeavesNoSums() throws Exception {
    SimulatedLog log = new SimulatedLog();
    RandomChanges changes = new RandomChanges(new Random(seed()), frames, log);
    changes.addRoot();
    changes.add(100);
    try (TestSession session = new TestSession(folder, frames, CrashPoints.NONE)) {
      session.apply(log.after(session.sequence()));
      Cursor cursor = session.state.cursor().orElseThrow();

      session.state.clear();

      assertThat(session.state.digest()).isEqualTo(TreeDigest.EMPTY);
      session.state.commit(cursor);
      assertThat(session.state.digest()).isEqualTo(TreeDigest.EMPTY);
    }
  }

  @Test
  void directoriesThatAreGoneLeaveNoSums() throws Exception {
    Node.Directory node =
        new Node.Directory(Metadata.of(0755, 0, 0, new FileTime(1_700_000_000, 1)));
    NodePath outer = NodePath.ROOT.child(new byte[] {'o'});
    NodePath inner = outer.child(new byte[] {'i'});
    SimulatedLog log = new SimulatedLog();
    log.add(new Change.Put(NodePath.ROOT, node));
    try (TestSession session = new TestSession(folder, frames, CrashPoints.NONE)) {
      session.apply(log.after(0));
      TreeDigest bare = session.state.digest();
      log.add(new Change.Put(outer, node));
      log.add(new Change.Put(inner, node));
      log.add(new Change.Put(inner.child(new byte[] {'f'}), node));
      session.apply(log.after(session.sequence()));
      assertThat(session.state.digest()).isNotEqualTo(bare);

      log.add(new Change.Remove(outer));
      session.apply(log.after(session.sequence()));

      assertThat(session.state.digest()).isEqualTo(bare);
      while (session.state.collectGone()) {
        // What no path reaches any more.
      }
    }
    try (EntryStore store =
            EntryStore.open(folder.resolve("state"), List.of(META, DirectoryDigests.TABLE));
        TableScan sums = store.scan(DirectoryDigests.TABLE, new byte[] {0})) {
      int count = 0;
      while (sums.next()) {
        count++;
      }
      assertThat(count).as("of the tree, and perhaps of its root").isLessThanOrEqualTo(2);
    }
  }
}
