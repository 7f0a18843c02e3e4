package dev.tidemark.repository.history;

import static dev.tidemark.repository.TestData.DESCRIPTOR;
import static dev.tidemark.repository.TestData.WEB;
import static dev.tidemark.repository.TestData.directory;
import static dev.tidemark.repository.TestData.file;
import static dev.tidemark.repository.TestData.put;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.repository.Repository;
import dev.tidemark.repository.TestData.Script;
import dev.tidemark.repository.blob.InMemoryBlobStore;
import dev.tidemark.repository.history.History.Pace;
import dev.tidemark.schemas.change.Change;
import dev.tidemark.schemas.change.Node;
import dev.tidemark.schemas.change.NodePath;
import dev.tidemark.schemas.change.SealedChange;
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
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class HistoryTest {
  private final InMemoryBlobStore store = new InMemoryBlobStore();
  private Repository repository;
  private History history;

  @BeforeEach
  void createRepository() throws IOException {
    repository = Repository.create(store, DESCRIPTOR);
    history = repository.history(WEB);
  }

  private void seal(Script script) throws IOException {
    repository.log(WEB).append(script.take(), script.cursor());
  }

  private static List<TreeEntry> entries(TreeBase tree) throws IOException {
    List<TreeEntry> entries = new ArrayList<>();
    try (EntryStream stream = tree.subtree(NodePath.ROOT)) {
      for (Optional<TreeEntry> next = stream.next(); next.isPresent(); next = stream.next()) {
        entries.add(next.get());
      }
    }
    return entries;
  }

  private static List<String> paths(TreeBase tree) throws IOException {
    return entries(tree).stream().map(entry -> entry.path().toString()).toList();
  }

  /**
   * The law: with snapshots taken anywhere, every sequence gives the tree that replaying from the
   * first change gives.
   */
  @Test
  void everyInstantIsTheSameWithAndWithoutSnapshots() throws IOException {
    long seed = Long.getLong("tidemark.seed", System.nanoTime());
    System.out.println("tidemark.seed=" + seed);
    Random random = new Random(seed);
    Script script = Script.start().append(put("", directory()), 1_001);
    Tree model = Tree.on(TreeBase.EMPTY);
    model.apply(put("", directory()));
    Map<Long, List<TreeEntry>> expected = new TreeMap<>();
    Map<Long, Long> lastSequenceOf = new TreeMap<>();
    long time = 1_002;
    for (int round = 0; round < 25; round++) {
      for (int i = random.nextInt(20); i >= 0; i--) {
        Change.Body body = randomBody(random, script);
        try {
          model.apply(body);
        } catch (TreeException refused) {
          continue;
        }
        time += random.nextInt(3);
        script.append(body, time);
        expected.put(script.cursor().sequence(), entries(model));
        lastSequenceOf.put(time, script.cursor().sequence());
      }
      List<SealedChange> changes = script.take();
      if (changes.isEmpty()) {
        continue;
      }
      repository.log(WEB).append(changes, script.cursor());
      if (random.nextInt(3) == 0) {
        history.snapshotNow();
      }
    }

    assertEventsOfPaths(random, expected);
    for (Map.Entry<Long, List<TreeEntry>> instant : expected.entrySet()) {
      TreeAt at = history.at(new At.Sequence(instant.getKey()));
      assertThat(entries(at.tree()))
          .as("sequence %d", instant.getKey())
          .isEqualTo(instant.getValue());
      assertThat(at.sequence()).isEqualTo(instant.getKey());
    }
    for (Map.Entry<Long, Long> instant : lastSequenceOf.entrySet()) {
      TreeAt at = history.at(new At.Time(instant.getKey()));
      assertThat(at.sequence()).isEqualTo(instant.getValue());
      assertThat(at.logTimeMillis()).isEqualTo(instant.getKey());
    }
  }

  /** What is told of a path is what a look at every instant would show. */
  private void assertEventsOfPaths(Random random, Map<Long, List<TreeEntry>> expected)
      throws IOException {
    for (int i = 0; i < 10; i++) {
      NodePath path = NodePath.ofText(randomPath(random));
      List<String> seen = new ArrayList<>();
      Optional<Node> before = Optional.empty();
      for (Map.Entry<Long, List<TreeEntry>> instant : expected.entrySet()) {
        Optional<Node> now =
            instant.getValue().stream()
                .filter(entry -> entry.path().equals(path))
                .map(TreeEntry::node)
                .findFirst();
        if (!now.equals(before)) {
          seen.add(instant.getKey() + " " + now);
        }
        before = now;
      }
      List<String> told = new ArrayList<>();
      for (PathEvent event : history.open().follow(path, Integer.MAX_VALUE).events()) {
        told.add(
            switch (event) {
              case PathEvent.Appeared(long sequence, long _, var _, Node node) ->
                  sequence + " " + Optional.of(node);
              case PathEvent.Changed(long sequence, long _, var _, Node node, var _) ->
                  sequence + " " + Optional.of(node);
              case PathEvent.Gone(long sequence, long _, var _) ->
                  sequence + " " + Optional.empty();
            });
      }
      assertThat(told).as("path %s", path).isEqualTo(seen);
    }
  }

  private static Change.Body randomBody(Random random, Script script) {
    String a = randomPath(random);
    String b = randomPath(random);
    return switch (random.nextInt(12)) {
      case 0, 1, 2 -> put(a, directory());
      case 3, 4, 5, 6 -> put(a, file(a + random.nextInt(100)));
      case 7 -> new Change.Remove(NodePath.ofText(a));
      case 8 -> new Change.Move(NodePath.ofText(a), NodePath.ofText(b));
      case 9 -> new Change.Exchange(NodePath.ofText(a), NodePath.ofText(b));
      case 10 -> new Change.ScanStarted(randomKind(random));
      default ->
          script.cursor().openScan() == dev.tidemark.schemas.cursor.Cursor.OpenScan.FULL
              ? new Change.ScanCompleted(Change.ScanKind.FULL)
              : new Change.ScanCompleted(randomKind(random));
    };
  }

  private static Change.ScanKind randomKind(Random random) {
    return Change.ScanKind.values()[random.nextInt(2)];
  }

  private static String randomPath(Random random) {
    StringBuilder path = new StringBuilder();
    for (int depth = random.nextInt(3); depth >= 0; depth--) {
      path.append(path.isEmpty() ? "" : "/").append((char) ('a' + random.nextInt(4)));
    }
    return path.toString();
  }

  @Test
  void anInstantIsTheLongestPrefixNotLater() throws IOException {
    Script script = Script.start().append(put("", directory()), 2_000);
    script.append(put("a", file("1")), 3_000).append(put("b", file("2")), 3_000);
    script.append(put("c", file("3")), 4_000);
    seal(script);

    assertThat(paths(history.at(new At.Time(2_999)).tree())).containsExactly(".");
    assertThat(paths(history.at(new At.Time(3_000)).tree())).containsExactly(".", "a", "b");
    TreeAt late = history.at(new At.Time(9_000));
    assertThat(paths(late.tree())).containsExactly(".", "a", "b", "c");
    assertThat(late.completeToMillis()).isEqualTo(4_000);
    assertThat(late.isNewest()).isTrue();
    TreeAt earlier = history.at(new At.Time(3_500));
    assertThat(earlier.completeToMillis()).isEqualTo(3_500);
    assertThat(earlier.logTimeMillis()).isEqualTo(3_000);
    assertThat(earlier.isNewest()).isFalse();
    assertThat(earlier.cursor()).isEqualTo(script.cursor());
    assertThat(history.at(new At.Newest()).sequence()).isEqualTo(5);
  }

  @Test
  void anInstantBeforeTheFirstIsRefusedWithTheFirst() throws IOException {
    assertThatThrownBy(() -> history.at(new At.Newest()))
        .isInstanceOf(NoSuchInstantException.class)
        .hasMessageContaining("nothing of it is sealed");
    seal(Script.start());

    assertThatThrownBy(() -> history.at(new At.Time(999)))
        .isInstanceOf(NoSuchInstantException.class)
        .hasMessageContaining("1970-01-01T00:00:01Z");
    assertThatThrownBy(() -> history.at(new At.Sequence(2)))
        .isInstanceOf(NoSuchInstantException.class);
    assertThatThrownBy(() -> history.at(new At.Sequence(0)))
        .isInstanceOf(NoSuchInstantException.class);
  }

  /**
   * A reader that began between the marks would not know the puts before, and drop them at the
   * second mark.
   */
  @Test
  void betweenTheMarksOfAFullScanNoSnapshotIsMadeAndTheInstantsThereAreRight() throws IOException {
    Script script =
        Script.start().append(put("", directory()), 2_000).append(put("old", file("0")), 2_001);
    script.append(new Change.ScanStarted(Change.ScanKind.FULL), 2_002);
    script.append(put("", directory()), 2_003).append(put("a", file("1")), 2_004);
    seal(script);

    assertThat(history.snapshotNow()).isEmpty();
    assertThat(paths(history.at(new At.Newest()).tree())).containsExactly(".", "a", "old");

    script.append(put("b", file("2")), 2_005);
    script.append(new Change.ScanCompleted(Change.ScanKind.FULL), 2_006);
    seal(script);

    assertThat(history.snapshotNow()).isPresent();
    assertThat(paths(history.at(new At.Newest()).tree())).containsExactly(".", "a", "b");
    assertThat(paths(history.at(new At.Time(2_005)).tree())).containsExactly(".", "a", "b", "old");
  }

  @Test
  void aSnapshotIsDueOnceTheLogOutweighsTheLastOne() throws IOException {
    Script script = Script.start().append(put("", directory()), 2_000);
    seal(script);
    assertThat(history.snapshotIfDue(Pace.BUSY)).isEmpty();

    for (int i = 0; i < 2_000; i++) {
      script.append(put("f" + i, file("text " + i)), 2_001);
    }
    seal(script);
    assertThat(history.snapshotIfDue(Pace.BUSY)).isPresent();
    assertThat(history.snapshotIfDue(Pace.BUSY)).isEmpty();
    assertThat(history.snapshotNow().orElseThrow().sequence()).isEqualTo(2_002);

    script.append(put("g", file("x")), 3_000);
    seal(script);
    assertThat(history.snapshotIfDue(Pace.BUSY)).isEmpty();
  }

  @Test
  void forATreeAtRestASnapshotIsDueAfterAnEighthOfTheLastOne() throws IOException {
    Script script = Script.start().append(put("", directory()), 2_000);
    for (int i = 0; i < 20_000; i++) {
      script.append(put("f" + i, file("text " + i)), 2_001);
    }
    seal(script);
    history.snapshotNow();

    for (int i = 0; i < 1_999; i++) {
      script.append(put("f" + i, file("other " + i)), 2_002);
    }
    seal(script);
    assertThat(history.snapshotIfDue(Pace.AT_REST)).isEmpty();

    for (int i = 2_000; i < 6_000; i++) {
      script.append(put("f" + i, file("other " + i)), 2_003);
    }
    seal(script);
    assertThat(history.snapshotIfDue(Pace.BUSY)).isEmpty();
    assertThat(history.snapshotIfDue(Pace.AT_REST)).isPresent();
    assertThat(history.snapshotIfDue(Pace.AT_REST)).isEmpty();
  }

  @Test
  void aNewIncarnationGoesOnWhereTheTreeStood() throws IOException {
    Script script =
        Script.start().append(put("", directory()), 2_000).append(put("a", file("1")), 2_001);
    seal(script);
    script.newTopic(new UUID(7, 7), 5_000).append(put("b", file("2")), 5_001);
    seal(script);

    TreeAt newest = history.at(new At.Newest());
    assertThat(newest.sequence()).isEqualTo(1_000_000_000_002L);
    assertThat(paths(newest.tree())).containsExactly(".", "a", "b");
    assertThatThrownBy(() -> history.at(new At.Sequence(17)))
        .isInstanceOf(NoSuchInstantException.class)
        .hasMessageContaining("no sealed change 17");
    history.snapshotNow();
    assertThat(paths(history.at(new At.Sequence(3)).tree())).containsExactly(".", "a");
    assertThat(paths(history.at(new At.Sequence(1_000_000_000_001L)).tree()))
        .containsExactly(".", "a");
  }
}
