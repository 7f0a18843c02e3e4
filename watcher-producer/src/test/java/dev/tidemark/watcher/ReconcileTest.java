package dev.tidemark.watcher;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.schemas.change.Change;
import dev.tidemark.schemas.change.Change.Cause;
import dev.tidemark.schemas.change.NodePath;
import dev.tidemark.watcher.ReconcilePlan.Depth;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A write through a name outside of the tree is what no event tells. */
@ExtendWith(SharedLog.class)
final class ReconcileTest {
  @TempDir Path folder;
  private final TestLog log;

  ReconcileTest(TestLog log) {
    this.log = log;
  }

  private WatchedTree tree(String name, Depth depth) throws Exception {
    return tree(name, depth, Duration.ofMillis(100));
  }

  private WatchedTree tree(String name, Depth depth, Duration grace) throws Exception {
    ReconcilePlan plan = new ReconcilePlan(Duration.ofMillis(200), depth);
    return new WatchedTree(log, folder, name)
        .configure(c -> c.withDelays(Duration.ofMillis(20), grace).with(c.control().with(plan)));
  }

  /** A name outside of the tree for a file in it. */
  private Path linkedOutside(WatchedTree tree, String name, String text) throws Exception {
    Path outside = Files.writeString(folder.resolve(tree.name + "-outside"), text);
    Files.createDirectories(tree.path(name).getParent());
    Files.createLink(tree.path(name), outside);
    return outside;
  }

  private static void await(String what, BooleanSupplier condition) {
    Awaitility.await(what)
        .atMost(WatchedTree.PATIENCE)
        .pollInterval(Duration.ofMillis(20))
        .until(condition::getAsBoolean);
  }

  private static void awaitRounds(WatchedTree tree, int rounds) throws IOException {
    long entries;
    try (Stream<Path> all = Files.walk(tree.root)) {
      entries = all.count();
    }
    long more = tree.status().reconciledEntries() + rounds * entries;
    await("rounds", () -> tree.status().reconciledEntries() >= more);
  }

  @Test
  void aChangeThatNoEventToldOfIsFoundPublishedAndCounted() throws Exception {
    try (WatchedTree tree = tree("missed", Depth.SIGNATURES)) {
      Path outside = linkedOutside(tree, "a/b/file", "before");
      tree.write("a/other", "text");
      tree.start();
      // A start that finds nothing new expects no further names of it soon, and does not look for
      // them.
      tree.stop();
      tree.start();
      tree.view.read();
      int before = tree.view.accepted().size();

      Files.writeString(outside, "written where nobody watches");
      tree.awaitIdentical();

      assertThat(tree.view.accepted().subList(before, tree.view.accepted().size()))
          .filteredOn(
              c ->
                  c.body() instanceof Change.Put(var path, _)
                      && path.equals(NodePath.ofText("a/b/file")))
          .singleElement()
          .satisfies(c -> assertThat(c.cause()).isEqualTo(Cause.RECONCILE));
      await("the miss", () -> tree.status().misses() == 1);
    }
  }

  @Test
  void whatLeftNoTraceInAStatIsFoundByReadingContent() throws Exception {
    try (WatchedTree tree = tree("rotten", Depth.CONTENT)) {
      Path outside = linkedOutside(tree, "file", "content");
      tree.write("other", "stays");
      tree.start();
      FileTime modified = Files.getLastModifiedTime(outside);

      Files.writeString(outside, "CONTENT");
      Files.setLastModifiedTime(outside, modified);
      tree.awaitIdentical();
      int found = tree.view.accepted().size();
      awaitRounds(tree, 3);
      tree.view.read();

      assertThat(tree.view.bodies(found)).isEmpty();
      assertThat(tree.status().misses()).isPositive();
    }
  }

  @Test
  void whatEventsTellIsNoMiss() throws Exception {
    try (WatchedTree tree = tree("told", Depth.SIGNATURES, Duration.ofSeconds(1)).start()) {
      for (int i = 0; i < 300; i++) {
        tree.write("d" + i % 5 + "/f" + i % 40, "text " + i);
        if (i % 10 == 9) {
          Files.move(tree.path("d" + i % 5), tree.path("m" + i));
        }
        awaitEntry(tree, i);
      }
      tree.awaitIdentical();
      // Long enough for the last suspicion to be followed up.
      awaitRounds(tree, 8);

      assertThat(tree.status().reconciledEntries()).isPositive();
      assertThat(tree.status().misses()).isZero();
    }
  }

  /** Spreads the changes over several rounds. */
  private static void awaitEntry(WatchedTree tree, int change) throws IOException {
    if (change % 30 == 0) {
      awaitRounds(tree, 1);
    }
  }

  @Test
  void anIntervalOfZeroComparesNothing() throws Exception {
    try (WatchedTree tree =
        new WatchedTree(log, folder, "off")
            .configure(
                c ->
                    c.with(c.control().with(new ReconcilePlan(Duration.ZERO, Depth.SIGNATURES))))) {
      Path outside = linkedOutside(tree, "file", "before");
      tree.start();
      Files.writeString(outside, "unseen");
      tree.write("seen", "text");
      tree.view.await(
          "the seen one",
          () -> tree.view.bodies().stream().anyMatch(b -> b.toString().contains("seen")));

      assertThat(tree.status().reconciledEntries()).isZero();
    }
  }
}
