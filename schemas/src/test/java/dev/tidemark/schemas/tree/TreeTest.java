package dev.tidemark.schemas.tree;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.schemas.TestNodes;
import dev.tidemark.schemas.change.Change;
import dev.tidemark.schemas.change.Change.Body;
import dev.tidemark.schemas.change.Change.ScanKind;
import dev.tidemark.schemas.change.Node;
import dev.tidemark.schemas.change.NodePath;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

final class TreeTest {
  private static final Body FULL_STARTED = new Change.ScanStarted(ScanKind.FULL);
  private static final Body FULL_COMPLETED = new Change.ScanCompleted(ScanKind.FULL);
  private static final Body DIFFERENCE_STARTED = new Change.ScanStarted(ScanKind.DIFFERENCE);
  private static final Body DIFFERENCE_COMPLETED = new Change.ScanCompleted(ScanKind.DIFFERENCE);
  private static final Body NEW_EPOCH =
      new Change.EpochStarted("host", 1, new Change.Previous.None(), 0);

  @Test
  void aMoveOfADirectoryReadsNothingBelowIt() throws IOException {
    InMemoryBase base = baseOfDirectory("old", 100_000);
    Tree tree = Tree.on(base);

    tree.apply(move("old", "new"));
    tree.apply(move("new", "newer"));
    tree.apply(put("other", TestNodes.directory(7)));
    tree.apply(exchange("newer", "other"));

    assertThat(base.reads()).isLessThan(12);
    assertThat(tree.touchedEntries()).isLessThan(8);
    assertThat(tree.find(path("other/f99999"))).contains(TestNodes.file(99_999));
    assertThat(tree.find(path("old/f99999"))).isEmpty();
    assertThat(tree.find(path("newer"))).contains(TestNodes.directory(7));
    assertThat(base.reads()).isLessThan(16);
  }

  @Test
  @Timeout(20)
  void manyMovesOfALargeDirectoryCostNoMoreThanOfAnEmptyOne() throws IOException {
    Tree tree = Tree.on(baseOfDirectory("a", 100_000));

    for (int i = 0; i < 2_000; i++) {
      tree.apply(move("a", "b"));
      tree.apply(move("b", "a"));
    }

    assertThat(tree.touchedEntries()).isLessThan(5);
    assertThat(paths(tree)).hasSize(100_002);
  }

  @Test
  void oneListingReadsNoMoreThanOneDirectory() throws IOException {
    InMemoryBase base = baseOfDirectory("d", 50_000);
    Tree tree = Tree.on(base);
    tree.apply(move("d", "e"));
    tree.apply(put("f", TestNodes.file(1)));
    long before = base.reads();

    assertThat(paths(tree.children(NodePath.ROOT))).containsExactly("e", "f");

    assertThat(base.reads() - before).isLessThan(4);
  }

  @Test
  void directoriesMovedIntoOneAnotherExchangedAndMovedBackKeepWhatIsBelow() throws IOException {
    Tree tree =
        Tree.on(base("", "a/", "a/x/", "a/x/1", "a/x/2", "b/", "b/y/", "b/y/3", "c/", "c/4"));

    tree.apply(move("b", "a/b"));
    tree.apply(move("a/b/y", "y"));
    tree.apply(exchange("a/x", "c"));
    tree.apply(move("y", "a/x/y"));
    tree.apply(put("a/x/y/5", TestNodes.file(5)));
    tree.apply(exchange("a", "c"));

    assertThat(paths(tree))
        .containsExactly(
            ".", "a", "a/1", "a/2", "c", "c/b", "c/x", "c/x/4", "c/x/y", "c/x/y/3", "c/x/y/5");
    tree.apply(exchange("a", "c"));
    tree.apply(new Change.Remove(path("a/x/y/5")));
    tree.apply(move("a/x/y", "y"));
    tree.apply(exchange("a/x", "c"));
    tree.apply(move("y", "a/b/y"));
    tree.apply(move("a/b", "b"));
    assertThat(paths(tree))
        .containsExactly(".", "a", "a/x", "a/x/1", "a/x/2", "b", "b/y", "b/y/3", "c", "c/4");
  }

  @Test
  void whatWasRemovedDoesNotComeBackWithItsDirectory() throws IOException {
    Tree tree = Tree.on(base("", "d/", "d/1", "d/2"));

    tree.apply(new Change.Remove(path("d")));
    tree.apply(put("d", TestNodes.directory(1)));
    tree.apply(put("d/3", TestNodes.file(3)));

    assertThat(paths(tree)).containsExactly(".", "d", "d/3");
  }

  @Test
  void aDirectoryPutOverADirectoryKeepsWhatIsBelowAndAFileDoesNot() throws IOException {
    Tree tree = Tree.on(base("", "d/", "d/1", "e/", "e/2"));

    tree.apply(put("d", TestNodes.directory(9)));
    tree.apply(put("e", TestNodes.file(9)));
    tree.apply(put("e", TestNodes.directory(10)));

    assertThat(paths(tree)).containsExactly(".", "d", "d/1", "e");
    assertThat(tree.find(path("d"))).contains(TestNodes.directory(9));
  }

  @Test
  void aChangeThatDoesNotFitIsRefusedAndChangesNothing() throws IOException {
    Tree tree = Tree.on(base("", "d/", "d/1", "f"));
    List<Body> misfits =
        List.of(
            put("missing/x", TestNodes.file(1)),
            put("f/x", TestNodes.file(1)),
            new Change.Put(NodePath.ROOT, TestNodes.file(1)),
            move("missing", "x"),
            move("d", "d/e"),
            move("d/1", "d"),
            move("f", "missing/f"),
            move("d", "f/d"),
            new Change.Move(NodePath.ROOT, path("x")),
            new Change.Move(path("d"), NodePath.ROOT),
            exchange("d", "missing"),
            exchange("d", "d/1"),
            new Change.Exchange(path("d"), NodePath.ROOT));

    for (Body misfit : misfits) {
      assertThatThrownBy(() -> tree.apply(misfit))
          .as("%s", misfit)
          .isInstanceOf(TreeException.class);
    }

    assertThat(paths(tree)).containsExactly(".", "d", "d/1", "f");
  }

  @Test
  void aFirstPutOfAnEntryWithoutARootIsRefused() {
    Tree tree = Tree.on(TreeBase.EMPTY);

    assertThatThrownBy(() -> tree.apply(put("a", TestNodes.file(1))))
        .isInstanceOf(TreeException.class)
        .hasMessageContaining("put of a")
        .hasMessageContaining("there is no directory .");
  }

  @Test
  void aWalkSortsADirectorysEntriesBeforeItsNextSibling() throws IOException {
    Tree tree = Tree.on(base("", "a!", "a/", "a/z"));

    tree.apply(put("a b", TestNodes.directory(1)));
    tree.apply(put("a b/c", TestNodes.file(1)));
    tree.apply(put("a/a", TestNodes.file(1)));

    List<NodePath> walked = walk(tree.subtree(NodePath.ROOT));
    assertThat(walked).isSorted();
    assertThat(walked.stream().map(NodePath::toString))
        .containsExactly(".", "a", "a/a", "a/z", "a b", "a b/c", "a!");
  }

  @Test
  void anEntryStreamIsVoidOnceTheTreeHasChanged() throws IOException {
    Tree tree = Tree.on(base("", "a"));
    try (EntryStream stream = tree.subtree(NodePath.ROOT)) {
      tree.apply(new Change.Remove(path("a")));

      assertThatThrownBy(stream::next).isInstanceOf(IllegalStateException.class);
    }
  }

  @Test
  void aReadErrorOfTheBaseLeavesTheTreeToTryAgain() throws IOException {
    var base = new FailingBase(base("", "a/", "a/b/", "a/b/c", "d/"));
    Tree tree = Tree.on(base);
    tree.apply(FULL_STARTED);
    tree.apply(new Change.Put(NodePath.ROOT, TestNodes.directory(1)));
    tree.apply(put("a/b/new", TestNodes.file(2)));

    for (Body body : List.of(move("d", "a/b/d"), FULL_COMPLETED)) {
      base.failing = true;
      assertThatThrownBy(() -> tree.apply(body)).hasMessage("cable out");
      base.failing = false;
      tree.apply(body);
    }

    assertThat(paths(tree)).containsExactly(".", "a", "a/b", "a/b/d", "a/b/new");
  }

  @Test
  void whatAFullScanDidNotPutGoesInOneStepAtItsEnd() throws IOException {
    Tree tree = Tree.on(base("", "a/", "a/1", "a/2", "b/", "b/3"));

    tree.apply(FULL_STARTED);
    tree.apply(new Change.Put(NodePath.ROOT, TestNodes.directory(1)));
    tree.apply(put("a", TestNodes.directory(1)));
    tree.apply(put("a/2", TestNodes.file(22)));

    assertThat(paths(tree)).containsExactly(".", "a", "a/1", "a/2", "b", "b/3");
    tree.apply(FULL_COMPLETED);
    assertThat(paths(tree)).containsExactly(".", "a", "a/2");
    assertThat(tree.find(path("a/2"))).contains(TestNodes.file(22));
    assertThat(tree.touchedEntries()).isEqualTo(3);
  }

  @Test
  void aFullScanOverALargeBaseReadsNothingOfWhatItDrops() throws IOException {
    InMemoryBase base = baseOfDirectory("d", 100_000);
    Tree tree = Tree.on(base);

    tree.apply(FULL_STARTED);
    tree.apply(new Change.Put(NodePath.ROOT, TestNodes.directory(1)));
    tree.apply(put("d", TestNodes.directory(1)));
    tree.apply(FULL_COMPLETED);

    assertThat(paths(tree)).containsExactly(".", "d");
    assertThat(base.reads()).isLessThan(5);
  }

  @Test
  void whatCouldNotBeListedStaysThroughAFullScan() throws IOException {
    InMemoryBase base = base("", "a/", "a/secret/", "a/secret/1", "a/secret/2", "b");
    Tree tree = Tree.on(base);

    tree.apply(FULL_STARTED);
    tree.apply(new Change.Put(NodePath.ROOT, TestNodes.directory(1)));
    tree.apply(put("a", TestNodes.directory(1)));
    tree.apply(new Change.Keep(path("a/secret")));
    tree.apply(new Change.Remove(path("a/secret/2")));
    tree.apply(new Change.Keep(path("never/was")));
    tree.apply(FULL_COMPLETED);

    assertThat(paths(tree)).containsExactly(".", "a", "a/secret", "a/secret/1");
    assertThat(paths(tree.children(path("a")))).containsExactly("a/secret");
    assertThat(paths(tree.children(path("a/secret")))).containsExactly("a/secret/1");
  }

  @Test
  void aFullScanThatCrashedTakesNothingAwayWhenTheNextEpochCompletesADifference()
      throws IOException {
    Tree tree = Tree.on(base("", "a", "m", "old"));

    tree.apply(FULL_STARTED);
    tree.apply(new Change.Put(NodePath.ROOT, TestNodes.directory(1)));
    tree.apply(put("a", TestNodes.file(1)));
    tree.apply(put("m", TestNodes.file(1)));
    tree.apply(NEW_EPOCH);
    tree.apply(DIFFERENCE_STARTED);
    tree.apply(put("n", TestNodes.file(2)));
    tree.apply(put("z", TestNodes.file(2)));
    tree.apply(DIFFERENCE_COMPLETED);

    assertThat(paths(tree)).containsExactly(".", "a", "m", "n", "old", "z");
  }

  @Test
  void aFullScanBegunAfreshCountsOnlyItsOwnPuts() throws IOException {
    Tree tree = Tree.on(base("", "a", "m"));

    tree.apply(FULL_STARTED);
    tree.apply(put("a", TestNodes.file(1)));
    tree.apply(NEW_EPOCH);
    tree.apply(FULL_STARTED);
    tree.apply(new Change.Put(NodePath.ROOT, TestNodes.directory(1)));
    tree.apply(put("m", TestNodes.file(2)));
    tree.apply(FULL_COMPLETED);

    assertThat(paths(tree)).containsExactly(".", "m");
  }

  @Test
  void aCompletionWithoutItsStartTakesNothingAway() throws IOException {
    Tree tree = Tree.on(base("", "a"));

    tree.apply(FULL_COMPLETED);
    tree.apply(FULL_STARTED);
    tree.apply(NEW_EPOCH);
    tree.apply(FULL_COMPLETED);

    assertThat(paths(tree)).containsExactly(".", "a");
  }

  @Test
  void whatMovedDuringAFullScanStaysWithAllBelowAndWhatIsAboveIt() throws IOException {
    Tree tree = Tree.on(base("", "d/", "d/1", "e/", "e/f/", "g"));

    tree.apply(FULL_STARTED);
    tree.apply(new Change.Put(NodePath.ROOT, TestNodes.directory(1)));
    tree.apply(move("d", "e/f/d"));
    tree.apply(FULL_COMPLETED);

    assertThat(paths(tree)).containsExactly(".", "e", "e/f", "e/f/d", "e/f/d/1");
  }

  @Test
  void aTreeOfVeryDeepDirectoriesIsHandled() throws IOException {
    Tree tree = Tree.on(TreeBase.EMPTY);
    NodePath path = NodePath.ROOT;
    tree.apply(FULL_STARTED);
    for (int depth = 0; depth < 2000; depth++) {
      tree.apply(new Change.Put(path, TestNodes.directory(depth)));
      path = path.child(new byte[] {'d'});
    }
    tree.apply(FULL_COMPLETED);
    tree.apply(move("d", "e"));

    assertThat(paths(tree)).hasSize(2000);
    tree.apply(new Change.Remove(path("e")));
    assertThat(tree.touchedEntries()).isEqualTo(1);
  }

  private static NodePath path(String text) {
    return NodePath.ofText(text);
  }

  private static Body put(String path, Node node) {
    return new Change.Put(path(path), node);
  }

  private static Body move(String from, String to) {
    return new Change.Move(path(from), path(to));
  }

  private static Body exchange(String first, String second) {
    return new Change.Exchange(path(first), path(second));
  }

  /** Paths that end in '/' are directories, as is the root. */
  private static InMemoryBase base(String... paths) {
    Map<NodePath, Node> entries = new HashMap<>();
    for (String text : paths) {
      boolean isDirectory = text.isEmpty() || text.endsWith("/");
      String name = text.endsWith("/") ? text.substring(0, text.length() - 1) : text;
      entries.put(path(name), isDirectory ? TestNodes.directory(0) : TestNodes.file(0));
    }
    return new InMemoryBase(entries);
  }

  private static InMemoryBase baseOfDirectory(String name, int files) {
    Map<NodePath, Node> entries = new HashMap<>();
    entries.put(NodePath.ROOT, TestNodes.directory(0));
    entries.put(path(name), TestNodes.directory(0));
    for (int i = 0; i < files; i++) {
      entries.put(path(name + "/f" + i), TestNodes.file(i));
    }
    return new InMemoryBase(entries);
  }

  private static List<String> paths(Tree tree) throws IOException {
    return paths(tree.subtree(NodePath.ROOT));
  }

  private static List<String> paths(EntryStream stream) throws IOException {
    return walk(stream).stream().map(NodePath::toString).toList();
  }

  private static List<NodePath> walk(EntryStream stream) throws IOException {
    try (stream) {
      List<NodePath> paths = new ArrayList<>();
      for (var entry = stream.next(); entry.isPresent(); entry = stream.next()) {
        paths.add(entry.get().path());
      }
      return paths;
    }
  }

  /** A base that cannot be read now and then. */
  private static final class FailingBase implements TreeBase {
    private final TreeBase base;
    private boolean failing;

    FailingBase(TreeBase base) {
      this.base = base;
    }

    private void check() throws IOException {
      if (failing) {
        throw new IOException("cable out");
      }
    }

    @Override
    public Optional<Node> find(NodePath path) throws IOException {
      check();
      return base.find(path);
    }

    @Override
    public EntryStream subtree(NodePath path) throws IOException {
      check();
      return base.subtree(path);
    }

    @Override
    public EntryStream children(NodePath directory) throws IOException {
      check();
      return base.children(directory);
    }
  }
}
