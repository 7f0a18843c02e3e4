package dev.tidemark.schemas.tree;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.schemas.Seeds;
import dev.tidemark.schemas.TestNodes;
import dev.tidemark.schemas.change.Change;
import dev.tidemark.schemas.change.Change.Body;
import dev.tidemark.schemas.change.Change.ScanKind;
import dev.tidemark.schemas.change.Node;
import dev.tidemark.schemas.change.NodePath;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import org.junit.jupiter.api.RepeatedTest;

/** Random changes, applied to a tree and to a plain map of all entries. */
final class TreeModelTest {
  /** Chosen so that names are prefixes of one another and sort on both sides of the separator. */
  private static final List<String> NAMES =
      List.of("a", "a!", "a b", "ab", "b", "\u0001", "~", "é");

  private final RandomGenerator random = Seeds.random("TreeModelTest");
  private final ModelTree model = new ModelTree();
  private final List<InMemoryBase> bases = new ArrayList<>();
  private Tree tree = Tree.on(TreeBase.EMPTY);

  @RepeatedTest(20)
  void aTreeIsWhatAPlainMapWouldBe() throws IOException {
    for (int i = 0; i < 1500; i++) {
      Body body = randomBody(i);
      if (model.apply(body)) {
        tree.apply(body);
      } else {
        assertThatThrownBy(() -> tree.apply(body)).isInstanceOf(TreeException.class);
      }
      if (i % 5 == 0) {
        checkParts();
      }
      if (i % 50 == 0) {
        assertThat(read(tree.subtree(NodePath.ROOT))).isEqualTo(listed(model.entries()));
        assertThat(tree.touchedEntries()).isEqualTo(tree.countSlots());
      }
      if (i % 200 == 199 && !tree.isFullScanOpen()) {
        changeBase();
      }
    }
    assertThat(bases).allSatisfy(base -> assertThat(base.openStreams()).isZero());
  }

  @RepeatedTest(20)
  void whereTheOverlayHasNothingTheTreeIsItsBase() throws IOException {
    model.apply(randomBody(0));
    for (int i = 1; i < 150; i++) {
      model.apply(new Change.Put(likelyNewPath(), randomNode(i)));
    }
    List<TreeEntry> below = listed(model.entries());
    tree = Tree.on(new InMemoryBase(model.entries()));
    for (int i = 0; i < 4; i++) {
      Body body = randomBody(1_000 + i);
      if (!(body instanceof Change.Remove(NodePath path) && path.isRoot()) && model.apply(body)) {
        tree.apply(body);
      }
    }
    List<TreeEntry> now = read(tree.subtree(NodePath.ROOT));
    int found = 0;
    for (int from = 0; from < below.size(); from++) {
      for (int to = from; to < Math.min(from + 20, below.size()); to++) {
        NodePath first = below.get(from).path();
        NodePath last = below.get(to).path();
        if (tree.hasOnlyBase(first, last)) {
          found++;
          assertThat(now)
              .filteredOn(e -> e.path().compareTo(first) >= 0 && e.path().compareTo(last) <= 0)
              .isEqualTo(below.subList(from, to + 1));
        }
      }
    }
    assertThat(found).as("ranges of %d entries", below.size()).isPositive();
  }

  /** What stands there now becomes the base of a new overlay. */
  private void changeBase() throws IOException {
    if (random.nextInt(3) == 0) {
      tree = Tree.on(tree);
    } else {
      Map<NodePath, Node> entries = new LinkedHashMap<>();
      read(tree.subtree(NodePath.ROOT)).forEach(e -> entries.put(e.path(), e.node()));
      var base = new InMemoryBase(entries);
      bases.add(base);
      tree = Tree.on(base);
    }
  }

  private void checkParts() throws IOException {
    NodePath path = randomPath();
    assertThat(tree.find(path).stream().toList())
        .isEqualTo(
            model.entries().containsKey(path) ? List.of(model.entries().get(path)) : List.of());
    List<TreeEntry> below =
        listed(model.entries()).stream().filter(e -> path.contains(e.path())).toList();
    assertThat(read(tree.subtree(path))).isEqualTo(below);
    assertThat(read(tree.children(path)))
        .isEqualTo(
            below.stream()
                .filter(e -> !e.path().isRoot() && e.path().parent().equals(path))
                .toList());
  }

  private static List<TreeEntry> listed(Map<NodePath, Node> entries) {
    return entries.entrySet().stream()
        .map(e -> new TreeEntry(e.getKey(), e.getValue()))
        .collect(Collectors.toList());
  }

  private static List<TreeEntry> read(EntryStream stream) throws IOException {
    try (stream) {
      List<TreeEntry> entries = new ArrayList<>();
      for (var entry = stream.next(); entry.isPresent(); entry = stream.next()) {
        entries.add(entry.get());
      }
      assertThat(stream.next()).isEmpty();
      return entries;
    }
  }

  private Body randomBody(int mark) {
    if (mark == 0) {
      return new Change.Put(NodePath.ROOT, TestNodes.directory(0));
    }
    int kind = random.nextInt(1000);
    if (kind < 480) {
      return new Change.Put(likelyNewPath(), randomNode(mark));
    } else if (kind < 600) {
      return new Change.Remove(likelyPath());
    } else if (kind < 780) {
      return new Change.Move(likelyPath(), likelyNewPath());
    } else if (kind < 880) {
      return new Change.Exchange(likelyPath(), likelyPath());
    } else if (kind < 940) {
      return new Change.Keep(likelyPath());
    } else if (kind < 960) {
      return new Change.ScanStarted(kind < 956 ? ScanKind.FULL : ScanKind.DIFFERENCE);
    } else if (kind < 980) {
      return new Change.ScanCompleted(kind < 976 ? ScanKind.FULL : ScanKind.DIFFERENCE);
    } else if (kind < 985) {
      return new Change.EpochStarted("host", 1, new Change.Previous.None(), 0);
    } else if (kind < 990) {
      return new Change.Tag(new UUID(0, mark), "tag");
    } else if (kind < 999) {
      return new Change.Heartbeat(mark);
    }
    return new Change.Remove(NodePath.ROOT);
  }

  private Node randomNode(int mark) {
    return switch (random.nextInt(8)) {
      case 0, 1, 2, 3, 4 -> TestNodes.directory(mark);
      case 5 -> TestNodes.symlink(mark);
      default -> TestNodes.file(mark);
    };
  }

  private NodePath likelyPath() {
    if (model.entries().isEmpty() || random.nextInt(8) == 0) {
      return randomPath();
    }
    List<NodePath> paths = List.copyOf(model.entries().keySet());
    return paths.get(random.nextInt(paths.size()));
  }

  private NodePath likelyNewPath() {
    NodePath path = likelyPath();
    return random.nextInt(5) == 0 || path.names().size() > 5 ? path : path.child(randomName());
  }

  private NodePath randomPath() {
    NodePath path = NodePath.ROOT;
    for (int depth = random.nextInt(5); depth > 0; depth--) {
      path = path.child(randomName());
    }
    return path;
  }

  private byte[] randomName() {
    return NAMES.get(random.nextInt(NAMES.size())).getBytes(StandardCharsets.UTF_8);
  }
}
