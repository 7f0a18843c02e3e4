package dev.tidemark.repository.history;

import static dev.tidemark.repository.TestData.DESCRIPTOR;
import static dev.tidemark.repository.TestData.WEB;
import static dev.tidemark.repository.TestData.directory;
import static dev.tidemark.repository.TestData.entry;
import static dev.tidemark.repository.TestData.file;
import static dev.tidemark.repository.TestData.put;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.repository.Repository;
import dev.tidemark.repository.SimulatedTree;
import dev.tidemark.repository.TestData.Script;
import dev.tidemark.repository.blob.BlobName;
import dev.tidemark.repository.blob.InMemoryBlobStore;
import dev.tidemark.repository.snapshot.CorruptSnapshotException;
import dev.tidemark.repository.treelog.CorruptSegmentException;
import dev.tidemark.repository.treelog.LogCompaction;
import dev.tidemark.schemas.change.NodePath;
import dev.tidemark.schemas.tree.EntryStream;
import dev.tidemark.schemas.tree.TreeBase;
import dev.tidemark.schemas.tree.TreeEntry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Readers pass over what is damaged where other blobs tell the same. */
final class DamagedHistoryTest {
  private final InMemoryBlobStore store = new InMemoryBlobStore();
  private final Repository repository;
  private final Script script = Script.start().append(put("", directory()), 1_001);

  DamagedHistoryTest() throws IOException {
    repository = Repository.create(store, DESCRIPTOR);
  }

  private void seal(String... names) throws IOException {
    for (String name : names) {
      script.append(put(name, file(name)), 2_000);
    }
    repository.log(WEB).append(script.take(), script.cursor());
  }

  private List<BlobName> names(String part) {
    List<BlobName> names = new ArrayList<>();
    store.list("trees/", status -> names.add(status.name()));
    names.removeIf(name -> !name.value().contains(part));
    names.sort(Comparator.comparing(BlobName::value));
    return names;
  }

  private void flip(BlobName name) throws IOException {
    byte[] bytes = store.get(name);
    bytes[bytes.length / 2] ^= 1;
    store.replace(name, bytes);
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

  private List<TreeEntry> newest() throws IOException {
    return entries(Repository.open(store).history(WEB).at(new At.Newest()).tree());
  }

  @Test
  void theSnapshotBeforeADamagedOneAndTheLogGiveTheSame() throws IOException {
    seal("a");
    repository.history(WEB).snapshotNow();
    seal("b");
    repository.history(WEB).snapshotNow();
    seal("c");
    List<TreeEntry> expected = newest();

    flip(names("/snapshots/").getLast());

    assertThat(newest()).isEqualTo(expected).hasSize(4);
  }

  /** It is found where a stream comes to it, which goes on behind what it has given. */
  @Test
  void whereAManifestIsDamagedAStreamGoesOn() throws IOException {
    seal();
    repository.history(WEB).snapshotNow();
    for (int i = 0; i < 6_000; i++) {
      script.append(put("f%05d".formatted(i), file("same")), 2_000);
    }
    seal();
    repository.history(WEB).snapshotNow();
    List<TreeEntry> expected = newest();
    List<BlobName> manifests = names("/manifests/");
    assertThat(manifests).hasSizeGreaterThan(4);

    for (BlobName manifest : manifests) {
      byte[] whole = store.get(manifest);
      flip(manifest);
      assertThat(newest()).isEqualTo(expected);
      TreeBase tree = Repository.open(store).history(WEB).at(new At.Newest()).tree();
      for (TreeEntry entry : List.of(expected.get(1), expected.get(3_000), expected.getLast())) {
        assertThat(tree.find(entry.path())).contains(entry.node());
      }
      store.replace(manifest, whole);
    }
  }

  @Test
  void aSnapshotThatTheLogDoesNotMakeUpForIsNamed() throws IOException {
    seal("a");
    repository.history(WEB).snapshotNow();
    seal("b");
    store.delete(names("/log/").getFirst());
    BlobName snapshot = names("/snapshots/").getFirst();
    flip(snapshot);

    assertThatThrownBy(this::newest)
        .isInstanceOf(CorruptSnapshotException.class)
        .hasMessageContaining(snapshot.value());
  }

  @Test
  void thePartsOfADamagedMergedSegmentAreReadWhileTheyAreThere() throws IOException {
    for (String name : List.of("a", "b", "c", "d")) {
      seal(name);
    }
    List<TreeEntry> expected = newest();
    Set<BlobName> parts = new TreeSet<>(Comparator.comparing(BlobName::value));
    parts.addAll(names(".avro"));
    new LogCompaction(store, repository.log(WEB), 2).run();
    List<BlobName> merged = names(".avro");
    merged.removeAll(parts);
    assertThat(merged).isNotEmpty();
    for (BlobName one : merged) {
      flip(one);
    }

    assertThat(newest()).isEqualTo(expected).hasSize(5);

    for (BlobName part : parts) {
      store.delete(part);
    }
    assertThatThrownBy(this::newest).isInstanceOf(CorruptSegmentException.class);
  }

  /** The law: whichever snapshots and merged segments are damaged, every instant is as it was. */
  @Test
  void everyInstantRestoresWithoutSnapshotsAndMergedSegments() throws IOException {
    long seed = Long.getLong("tidemark.seed", System.nanoTime());
    System.out.println("tidemark.seed=" + seed);
    Random random = new Random(seed);
    SimulatedTree tree = new SimulatedTree(WEB, random, 5, 1_000_000, this::store);
    for (int i = 0; i < 60; i++) {
      tree.change(1_000_001 + i);
      if (random.nextInt(3) == 0) {
        tree.seal(repository);
        if (random.nextInt(3) == 0) {
          repository.history(WEB).snapshotNow();
        }
      }
    }
    tree.seal(repository);
    Set<BlobName> parts = Set.copyOf(names("/log/"));
    new LogCompaction(store, repository.log(WEB), 3).run();

    for (BlobName name : names(".avro")) {
      if (!parts.contains(name) && random.nextBoolean()) {
        flip(name);
      }
    }

    Repository reader = Repository.open(store);
    for (SimulatedTree.Moment moment : tree.moments().values()) {
      SimulatedTree.assertRestores(reader, WEB, moment);
    }
  }

  private void store(String text) {
    try {
      repository.storePack(List.of(entry(text)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
