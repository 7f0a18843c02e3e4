package dev.tidemark.repository.snapshot;

import static dev.tidemark.repository.TestData.DESCRIPTOR;
import static dev.tidemark.repository.TestData.WEB;
import static dev.tidemark.repository.TestData.directory;
import static dev.tidemark.repository.TestData.file;
import static dev.tidemark.repository.TestData.put;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.repository.Repository;
import dev.tidemark.repository.TestData.Script;
import dev.tidemark.repository.blob.CountingBlobStore;
import dev.tidemark.repository.blob.InMemoryBlobStore;
import dev.tidemark.repository.history.At;
import dev.tidemark.schemas.change.Change;
import dev.tidemark.schemas.change.Node;
import dev.tidemark.schemas.change.NodePath;
import dev.tidemark.schemas.tree.EntryStream;
import dev.tidemark.schemas.tree.Tree;
import dev.tidemark.schemas.tree.TreeBase;
import dev.tidemark.schemas.tree.TreeEntry;
import dev.tidemark.schemas.tree.TreeException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Many manifests, of which few differ. */
final class UnsharedEntriesTest {
  private static final int DIRECTORIES = 40;
  private static final int FILES = 300;

  private final CountingBlobStore store = new CountingBlobStore(new InMemoryBlobStore());

  @Test
  void whatDiffersComesAndWhatIsSharedIsNotRead() throws IOException {
    long seed = Long.getLong("tidemark.seed", System.nanoTime());
    System.out.println("tidemark.seed=" + seed);
    Random random = new Random(seed);
    Repository repository = Repository.create(store, DESCRIPTOR);
    Script script = Script.start().append(put("", directory()), 2_000);
    Tree model = Tree.on(TreeBase.EMPTY);
    model.apply(put("", directory()));
    for (int d = 0; d < DIRECTORIES; d++) {
      append(script, model, put("d" + d, directory()));
      for (int f = 0; f < FILES; f++) {
        append(script, model, put("d" + d + "/f" + f, file("text " + d + "," + f)));
      }
    }
    List<Long> instants = new ArrayList<>();
    List<Long> snapshots = new ArrayList<>();
    for (int round = 0; round < 3; round++) {
      // Fits whatever the others do to the tree, so that there is something to seal.
      append(script, model, put("", directory()));
      for (int i = 0; i < 3; i++) {
        append(script, model, randomChange(random));
      }
      instants.add(script.cursor().sequence());
      repository.log(WEB).append(script.take(), script.cursor());
      if (round % 2 == 0) {
        repository.history(WEB).snapshotNow();
        snapshots.add(script.cursor().sequence());
      }
    }

    for (long first : instants) {
      for (long second : instants) {
        compare(repository, first, second);
      }
    }
    for (long snapshot : snapshots) {
      ofOneSnapshotTwiceOnlyTheRootIsRead(repository, snapshot);
    }
  }

  private void ofOneSnapshotTwiceOnlyTheRootIsRead(Repository repository, long snapshot)
      throws IOException {
    Tree before = repository.history(WEB).at(new At.Sequence(snapshot)).tree();
    Tree after = repository.history(WEB).at(new At.Sequence(snapshot)).tree();
    store.take();
    try (UnsharedEntries entries = UnsharedEntries.open(before, after)) {
      assertThat(all(entries.before()))
          .isEqualTo(all(entries.after()))
          .hasSizeLessThan(DIRECTORIES * FILES / 2);
    }
    // Every tree looks at its root itself, so that its manifest is read by both.
    assertThat(store.take().reads()).isEqualTo(2);
  }

  private static void append(Script script, Tree model, Change.Body body) throws IOException {
    try {
      model.apply(body);
    } catch (TreeException doesNotFit) {
      return;
    }
    script.append(body, 2_001);
  }

  private static Change.Body randomChange(Random random) {
    String directory = "d" + random.nextInt(DIRECTORIES);
    String path = directory + "/f" + random.nextInt(FILES);
    return switch (random.nextInt(6)) {
      case 0 -> put(path, file("changed " + random.nextInt()));
      case 1 -> put(path + "-new", file("new"));
      case 2 -> new Change.Remove(NodePath.ofText(path));
      case 3 -> new Change.Remove(NodePath.ofText(directory));
      case 4 -> move(directory, "d" + random.nextInt(DIRECTORIES) + "/moved");
      default -> move(path, "d" + random.nextInt(DIRECTORIES) + "/g");
    };
  }

  private static Change.Move move(String from, String to) {
    return new Change.Move(NodePath.ofText(from), NodePath.ofText(to));
  }

  private void compare(Repository repository, long first, long second) throws IOException {
    Tree before = repository.history(WEB).at(new At.Sequence(first)).tree();
    Tree after = repository.history(WEB).at(new At.Sequence(second)).tree();
    Map<NodePath, Node> was = all(before.subtree(NodePath.ROOT));
    Map<NodePath, Node> is = all(after.subtree(NodePath.ROOT));

    Map<NodePath, Node> streamedBefore;
    Map<NodePath, Node> streamedAfter;
    try (UnsharedEntries entries = UnsharedEntries.open(before, after)) {
      streamedBefore = all(entries.before());
      streamedAfter = all(entries.after());
    }

    assertThat(onlyIn(streamedBefore, streamedAfter))
        .as("only at %d, not at %d", first, second)
        .isEqualTo(onlyIn(was, is));
    assertThat(onlyIn(streamedAfter, streamedBefore))
        .as("only at %d, not at %d", second, first)
        .isEqualTo(onlyIn(is, was));
  }

  private static Map<NodePath, Node> onlyIn(Map<NodePath, Node> one, Map<NodePath, Node> other) {
    Map<NodePath, Node> only = new TreeMap<>();
    one.forEach(
        (path, node) -> {
          if (!node.equals(other.get(path))) {
            only.put(path, node);
          }
        });
    return only;
  }

  private static Map<NodePath, Node> all(EntryStream stream) throws IOException {
    Map<NodePath, Node> all = new TreeMap<>();
    try (stream) {
      NodePath last = null;
      for (Optional<TreeEntry> next = stream.next(); next.isPresent(); next = stream.next()) {
        assertThat(last == null || last.compareTo(next.get().path()) < 0).isTrue();
        last = next.get().path();
        all.put(next.get().path(), next.get().node());
      }
    }
    return all;
  }
}
