package dev.tidemark.mirror;

import dev.tidemark.apply.LinkIdentity;
import dev.tidemark.filesystem.entry.Batch;
import dev.tidemark.filesystem.entry.EntryStore;
import dev.tidemark.filesystem.entry.Listing;
import dev.tidemark.filesystem.entry.Table;
import dev.tidemark.filesystem.entry.TableScan;
import dev.tidemark.schemas.change.Bytes;
import dev.tidemark.schemas.change.NodePath;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Where the entries of a link group are, and in which place a directory is: so that a name can be
 * given to an inode that stands elsewhere in the target. Entries that are alone, which most are,
 * cost nothing here; a rename of a directory rewrites one place. Part of {@link MirrorState}, whose
 * thread and commits it shares; what it lists may be out of date, and is checked against the
 * entries.
 */
final class LinkIndex {
  /** Link group, directory id and name, to nothing. */
  private static final Table MEMBERS = new Table("link-members");

  /** Link group to the signature and the place that its newest entry was left with. */
  private static final Table NEWEST = new Table("link-newest");

  /** Directory id to its own place. */
  private static final Table DIRECTORIES = new Table("directory-places");

  static final List<Table> TABLES = List.of(MEMBERS, NEWEST, DIRECTORIES);

  private static final int MAX_DEPTH = 100_000;
  private static final int REBUILD_BATCH = 10_000;

  private final EntryStore store;
  private final Map<Long, Set<Key>> addedMembers = new HashMap<>();
  private final Map<Long, Set<Key>> removedMembers = new HashMap<>();
  private final Map<Long, Newest> newest = new HashMap<>();
  private final Map<Long, Optional<Key>> directories = new HashMap<>();

  /** A name in a directory, with equality. */
  record Key(long directory, Bytes name) {
    private byte[] encode(long before) {
      byte[] bytes = name.toArray();
      return ByteBuffer.allocate(2 * Long.BYTES + bytes.length)
          .putLong(before)
          .putLong(directory)
          .put(bytes)
          .array();
    }

    private byte[] encode() {
      byte[] bytes = name.toArray();
      return ByteBuffer.allocate(Long.BYTES + bytes.length).putLong(directory).put(bytes).array();
    }

    private static Key decode(ByteBuffer in) {
      long directory = in.getLong();
      byte[] name = new byte[in.remaining()];
      in.get(name);
      return new Key(directory, Bytes.of(name));
    }
  }

  /** The entry of a group that was put last: others of the same inode have its signature. */
  record Newest(Signature signature, Key place) {
    private byte[] encode() {
      byte[] encodedPlace = place.encode();
      return ByteBuffer.allocate(20 + encodedPlace.length)
          .putLong(signature.inode())
          .putLong(signature.ctimeSeconds())
          .putInt(signature.ctimeNanos())
          .put(encodedPlace)
          .array();
    }

    private static Newest decode(byte[] bytes) {
      ByteBuffer in = ByteBuffer.wrap(bytes);
      var signature = new Signature(in.getLong(), in.getLong(), in.getInt());
      return new Newest(signature, Key.decode(in));
    }
  }

  LinkIndex(EntryStore store) {
    this.store = store;
  }

  /** An entry of the state is about to become another one. */
  void change(Key place, Optional<StateEntry> before, Optional<StateEntry> after) {
    long left = before.map(LinkIndex::group).orElse(0L);
    long joined = after.map(LinkIndex::group).orElse(0L);
    if (left != 0 && left != joined) {
      pass(place, left, addedMembers, removedMembers);
    }
    if (joined != 0) {
      pass(place, joined, removedMembers, addedMembers);
      if (!after.orElseThrow().signature().equals(Signature.UNKNOWN)) {
        newest.put(joined, new Newest(after.orElseThrow().signature(), place));
      }
    }
    if (after.isPresent() && after.get().isDirectory()) {
      directories.put(after.get().directoryId(), Optional.of(place));
    }
  }

  private static void pass(
      Key place, long group, Map<Long, Set<Key>> from, Map<Long, Set<Key>> to) {
    Set<Key> there = from.get(group);
    if (there != null) {
      there.remove(place);
    }
    to.computeIfAbsent(group, _ -> new LinkedHashSet<>()).add(place);
  }

  private static long group(StateEntry entry) {
    return LinkIdentity.isShared(entry.node()) ? entry.node().metadata().linkGroup() : 0;
  }

  /** No path leads to a directory any more. */
  void drop(long directory) {
    directories.put(directory, Optional.empty());
  }

  /** An entry with the signature that its inode has by what was done under its other names. */
  StateEntry refreshed(StateEntry entry) throws IOException {
    if (!LinkIdentity.isShared(entry.node())) {
      return entry;
    }
    Optional<Newest> last = newest(entry.node().metadata().linkGroup());
    return last.isPresent() && last.get().signature().inode() == entry.signature().inode()
        ? entry.withSignature(last.get().signature())
        : entry;
  }

  Optional<Newest> newest(long group) throws IOException {
    Newest pending = newest.get(group);
    return pending != null
        ? Optional.of(pending)
        : store.get(NEWEST, encode(group)).map(Newest::decode);
  }

  /** Where entries of a group are, the newest first; some may have left it. */
  Set<Key> members(long group) throws IOException {
    Set<Key> members = new LinkedHashSet<>();
    newest(group).ifPresent(last -> members.add(last.place()));
    members.addAll(addedMembers.getOrDefault(group, Set.of()));
    try (TableScan scan = store.scan(MEMBERS, encode(group))) {
      while (scan.next()) {
        ByteBuffer key = ByteBuffer.wrap(scan.key());
        if (key.getLong() != group) {
          break;
        }
        members.add(Key.decode(key));
      }
    }
    members.removeAll(removedMembers.getOrDefault(group, Set.of()));
    return members;
  }

  /** The path of a place; empty if none leads to it any more. */
  Optional<NodePath> pathOf(Key place) throws IOException {
    Deque<Bytes> names = new ArrayDeque<>();
    Key at = place;
    while (at.directory() != MirrorState.ROOT_ID) {
      names.push(at.name());
      Optional<Key> directory = placeOf(at.directory());
      if (directory.isEmpty() || names.size() > MAX_DEPTH) {
        return Optional.empty();
      }
      at = directory.get();
    }
    NodePath path = NodePath.ROOT.child(at.name().toArray());
    for (Bytes name : names) {
      path = path.child(name.toArray());
    }
    return Optional.of(path);
  }

  /** The place of a directory; empty if it is not known, or no path leads to it any more. */
  Optional<Key> placeOf(long directory) throws IOException {
    Optional<Key> pending = directories.get(directory);
    return pending != null
        ? pending
        : store
            .get(DIRECTORIES, encode(directory))
            .map(bytes -> Key.decode(ByteBuffer.wrap(bytes)));
  }

  void addPending(Batch batch) throws IOException {
    for (Map.Entry<Long, Set<Key>> removed : removedMembers.entrySet()) {
      for (Key place : removed.getValue()) {
        batch.remove(MEMBERS, place.encode(removed.getKey()));
      }
    }
    for (Map.Entry<Long, Set<Key>> added : addedMembers.entrySet()) {
      for (Key place : added.getValue()) {
        batch.put(MEMBERS, place.encode(added.getKey()), new byte[0]);
      }
    }
    for (Map.Entry<Long, Newest> last : newest.entrySet()) {
      batch.put(NEWEST, encode(last.getKey()), last.getValue().encode());
    }
    for (Map.Entry<Long, Optional<Key>> directory : directories.entrySet()) {
      if (directory.getValue().isPresent()) {
        batch.put(DIRECTORIES, encode(directory.getKey()), directory.getValue().get().encode());
      } else {
        batch.remove(DIRECTORIES, encode(directory.getKey()));
      }
    }
  }

  /** After a commit, or instead of one. */
  void clearPending() {
    addedMembers.clear();
    removedMembers.clear();
    newest.clear();
    directories.clear();
  }

  /** Adds the removal of what is known of an entry that no path reached any more. */
  void collect(Batch batch, Key place, StateEntry entry) throws IOException {
    long group = group(entry);
    if (group != 0) {
      batch.remove(MEMBERS, place.encode(group));
      Optional<Newest> last = newest(group);
      if (last.isPresent() && last.get().place().equals(place)) {
        batch.remove(NEWEST, encode(group));
      }
    }
    if (entry.isDirectory()) {
      batch.remove(DIRECTORIES, encode(entry.directoryId()));
    }
  }

  static void clear(Batch batch) throws IOException {
    for (Table table : TABLES) {
      batch.clear(table);
    }
  }

  /** Makes it from the entries, for a state of before there was one. */
  void rebuild() throws IOException {
    Deque<Long> open = new ArrayDeque<>(List.of(MirrorState.ROOT_ID));
    while (!open.isEmpty()) {
      long directory = open.pop();
      try (Listing listing = store.list(directory)) {
        while (listing.next()) {
          Key place = new Key(directory, Bytes.of(listing.name()));
          StateEntry entry = StateEntry.decode(listing.value());
          change(place, Optional.empty(), Optional.of(entry));
          if (entry.isDirectory()) {
            open.push(entry.directoryId());
          }
        }
      }
      if (directories.size() + addedMembers.size() > REBUILD_BATCH || open.isEmpty()) {
        try (Batch batch = store.batch()) {
          addPending(batch);
          batch.commit();
        }
        clearPending();
      }
    }
  }

  private static byte[] encode(long number) {
    return ByteBuffer.allocate(Long.BYTES).putLong(number).array();
  }
}
