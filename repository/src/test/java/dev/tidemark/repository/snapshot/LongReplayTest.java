package dev.tidemark.repository.snapshot;

import static dev.tidemark.repository.TestData.WEB;
import static dev.tidemark.repository.TestData.directory;
import static dev.tidemark.repository.TestData.file;
import static dev.tidemark.repository.TestData.put;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.repository.TestData.Script;
import dev.tidemark.repository.blob.CountingBlobStore;
import dev.tidemark.repository.blob.CountingBlobStore.Requests;
import dev.tidemark.repository.blob.InMemoryBlobStore;
import dev.tidemark.schemas.change.Change;
import dev.tidemark.schemas.change.Change.Body;
import dev.tidemark.schemas.change.Change.ScanKind;
import dev.tidemark.schemas.change.NodePath;
import dev.tidemark.schemas.tree.EntryStream;
import dev.tidemark.schemas.tree.Tree;
import dev.tidemark.schemas.tree.TreeBase;
import dev.tidemark.schemas.tree.TreeEntry;
import dev.tidemark.schemas.tree.TreeException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class LongReplayTest {
  private final CountingBlobStore store = new CountingBlobStore(new InMemoryBlobStore());
  private final SnapshotStore snapshots = new SnapshotStore(store, WEB);
  private final Script script = Script.start();

  private static List<TreeEntry> entries(TreeBase tree) throws IOException {
    List<TreeEntry> entries = new ArrayList<>();
    try (EntryStream stream = tree.subtree(NodePath.ROOT)) {
      for (Optional<TreeEntry> next = stream.next(); next.isPresent(); next = stream.next()) {
        entries.add(next.get());
      }
    }
    return entries;
  }

  private SnapshotInfo snapshotOf(TreeBase tree) throws IOException {
    script.append(put("", directory()), script.cursor().logTimeMillis() + 1);
    return snapshots.write(tree, script.cursor());
  }

  private static Body randomBody(Random random) {
    return switch (random.nextInt(30)) {
      case 0, 1, 2, 3, 4 -> put(path(random), directory());
      case 5, 6, 7 -> new Change.Remove(NodePath.ofText(path(random)));
      case 8, 9 -> new Change.Move(NodePath.ofText(path(random)), NodePath.ofText(path(random)));
      case 10 -> new Change.Exchange(NodePath.ofText(path(random)), NodePath.ofText(path(random)));
      case 11, 12 -> new Change.Keep(NodePath.ofText(path(random)));
      case 13 ->
          new Change.ScanStarted(random.nextInt(4) > 0 ? ScanKind.FULL : ScanKind.DIFFERENCE);
      case 14 ->
          new Change.ScanCompleted(random.nextInt(4) > 0 ? ScanKind.FULL : ScanKind.DIFFERENCE);
      case 15 ->
          random.nextInt(5) > 0
              ? put("", directory())
              : new Change.EpochStarted("host", 1, new Change.Previous.None(), 0);
      default -> put(path(random), file("text " + random.nextInt(1_000)));
    };
  }

  private static String path(Random random) {
    StringBuilder path = new StringBuilder();
    for (int depth = random.nextInt(4); depth >= 0; depth--) {
      path.append(path.isEmpty() ? "" : "/").append("ab!z".charAt(random.nextInt(4)));
      if (random.nextInt(3) == 0) {
        path.append(random.nextInt(3));
      }
    }
    return path.toString();
  }

  /** The law: whenever it is merged, inside full scans too, it is the tree of the same changes. */
  @Test
  void aLongReplayIsTheSameTreeWhateverItHoldsInMemory() throws IOException {
    long seed = Long.getLong("tidemark.seed", System.nanoTime());
    System.out.println("tidemark.seed=" + seed);
    for (int round = 0; round < 30; round++) {
      Random random = new Random(seed + round);
      Tree model = Tree.on(TreeBase.EMPTY);
      Optional<SnapshotInfo> start = Optional.empty();
      if (round % 3 > 0) {
        model.apply(put("", directory()));
        for (int i = 0; i < 60; i++) {
          applyOrNot(model, put(path(random), random.nextBoolean() ? directory() : file("x" + i)));
        }
        start = Optional.of(snapshotOf(model));
      }
      try (LongReplay replay = new LongReplay(store, WEB, start, 1 + random.nextInt(12))) {
        for (int i = 0; i < 400; i++) {
          Body body = i == 0 ? put("", directory()) : randomBody(random);
          boolean fits = applyOrNot(model, body);
          assertThat(applyOrNot(replay, body))
              .as("seed %d, %s", seed + round, body)
              .isEqualTo(fits);
          if (i % 10 == 0) {
            assertThat(entries(replay.tree()))
                .as("seed %d after %d changes", seed + round, i)
                .isEqualTo(entries(model));
          }
        }
        assertThat(entries(replay.tree())).isEqualTo(entries(model));
      }
    }
  }

  private static boolean applyOrNot(Tree tree, Body body) throws IOException {
    try {
      tree.apply(body);
      return true;
    } catch (TreeException refused) {
      return false;
    }
  }

  private static boolean applyOrNot(LongReplay replay, Body body) throws IOException {
    try {
      replay.apply(body);
      return true;
    } catch (TreeException refused) {
      return false;
    }
  }

  private static Tree largeTree() throws IOException {
    Tree tree = Tree.on(TreeBase.EMPTY);
    tree.apply(put("", directory()));
    for (int d = 0; d < 100; d++) {
      tree.apply(put("d" + d, directory()));
      for (int f = 0; f < 150; f++) {
        tree.apply(put("d" + d + "/f" + f, file("text " + d + "," + f)));
      }
    }
    return tree;
  }

  @Test
  void theFirstFullScanOfALargeTreeHoldsLittleAndGivesTheSameSnapshot() throws IOException {
    Tree model = Tree.on(TreeBase.EMPTY);
    SnapshotInfo made;
    try (LongReplay replay = new LongReplay(store, WEB, Optional.empty(), 500)) {
      long most = 0;
      for (TreeEntry entry : scanOf(largeTree())) {
        Body body = new Change.Put(entry.path(), entry.node());
        if (entry.path().isRoot()) {
          replay.apply(new Change.ScanStarted(ScanKind.FULL));
        }
        model.apply(body);
        replay.apply(body);
        most = Math.max(most, replay.tree().touchedEntries());
      }
      replay.apply(new Change.ScanCompleted(ScanKind.FULL));
      assertThat(most).isLessThan(600);
      made = snapshotOf(replay.tree());
    }

    assertThat(entries(snapshots.open(made))).isEqualTo(entries(model));
    assertThat(made.entries()).isEqualTo(15_101);
    assertThat(made.bytes())
        .isEqualTo(entries(model).stream().mapToLong(e -> SharedRuns.fileBytes(e.node())).sum());
    // Cut as a writer cuts that has it all in memory.
    assertThat(made.manifests())
        .isEqualTo(
            new SnapshotStore(new InMemoryBlobStore(), WEB)
                .write(model, script.cursor())
                .manifests());
  }

  private static List<TreeEntry> scanOf(Tree tree) throws IOException {
    return entries(tree);
  }

  @Test
  void whatIsNotTouchedIsNamedAgainWithoutBeingRead() throws IOException {
    SnapshotInfo first = snapshotOf(largeTree());
    Tree model = largeTree();
    store.take();
    SnapshotInfo second;
    try (LongReplay replay = new LongReplay(store, WEB, Optional.of(first), 1_000)) {
      for (Body body :
          List.of(
              put("d50/new", file("new")),
              new Change.Remove(NodePath.ofText("d77/f3")),
              new Change.Move(NodePath.ofText("d12/f9"), NodePath.ofText("d12/moved")))) {
        replay.apply(body);
        model.apply(body);
      }
      second = snapshotOf(replay.tree());
    }

    Requests requests = store.take();
    assertThat(first.manifests()).hasSizeGreaterThan(25);
    assertThat(entries(snapshots.open(second))).isEqualTo(entries(model));
    assertThat(second.entries()).isEqualTo(first.entries());
    assertThat(second.bytes())
        .isEqualTo(entries(model).stream().mapToLong(e -> SharedRuns.fileBytes(e.node())).sum());
    // The manifests of the three places and of the directories above, and what follows them.
    assertThat(requests.reads()).isLessThan(12);
    assertThat(requests.puts()).isLessThanOrEqualTo(8);
    assertThat(second.manifests().stream().filter(first.manifests()::contains).count())
        .isGreaterThan(first.manifests().size() - 8L);
  }

  @Test
  void whatIsMergedGoesToATemporaryFileAndNotToTheStore() throws IOException {
    try (LongReplay replay = new LongReplay(store, WEB, Optional.empty(), 2)) {
      replay.apply(put("", directory()));
      for (int i = 0; i < 50; i++) {
        replay.apply(put("f" + i, file("x")));
      }
      assertThat(replay.scratchBytes()).isPositive();
      assertThat(entries(replay.tree())).hasSize(51);
    }
    assertThat(store.take().puts()).isZero();
  }
}
