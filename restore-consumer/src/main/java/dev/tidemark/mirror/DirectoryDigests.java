package dev.tidemark.mirror;

import dev.tidemark.filesystem.entry.Batch;
import dev.tidemark.filesystem.entry.EntryStore;
import dev.tidemark.filesystem.entry.Listing;
import dev.tidemark.filesystem.entry.Table;
import dev.tidemark.mirror.LinkIndex.Key;
import dev.tidemark.schemas.change.Bytes;
import dev.tidemark.schemas.tree.EntryDigest;
import dev.tidemark.schemas.tree.TreeDigest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * The digest of what is applied, kept up with every commit: the sum of each directory's entries, by
 * directory id. What a commit changes is hashed, and then each directory above it once. Part of
 * {@link MirrorState}, whose thread and commits it shares.
 */
final class DirectoryDigests {
  /** Directory id to the sum of its entries; of 0, the digest of the tree. */
  static final Table TABLE = new Table("directory-digests");

  private static final long BATCH_BYTES = 1 << 20;

  private final EntryStore store;
  private final LinkIndex links;
  private TreeDigest digest;
  private TreeDigest pendingDigest;

  DirectoryDigests(EntryStore store, LinkIndex links) throws IOException {
    this.store = store;
    this.links = links;
    digest = sum(MirrorState.ROOT_PARENT);
    pendingDigest = digest;
  }

  /** Of the tree as it was last committed. */
  TreeDigest digest() {
    return digest;
  }

  private TreeDigest sum(long directory) throws IOException {
    return store.get(TABLE, encode(directory)).map(TreeDigest::of).orElse(TreeDigest.EMPTY);
  }

  /**
   * Adds to a commit what its changes make of the sums.
   *
   * @param before of each changed place, what is committed
   * @param after of the same places
   */
  void addPending(
      Batch batch, Map<Key, Optional<StateEntry>> before, Map<Key, Optional<StateEntry>> after)
      throws IOException {
    pendingDigest = digest;
    new Fold(before, after).addTo(batch);
  }

  void committed() {
    digest = pendingDigest;
  }

  /** Adds the removal of all sums. */
  void clear(Batch batch) throws IOException {
    batch.clear(TABLE);
    pendingDigest = TreeDigest.EMPTY;
  }

  /** Adds the removal of what is known of a directory that no path reaches any more. */
  static void collect(Batch batch, long directory) throws IOException {
    batch.remove(TABLE, encode(directory));
  }

  /** One commit: sums change from the deepest directory up. */
  private final class Fold {
    private final Map<Key, Optional<StateEntry>> before;
    private final Map<Key, Optional<StateEntry>> after;
    private final Map<Long, TreeDigest> changes = new HashMap<>();
    private final Map<Long, Integer> depths = new HashMap<>();

    Fold(Map<Key, Optional<StateEntry>> before, Map<Key, Optional<StateEntry>> after) {
      this.before = before;
      this.after = after;
    }

    void addTo(Batch batch) throws IOException {
      Set<Long> touched = new HashSet<>();
      for (Map.Entry<Key, Optional<StateEntry>> entry : after.entrySet()) {
        changeEntry(
            entry.getKey(),
            Objects.requireNonNull(before.get(entry.getKey())),
            entry.getValue(),
            touched);
      }
      for (long directory : touched) {
        findDepth(directory);
      }
      List<Map.Entry<Long, Integer>> upwards = new ArrayList<>(depths.entrySet());
      upwards.sort(Map.Entry.<Long, Integer>comparingByValue().reversed());
      for (Map.Entry<Long, Integer> directory : upwards) {
        fold(directory.getKey(), batch);
      }
    }

    private void changeEntry(
        Key place, Optional<StateEntry> was, Optional<StateEntry> is, Set<Long> touched)
        throws IOException {
      if (was.isPresent()
          && is.isPresent()
          && !is.get().isDirectory()
          && was.get().node().equals(is.get().node())) {
        return;
      }
      touched.add(place.directory());
      if (was.isPresent()) {
        change(place.directory(), TreeDigest.EMPTY.minus(committed(place, was.get())));
      }
      if (is.isPresent()) {
        if (is.get().isDirectory()) {
          touched.add(is.get().directoryId());
        } else {
          change(place.directory(), digest(place, is.get(), TreeDigest.EMPTY));
        }
      }
    }

    private void change(long directory, TreeDigest by) {
      changes.merge(directory, by, TreeDigest::plus);
    }

    private TreeDigest committed(Key place, StateEntry entry) throws IOException {
      return digest(
          place, entry, entry.isDirectory() ? sum(entry.directoryId()) : TreeDigest.EMPTY);
    }

    /** Notes how deep a directory and each one above it are. */
    private void findDepth(long directory) throws IOException {
      Deque<Long> below = new ArrayDeque<>();
      long at = directory;
      while (!depths.containsKey(at)) {
        Optional<Key> place = placeOf(at);
        if (place.isEmpty()) {
          // The top, or a directory that goes.
          depths.put(at, 0);
          break;
        }
        below.push(at);
        at = place.get().directory();
      }
      int depth = depths.get(at);
      for (long deeper : below) {
        depth++;
        depths.put(deeper, depth);
      }
    }

    private Optional<Key> placeOf(long directory) throws IOException {
      if (directory == MirrorState.ROOT_PARENT) {
        return Optional.empty();
      }
      return directory == MirrorState.ROOT_ID
          ? Optional.of(new Key(MirrorState.ROOT_PARENT, Bytes.of(MirrorState.ROOT_NAME)))
          : links.placeOf(directory);
    }

    private void fold(long directory, Batch batch) throws IOException {
      TreeDigest was = sum(directory);
      TreeDigest is = was.plus(changes.getOrDefault(directory, TreeDigest.EMPTY));
      if (directory == MirrorState.ROOT_PARENT) {
        pendingDigest = is;
        batch.put(TABLE, encode(directory), is.bytes());
        return;
      }
      Optional<Key> place = placeOf(directory);
      if (place.isEmpty()) {
        collect(batch, directory);
        return;
      }
      if (!is.equals(was)) {
        batch.put(TABLE, encode(directory), is.bytes());
      }
      Optional<StateEntry> pending = after.get(place.get());
      Optional<StateEntry> entry = pending == null ? stored(place.get()) : pending;
      if (entry.isEmpty() || entry.get().directoryId() != directory) {
        return;
      }
      if (pending == null) {
        TreeDigest old = digest(place.get(), entry.get(), was);
        change(place.get().directory(), TreeDigest.EMPTY.minus(old));
      }
      change(place.get().directory(), digest(place.get(), entry.get(), is));
    }
  }

  private static TreeDigest digest(Key place, StateEntry entry, TreeDigest below) {
    return EntryDigest.of(place.name().toArray(), entry.node(), below);
  }

  private Optional<StateEntry> stored(Key place) throws IOException {
    Optional<byte[]> bytes = store.find(place.directory(), place.name().toArray());
    return bytes.isEmpty() ? Optional.empty() : Optional.of(StateEntry.decode(bytes.get()));
  }

  /** A directory whose entries are being added up. */
  private static final class Level {
    final Key place;
    final StateEntry entry;
    final Listing listing;
    TreeDigest sum = TreeDigest.EMPTY;

    Level(Key place, StateEntry entry, Listing listing) {
      this.place = place;
      this.entry = entry;
      this.listing = listing;
    }
  }

  /** Makes it from the entries, for a state of before there were digests. Reads all of it once. */
  void rebuild() throws IOException {
    Key top = new Key(MirrorState.ROOT_PARENT, Bytes.of(MirrorState.ROOT_NAME));
    Optional<StateEntry> root = stored(top);
    Deque<Level> open = new ArrayDeque<>();
    TreeDigest all = TreeDigest.EMPTY;
    try (Batch batch = store.batch()) {
      clear(batch);
      if (root.isPresent()) {
        open.push(new Level(top, root.get(), store.list(MirrorState.ROOT_ID)));
      }
      while (!open.isEmpty()) {
        Level level = open.element();
        if (level.listing.next()) {
          look(level, open);
          continue;
        }
        level.listing.close();
        open.pop();
        TreeDigest whole = digest(level.place, level.entry, level.sum);
        batch.put(TABLE, encode(level.entry.directoryId()), level.sum.bytes());
        if (open.isEmpty()) {
          all = whole;
        } else {
          open.element().sum = open.element().sum.plus(whole);
        }
        if (batch.bytes() > BATCH_BYTES) {
          batch.commit();
        }
      }
      batch.put(TABLE, encode(MirrorState.ROOT_PARENT), all.bytes());
      batch.commit();
    } finally {
      open.forEach(level -> level.listing.close());
    }
    pendingDigest = all;
    digest = all;
  }

  private void look(Level level, Deque<Level> open) throws IOException {
    Key place = new Key(level.entry.directoryId(), Bytes.of(level.listing.name()));
    StateEntry entry = StateEntry.decode(level.listing.value());
    if (entry.isDirectory()) {
      open.push(new Level(place, entry, store.list(entry.directoryId())));
    } else {
      level.sum = level.sum.plus(digest(place, entry, TreeDigest.EMPTY));
    }
  }

  private static byte[] encode(long number) {
    return ByteBuffer.allocate(Long.BYTES).putLong(number).array();
  }
}
