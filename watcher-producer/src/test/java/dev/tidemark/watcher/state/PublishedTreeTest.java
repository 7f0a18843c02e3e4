package dev.tidemark.watcher.state;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.schemas.change.Metadata;
import dev.tidemark.schemas.change.Node;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the state store holds when the process ends while changes are not yet acknowledged. */
final class PublishedTreeTest {
  private static final long ROOT = 1;
  private static final EntryKey OLD = key(ROOT, "old");
  private static final EntryKey NEW = key(ROOT, "new");
  private static final long MOVED = 7;
  private static final EntryKey INSIDE = key(MOVED, "inside");

  @TempDir private Path folder;

  @BeforeEach
  void publishADirectory() throws IOException {
    try (StateStore store = StateStore.open(folder, "test");
        PublishedTree tree = new PublishedTree(store)) {
      tree.settle(tree.put(OLD, directory(MOVED, 70, 1)));
      tree.settle(tree.put(INSIDE, fifo(71)));
      tree.commit();
    }
  }

  @Test
  void aMovedDirectoryIsFoundThoughItsNextChangeIsNotAcknowledged() throws IOException {
    try (StateStore store = StateStore.open(folder, "test");
        PublishedTree tree = new PublishedTree(store)) {
      List<Step> move = tree.move(OLD, NEW);
      tree.put(NEW, directory(MOVED, 70, 2));
      settle(tree, move);
      tree.commit();
    }

    try (StateStore store = StateStore.open(folder, "test")) {
      assertThat(store.find(OLD)).isEmpty();
      assertThat(store.find(NEW).map(EntryRecord::directoryId)).contains(MOVED);
      assertThat(store.doubts()).isEqualTo(Map.of(NEW, Doubt.SUBTREE));
    }
  }

  @Test
  void aDirectoryIsNotInTwoPlacesThoughItsOldNameIsTakenAgain() throws IOException {
    try (StateStore store = StateStore.open(folder, "test");
        PublishedTree tree = new PublishedTree(store)) {
      List<Step> move = tree.move(OLD, NEW);
      tree.put(OLD, directory(8, 80, 3));
      settle(tree, move);
      tree.commit();
    }

    try (StateStore store = StateStore.open(folder, "test")) {
      assertThat(store.find(OLD)).isEmpty();
      assertThat(store.find(NEW).map(EntryRecord::directoryId)).contains(MOVED);
      assertThat(store.find(INSIDE)).isPresent();
      assertThat(store.doubts()).isEqualTo(Map.of(OLD, Doubt.SUBTREE));
    }
  }

  @Test
  void aNameOfAFileThatWasADirectoryForAMomentIsInTheIndexAgain() throws IOException {
    try (StateStore store = StateStore.open(folder, "test");
        PublishedTree tree = new PublishedTree(store)) {
      Step first = tree.put(NEW, fifo(90));
      tree.settle(first);
      Step directory = tree.put(NEW, directory(9, 91, 4));
      Step back = tree.put(NEW, fifo(90));
      tree.settle(directory);
      tree.settle(back);
      tree.commit();
    }

    try (StateStore store = StateStore.open(folder, "test");
        PublishedTree tree = new PublishedTree(store)) {
      assertThat(tree.namesOf(90, 10)).containsExactly(NEW);
    }
  }

  private static void settle(PublishedTree tree, List<Step> steps) throws IOException {
    for (Step step : steps) {
      tree.settle(step);
    }
  }

  private static EntryKey key(long directory, String name) {
    return new EntryKey(directory, new Name(name.getBytes(StandardCharsets.US_ASCII)));
  }

  private static EntryRecord directory(long id, long inode, int time) {
    return EntryRecord.ofDirectory(id, signature(inode, time), new Node.Directory(metadata(time)));
  }

  private static EntryRecord fifo(long inode) {
    return EntryRecord.of(signature(inode, 1), false, 1, List.of(), new Node.Fifo(metadata(1)));
  }

  private static Signature signature(long inode, int time) {
    return new Signature(0, time, 0, time, 0, inode);
  }

  private static Metadata metadata(int time) {
    return new Metadata(0755, 0, 0, "", "", new Metadata.FileTime(time, 0), List.of(), 0);
  }
}
