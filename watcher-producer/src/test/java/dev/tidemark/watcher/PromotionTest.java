package dev.tidemark.watcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.filesystem.linux.Descriptor;
import dev.tidemark.filesystem.linux.FileStatus;
import dev.tidemark.filesystem.linux.LinuxFiles;
import dev.tidemark.filesystem.linux.NativePath;
import dev.tidemark.schemas.change.Change;
import dev.tidemark.schemas.change.Change.Previous;
import dev.tidemark.schemas.change.Metadata.FileTime;
import dev.tidemark.schemas.change.Node;
import dev.tidemark.schemas.change.NodePath;
import dev.tidemark.schemas.tree.EntryStream;
import dev.tidemark.schemas.tree.TreeEntry;
import dev.tidemark.watcher.state.InheritedTree;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(SharedLog.class)
final class PromotionTest {
  /** So much later nothing that was applied counts as changed just now. */
  private static final InstantSource LATER =
      InstantSource.offset(InstantSource.system(), Duration.ofMinutes(1));

  private final TestLog log;

  PromotionTest(TestLog log) {
    this.log = log;
  }

  @TempDir private Path folder;

  /** Another host's watcher on the same directory, with a state folder of its own. */
  private static WatcherConfig other(WatchedTree tree) {
    WatcherConfig config = tree.config();
    return WatcherConfig.of(
            config.tree(), config.root(), tree.state.resolveSibling("other"), config.log())
        .withHost("other")
        .withDelays(config.settle(), config.maxDelay());
  }

  private static void fill(WatchedTree tree) throws IOException {
    tree.write("index.html", "first");
    tree.write("pages/a.html", "a");
    tree.write("pages/deep/b.html", "b");
    Files.createLink(tree.path("pages/link.html"), tree.path("pages/a.html"));
    Files.createSymbolicLink(tree.path("pages/symlink"), Path.of("a.html"));
    tree.write("large", new byte[100_000]);
  }

  private static Promotion promote(WatchedTree tree, WatcherConfig config) throws IOException {
    tree.view.read();
    Promotion promotion =
        Promotion.begin(
            config,
            new Previous.Known(tree.view.cursor().epoch()),
            tree.view.cursor().number(),
            LATER);
    promotion.heartbeat();
    promotion.inherit(inherited -> tell(tree, inherited));
    return promotion;
  }

  /** What a standby that has applied all has left in the directory. */
  private static void tell(WatchedTree tree, InheritedTree inherited) throws IOException {
    Map<NodePath, Long> ids = new HashMap<>();
    try (EntryStream entries = tree.view.entries();
        Descriptor root = LinuxFiles.openRoot(NativePath.of(tree.root))) {
      for (Optional<TreeEntry> next = entries.next(); next.isPresent(); next = entries.next()) {
        NodePath path = next.get().path();
        if (path.isRoot()) {
          Node.Directory node = (Node.Directory) next.get().node();
          ids.put(path, inherited.root(node, LinuxFiles.status(root).inode()));
          continue;
        }
        long parent = ids.getOrDefault(path.parent(), -1L);
        FileStatus is = statusOf(root, path);
        if (next.get().node() instanceof Node.Directory node) {
          ids.put(path, inherited.directory(parent, path.name(), node, is.inode()));
        } else {
          FileTime changed = new FileTime(is.ctimeSeconds(), is.ctimeNanos());
          inherited.entry(parent, path.name(), next.get().node(), is.inode(), changed);
        }
      }
    }
  }

  private static FileStatus statusOf(Descriptor root, NodePath path) throws IOException {
    try (Descriptor parent = LinuxFiles.openDirectory(root, path.parent().bytes())) {
      return LinuxFiles.status(parent, path.name());
    }
  }

  private static Set<String> paths(List<Change.Body> bodies) {
    return bodies.stream()
        .map(
            body ->
                switch (body) {
                  case Change.Put put -> "put " + put.path();
                  case Change.Remove remove -> "remove " + remove.path();
                  default -> body.toString();
                })
        .collect(Collectors.toSet());
  }

  @Test
  void theNewWriterPublishesWhatWasChangedSinceAndNothingElse() throws Exception {
    try (WatchedTree tree = new WatchedTree(log, folder, "promoted-web")) {
      fill(tree);
      tree.start();
      tree.awaitIdentical();
      tree.stop();

      WatcherConfig config = other(tree);
      try (Promotion promotion = promote(tree, config)) {
        tree.view.await("the new term", () -> tree.view.cursor().epoch().equals(promotion.epoch()));
      }
      tree.write("index.html", "changed here");
      tree.write("pages/new.html", "new");
      Files.delete(tree.path("pages/deep/b.html"));
      int before = tree.view.accepted().size();
      try (Watcher watcher = Watcher.start(config)) {
        watcher.awaitScanCompleted(WatchedTree.PATIENCE);
        tree.awaitIdentical();
        assertThat(paths(tree.view.bodies(before)))
            .containsExactlyInAnyOrder(
                "put index.html",
                "put pages/new.html",
                "remove pages/deep/b.html",
                "put pages",
                "put pages/deep");

        // What is done from now on is seen as by any watcher: one of two names was written to.
        tree.write("pages/a.html", "through one name");
        Files.move(tree.path("large"), tree.path("pages/larger"));
        tree.awaitIdentical();
      }
      assertThat(tree.view.gaps()).isEmpty();
    }
  }

  @Test
  void whatTheOldWriterSendsBehindTheNewTermIsRejected() throws Exception {
    try (WatchedTree tree = new WatchedTree(log, folder, "promoted-fenced")) {
      fill(tree);
      tree.start();
      tree.awaitIdentical();

      WatcherConfig config = other(tree);
      promote(tree, config).close();
      tree.write("index.html", "by the old writer");
      tree.view.await("a rejection", () -> !tree.view.rejected().isEmpty());
      log.publish(tree.view.head(System.currentTimeMillis()));
      assertThatThrownBy(() -> tree.watcher().failure().join())
          .hasRootCauseInstanceOf(WatcherFencedException.class);
      assertThat(tree.view.gaps()).isEmpty();
    }
  }

  @Test
  void aHeadOfBeforeThePromotionDoesNotKeepTheNewWriterFromStarting() throws Exception {
    try (WatchedTree tree = new WatchedTree(log, folder, "promoted-behind")) {
      fill(tree);
      tree.start();
      tree.awaitIdentical();
      tree.stop();

      // The cataloguer has seen the old writer alive, and nothing since.
      log.publish(tree.view.head(System.currentTimeMillis()));
      WatcherConfig config = other(tree);
      promote(tree, config).close();
      int before = tree.view.accepted().size();
      try (Watcher watcher = Watcher.start(config)) {
        watcher.awaitScanCompleted(WatchedTree.PATIENCE);
        tree.awaitIdentical();
        assertThat(tree.view.bodies(before)).isEmpty();
      }
      // Nor when it is started again, by a process that knows nothing of a promotion.
      try (Watcher watcher = Watcher.start(config)) {
        watcher.awaitScanCompleted(WatchedTree.PATIENCE);
      }
    }
  }

  @Test
  void killedBeforeTheStateIsHandedOverItIsNoWriterUntilItPromotesAgain() throws Exception {
    try (WatchedTree tree = new WatchedTree(log, folder, "promoted-halfway")) {
      fill(tree);
      tree.start();
      tree.awaitIdentical();
      tree.stop();
      log.publish(tree.view.head(0));

      WatcherConfig config = other(tree);
      Promotion.begin(
              config,
              new Previous.Known(tree.view.cursor().epoch()),
              tree.view.cursor().number(),
              LATER)
          .close();
      assertThatThrownBy(() -> Watcher.start(config)).isInstanceOf(OtherWriterException.class);

      promote(tree, config).close();
      try (Watcher watcher = Watcher.start(config)) {
        watcher.awaitScanCompleted(WatchedTree.PATIENCE);
        tree.awaitIdentical();
      }
      assertThat(tree.view.gaps()).isEmpty();
    }
  }
}
