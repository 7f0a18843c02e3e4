package dev.tidemark.repository.snapshot;

import static dev.tidemark.repository.TestData.WEB;
import static dev.tidemark.repository.TestData.directory;
import static dev.tidemark.repository.TestData.file;
import static dev.tidemark.repository.TestData.put;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.repository.TestData.Script;
import dev.tidemark.repository.blob.BlobName;
import dev.tidemark.repository.blob.FaultyBlobStore;
import dev.tidemark.repository.blob.FaultyBlobStore.PutFault;
import dev.tidemark.repository.blob.InMemoryBlobStore;
import dev.tidemark.schemas.change.Change;
import dev.tidemark.schemas.change.Node;
import dev.tidemark.schemas.change.NodePath;
import dev.tidemark.schemas.cursor.Cursor;
import dev.tidemark.schemas.tree.EntryStream;
import dev.tidemark.schemas.tree.Tree;
import dev.tidemark.schemas.tree.TreeBase;
import dev.tidemark.schemas.tree.TreeEntry;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

final class SnapshotStoreTest {
  private final InMemoryBlobStore store = new InMemoryBlobStore();
  private final SnapshotStore snapshots = new SnapshotStore(store, WEB);
  private final Cursor cursor = Script.start().cursor();

  private static List<TreeEntry> readAll(EntryStream stream) throws IOException {
    List<TreeEntry> entries = new ArrayList<>();
    try (stream) {
      for (Optional<TreeEntry> next = stream.next(); next.isPresent(); next = stream.next()) {
        entries.add(next.get());
      }
      assertThat(stream.next()).isEmpty();
    }
    return entries;
  }

  /** A tree of many directories of different depth, some names of which sort close to '/'. */
  private static TreeMap<NodePath, Node> randomModel(Random random, int entries) {
    TreeMap<NodePath, Node> model = new TreeMap<>();
    List<String> directories = new ArrayList<>(List.of(""));
    model.put(NodePath.ROOT, directory());
    while (model.size() < entries) {
      String parent = directories.get(random.nextInt(directories.size()));
      String name =
          (parent.isEmpty() ? "" : parent + "/")
              + "a!-.0b".charAt(random.nextInt(6))
              + random.nextInt(2000);
      NodePath path = NodePath.ofText(name);
      if (!model.containsKey(path)) {
        boolean isDirectory = random.nextInt(12) == 0;
        model.put(path, isDirectory ? directory() : file(name));
        if (isDirectory) {
          directories.add(name);
        }
      }
    }
    return model;
  }

  private static Tree treeOf(TreeMap<NodePath, Node> model) throws IOException {
    Tree tree = Tree.on(TreeBase.EMPTY);
    for (Map.Entry<NodePath, Node> entry : model.entrySet()) {
      tree.apply(new Change.Put(entry.getKey(), entry.getValue()));
    }
    return tree;
  }

  @Test
  void anOpenedSnapshotAnswersAsTheTreeDid() throws IOException {
    long seed = Long.getLong("tidemark.seed", System.nanoTime());
    System.out.println("tidemark.seed=" + seed);
    Random random = new Random(seed);
    // More than one manifest may hold, wherever the paths' hashes cut.
    int entries = ManifestWriter.MAX_ENTRIES + 1_000;
    TreeMap<NodePath, Node> model = randomModel(random, entries);

    SnapshotInfo info = snapshots.write(treeOf(model), cursor);
    TreeBase opened =
        new SnapshotStore(store, WEB)
            .open(snapshots.newestAtOrBefore(Long.MAX_VALUE).orElseThrow());

    assertThat(info.manifests()).hasSizeGreaterThan(1);
    assertThat(info.entries()).isEqualTo(entries);
    assertThat(readAll(opened.subtree(NodePath.ROOT)))
        .extracting(TreeEntry::path)
        .containsExactlyElementsOf(model.keySet());
    for (Map.Entry<NodePath, Node> entry : model.entrySet()) {
      assertThat(opened.find(entry.getKey())).contains(entry.getValue());
      if (entry.getValue() instanceof Node.Directory) {
        NodePath directory = entry.getKey();
        assertThat(readAll(opened.subtree(directory)))
            .extracting(TreeEntry::path)
            .containsExactlyElementsOf(
                model.keySet().stream().filter(directory::contains).toList());
        assertThat(readAll(opened.children(directory)))
            .extracting(TreeEntry::path)
            .containsExactlyElementsOf(
                model.keySet().stream()
                    .filter(p -> !p.isRoot() && p.parent().equals(directory))
                    .toList());
      } else {
        assertThat(readAll(opened.children(entry.getKey()))).isEmpty();
      }
    }
    assertThat(opened.find(NodePath.ofText("zz/none"))).isEmpty();
    assertThat(readAll(opened.subtree(NodePath.ofText("!none")))).isEmpty();
    assertThat(readAll(opened.children(NodePath.ofText("!none")))).isEmpty();
  }

  @Test
  void anEmptyTreeHasASnapshotWithoutManifests() throws IOException {
    SnapshotInfo info = snapshots.write(Tree.on(TreeBase.EMPTY), cursor);

    assertThat(info.manifests()).isEmpty();
    assertThat(readAll(snapshots.open(info).subtree(NodePath.ROOT))).isEmpty();
    assertThat(snapshots.open(info).find(NodePath.ROOT)).isEmpty();
  }

  @Test
  void whatDidNotChangeIsSharedWithTheSnapshotBefore() throws IOException {
    TreeMap<NodePath, Node> model = randomModel(new Random(11), 5_000);
    SnapshotInfo first = snapshots.write(treeOf(model), cursor);
    model.put(NodePath.ofText("a-new-one"), file("new"));
    FaultyBlobStore counting = new FaultyBlobStore(store);

    SnapshotInfo second =
        new SnapshotStore(counting, WEB)
            .write(treeOf(model), Script.start().append(put("", directory()), 2_000).cursor());

    List<ManifestRef> fresh = new ArrayList<>(second.manifests());
    fresh.removeIf(
        ref -> first.manifests().stream().anyMatch(old -> old.hash().equals(ref.hash())));
    assertThat(fresh).hasSizeBetween(1, 2);
    assertThat(counting.puts()).isEqualTo(fresh.size() + 1);
  }

  @Test
  void listingADirectoryReadsNothingOfWhatIsBelowItsEntries() throws IOException {
    Tree tree = Tree.on(TreeBase.EMPTY);
    tree.apply(put("", directory()));
    for (int d = 0; d < 3; d++) {
      tree.apply(put("d" + d, directory()));
      for (int i = 0; i < 5_000; i++) {
        tree.apply(put("d" + d + "/" + i, file("text " + i)));
      }
    }
    SnapshotInfo info = snapshots.write(tree, cursor);
    FaultyBlobStore counting = new FaultyBlobStore(store);
    TreeBase opened = new SnapshotStore(counting, WEB).open(info);

    assertThat(readAll(opened.children(NodePath.ROOT))).hasSize(3);

    assertThat(info.manifests()).hasSizeGreaterThan(12);
    assertThat(counting.gets()).isLessThanOrEqualTo(4);
  }

  @Test
  void twoMakersOfOneSnapshotAgree() throws IOException {
    TreeMap<NodePath, Node> model = randomModel(new Random(5), 1_000);
    SnapshotInfo first = snapshots.write(treeOf(model), cursor);
    byte[] bytes = store.get(first.blobName());

    SnapshotInfo second = new SnapshotStore(store, WEB).write(treeOf(model), cursor);

    assertThat(second).isEqualTo(first);
    assertThat(SnapshotStore.encode(second)).isEqualTo(bytes);
  }

  @Test
  void twoMakersThatSawDifferentTreesAreAFault() throws IOException {
    snapshots.write(treeOf(randomModel(new Random(5), 100)), cursor);

    assertThatThrownBy(() -> snapshots.write(treeOf(randomModel(new Random(5), 101)), cursor))
        .isInstanceOf(SnapshotDisagreementException.class)
        .hasMessageContaining("100 entries")
        .hasMessageContaining("101 entries");
  }

  @Test
  void betweenTheMarksOfAFullScanNoSnapshotIsTaken() {
    Cursor within =
        Script.start().append(new Change.ScanStarted(Change.ScanKind.FULL), 2_000).cursor();

    assertThatThrownBy(() -> snapshots.write(Tree.on(TreeBase.EMPTY), within))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(store.length(SnapshotInfo.blobName(WEB, within.sequence()))).isEmpty();
  }

  @Test
  void snapshotsAreFoundBySequenceAndByTime() throws IOException {
    Script script = Script.start();
    for (int i = 1; i <= 20; i++) {
      script.append(put("", directory()), 1_000 + i * 10);
      snapshots.write(Tree.on(TreeBase.EMPTY), script.cursor());
    }

    assertThat(snapshots.newestAtOrBefore(1)).isEmpty();
    assertThat(snapshots.newestAtOrBefore(7).orElseThrow().sequence()).isEqualTo(7);
    assertThat(snapshots.newestAtOrBeforeTime(1_009)).isEmpty();
    assertThat(snapshots.newestAtOrBeforeTime(1_010).orElseThrow().sequence()).isEqualTo(2);
    assertThat(snapshots.newestAtOrBeforeTime(1_099).orElseThrow().sequence()).isEqualTo(10);
    assertThat(snapshots.newestAtOrBeforeTime(9_999).orElseThrow().sequence()).isEqualTo(21);
  }

  @Test
  void everyFlippedBitAndTruncationOfASnapshotShows() throws IOException {
    SnapshotInfo info = snapshots.write(treeOf(randomModel(new Random(5), 10)), cursor);
    requireDamageShows(info.blobName(), () -> snapshots.newestAtOrBefore(info.sequence()));
  }

  @Test
  void everyFlippedBitAndTruncationOfAManifestShows() throws IOException {
    SnapshotInfo info = snapshots.write(treeOf(randomModel(new Random(5), 10)), cursor);
    BlobName manifest = info.manifests().getFirst().blobName(WEB);
    requireDamageShows(manifest, () -> snapshots.open(info).find(NodePath.ROOT));
    store.delete(manifest);
    assertThatThrownBy(() -> snapshots.open(info).find(NodePath.ROOT))
        .isInstanceOf(CorruptSnapshotException.class)
        .hasMessageContaining("it is missing");
  }

  private void requireDamageShows(
      BlobName name, org.assertj.core.api.ThrowableAssert.ThrowingCallable read)
      throws IOException {
    byte[] whole = store.get(name);
    for (int i = 0; i < whole.length; i += 3) {
      byte[] damaged = whole.clone();
      damaged[i] ^= (byte) (1 << i % 8);
      store.replace(name, damaged);
      assertThatThrownBy(read)
          .as("byte %d", i)
          .isInstanceOf(CorruptSnapshotException.class)
          .hasMessageContaining(name.value())
          .hasMessageContaining("another copy");
      store.replace(name, Arrays.copyOf(whole, i));
      assertThatThrownBy(read).isInstanceOf(CorruptSnapshotException.class);
    }
    store.replace(name, whole);
  }

  /**
   * The maker dies before and after each of its puts; what a snapshot names is there, and the next
   * maker succeeds.
   */
  @Test
  void aSnapshotThatWentWrongAtAnyStepIsMadeAgain() throws IOException {
    TreeMap<NodePath, Node> model = randomModel(new Random(5), 2_000);
    int steps = snapshots.write(treeOf(model), cursor).manifests().size() + 1;
    for (PutFault fault : PutFault.values()) {
      for (int step = 0; step < steps; step++) {
        InMemoryBlobStore memory = new InMemoryBlobStore();
        FaultyBlobStore faulty = new FaultyBlobStore(memory);
        SnapshotStore maker = new SnapshotStore(faulty, WEB);
        faulty.failPut(step, fault);
        try {
          maker.write(treeOf(model), cursor);
        } catch (IOException planned) {
          requireReadable(memory);
          maker.write(treeOf(model), cursor);
        }
        assertThat(requireReadable(memory)).isEqualTo(2_000);
      }
    }
  }

  private static long requireReadable(InMemoryBlobStore memory) throws IOException {
    SnapshotStore reader = new SnapshotStore(memory, WEB);
    Optional<SnapshotInfo> newest = reader.newestAtOrBefore(Long.MAX_VALUE);
    return newest.isEmpty() ? 0 : readAll(reader.open(newest.get()).subtree(NodePath.ROOT)).size();
  }
}
