package dev.tidemark.mirror;

import dev.tidemark.filesystem.entry.Batch;
import dev.tidemark.filesystem.entry.EntryStore;
import dev.tidemark.filesystem.entry.Listing;
import dev.tidemark.filesystem.entry.Table;
import dev.tidemark.filesystem.entry.TableScan;
import dev.tidemark.mirror.LinkIndex.Key;
import dev.tidemark.schemas.change.Bytes;
import dev.tidemark.schemas.change.NodePath;
import dev.tidemark.schemas.codec.Records;
import dev.tidemark.schemas.cursor.Cursor;
import dev.tidemark.schemas.tree.TreeDigest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a mirror has applied: per entry of the tree, keyed by (directory id, name), and how far.
 * Changes are pending, and seen by this object only, until {@link #commit} writes them in one step
 * together with the cursor. Owned by the mirror's thread; only {@link StandbyNotes#putDurable} may
 * come from another.
 */
final class MirrorState implements AutoCloseable {
  /**
   * The directory id of the tree's root; the root's own entry has no name and stands in directory
   * 0.
   */
  static final long ROOT_ID = 1;

  static final long ROOT_PARENT = 0;
  static final byte[] ROOT_NAME = new byte[0];

  private static final int MAX_CACHED_PATHS = 20_000;
  private static final int MAX_COLLECTED = 5_000;

  private static final Table META = new Table("meta");

  /** Ids of directories that are gone, whose entries are still listed. */
  private static final Table GONE = new Table("gone-directories");

  private static final byte[] CURSOR = key("cursor");
  private static final byte[] NEXT_ID = key("next-directory-id");
  private static final byte[] INTENT = key("intent");
  private static final byte[] FULL_SCAN = key("full-scan-started");
  private static final byte[] INDEXED = key("links-indexed");
  private static final byte[] BLOCKED = key("blocked-paths");
  private static final byte[] DIGESTED = key("digest-version");

  private final EntryStore store;
  private final Map<Key, Optional<StateEntry>> pending = new HashMap<>();

  /** Of each place that is pending, what is committed. */
  private final Map<Key, Optional<StateEntry>> replaced = new HashMap<>();

  private final LinkIndex links;
  private final BlockedPaths blocked;
  private final DirectoryDigests digests;
  private final StandbyNotes notes;
  private final List<Long> pendingGone = new ArrayList<>();
  private final Map<NodePath, Long> directoryIds =
      new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<NodePath, Long> eldest) {
          return size() > MAX_CACHED_PATHS;
        }
      };
  private @Nullable Cursor cursor;
  private Intent intent;
  private Intent committedIntent;
  private long nextDirectoryId;
  private long fullScanStarted;
  private long committedFullScan;

  /** A name in a directory that the state knows. */
  record Place(long directory, byte[] name) {}

  private MirrorState(EntryStore store) throws IOException {
    this.store = store;
    this.links = new LinkIndex(store);
    Optional<byte[]> encodedBlocked = store.get(META, BLOCKED);
    this.blocked =
        encodedBlocked.isEmpty() ? BlockedPaths.none() : BlockedPaths.decode(encodedBlocked.get());
    this.digests = new DirectoryDigests(store, links);
    this.notes = new StandbyNotes(store, META);
    Optional<byte[]> encodedCursor = store.get(META, CURSOR);
    cursor = encodedCursor.isEmpty() ? null : Records.decodeCursor(encodedCursor.get());
    intent = store.get(META, INTENT).map(Intent::decode).orElse(Intent.NONE);
    committedIntent = intent;
    nextDirectoryId = number(NEXT_ID, ROOT_ID + 1);
    fullScanStarted = number(FULL_SCAN, 0);
    committedFullScan = fullScanStarted;
  }

  static MirrorState open(Path folder) throws IOException {
    EntryStore store = EntryStore.open(folder, tables());
    try {
      MirrorState state = new MirrorState(store);
      state.completeIndex();
      state.completeDigests();
      return state;
    } catch (IOException | RuntimeException e) {
      store.close();
      throw e;
    }
  }

  private static List<Table> tables() {
    List<Table> tables = new ArrayList<>(List.of(META, GONE, DirectoryDigests.TABLE));
    tables.addAll(LinkIndex.TABLES);
    return tables;
  }

  /** A state of before there was an index of links gets one. */
  private void completeIndex() throws IOException {
    if (store.get(META, INDEXED).isPresent()) {
      return;
    }
    links.rebuild();
    try (Batch batch = store.batch()) {
      batch.put(META, INDEXED, new byte[0]);
      batch.commit();
    }
  }

  /** So does one of before there were digests, or with digests of another kind. */
  private void completeDigests() throws IOException {
    if (number(DIGESTED, 0) == TreeDigest.VERSION) {
      return;
    }
    digests.rebuild();
    try (Batch batch = store.batch()) {
      batch.put(META, DIGESTED, encode(TreeDigest.VERSION));
      batch.commit();
    }
  }

  /** Of all that is committed. */
  TreeDigest digest() {
    return digests.digest();
  }

  /** Where entries that share inodes are. */
  LinkIndex links() {
    return links;
  }

  /** Where the target is not what this state says, since it may not be changed there. */
  BlockedPaths blocked() {
    return blocked;
  }

  /** What this standby keeps beside the tree. */
  StandbyNotes notes() {
    return notes;
  }

  /** Up to where all is applied; empty before a bootstrap has completed. */
  Optional<Cursor> cursor() {
    return Optional.ofNullable(cursor);
  }

  /** The move that was about to be made when the state was last committed. */
  Intent intent() {
    return intent;
  }

  void setIntent(Intent newIntent) {
    intent = newIntent;
  }

  /** Sequence of the SCAN_STARTED of an open full scan, 0 if none is open. */
  long fullScanStarted() {
    return fullScanStarted;
  }

  void setFullScanStarted(long sequence) {
    fullScanStarted = sequence;
  }

  Optional<StateEntry> find(LinkIndex.Key place) throws IOException {
    return find(place.directory(), place.name().toArray());
  }

  Optional<StateEntry> find(Place place) throws IOException {
    return find(place.directory(), place.name());
  }

  Optional<StateEntry> find(long directory, byte[] name) throws IOException {
    Optional<StateEntry> entry = findAsPut(new Key(directory, Bytes.of(name)));
    return entry.isEmpty() ? entry : Optional.of(links.refreshed(entry.get()));
  }

  private Optional<StateEntry> findAsPut(Key place) throws IOException {
    Optional<StateEntry> changed = pending.get(place);
    if (changed != null) {
      return changed;
    }
    Optional<byte[]> stored = store.find(place.directory(), place.name().toArray());
    return stored.isEmpty() ? Optional.empty() : Optional.of(StateEntry.decode(stored.get()));
  }

  /** The place of a path; empty if its directory is not known. */
  Optional<Place> placeOf(NodePath path) throws IOException {
    if (path.isRoot()) {
      return Optional.of(new Place(ROOT_PARENT, ROOT_NAME));
    }
    long directory = directoryId(path.parent());
    return directory == 0 ? Optional.empty() : Optional.of(new Place(directory, path.name()));
  }

  /** The place of a path that change {@code sequence} needs to have one. */
  Place requirePlace(NodePath path, long sequence) throws IOException {
    Optional<Place> place = placeOf(path);
    if (place.isEmpty()) {
      throw new MirrorDivergedException(sequence, "%s has no directory".formatted(path));
    }
    return place.get();
  }

  private long directoryId(NodePath path) throws IOException {
    Long cached = directoryIds.get(path);
    if (cached != null) {
      return cached;
    }
    Optional<Place> place = placeOf(path);
    long id = 0;
    if (place.isPresent()) {
      id = find(place.get()).map(StateEntry::directoryId).orElse(0L);
    }
    if (id != 0) {
      directoryIds.put(path, id);
    }
    return id;
  }

  long newDirectoryId() {
    return nextDirectoryId++;
  }

  void put(Place place, StateEntry entry) throws IOException {
    change(place, Optional.of(entry));
  }

  private void change(Place place, Optional<StateEntry> after) throws IOException {
    Key key = new Key(place.directory(), Bytes.of(place.name()));
    Optional<StateEntry> before = findAsPut(key);
    if (!pending.containsKey(key)) {
      replaced.put(key, before);
    }
    links.change(key, before, after);
    pending.put(key, after);
  }

  /** Forgets an entry, and by and by all below it. */
  void remove(Place place) throws IOException {
    dropBelow(find(place));
    change(place, Optional.empty());
  }

  /** The entry's directory, if it was one, is no longer reached by any path. */
  void dropBelow(Optional<StateEntry> entry) {
    if (entry.isPresent() && entry.get().isDirectory()) {
      pendingGone.add(entry.get().directoryId());
      links.drop(entry.get().directoryId());
      directoryIds.clear();
    }
  }

  /** Takes an entry out of its place without what is below being gone. */
  void detach(Place place) throws IOException {
    change(place, Optional.empty());
    directoryIds.clear();
  }

  void forgetPaths() {
    directoryIds.clear();
  }

  /**
   * The committed entries of a directory in order of their names. To be called with nothing
   * pending.
   */
  Listing list(long directory) {
    if (!pending.isEmpty()) {
      throw new IllegalStateException("the state is listed while changes are pending");
    }
    return store.list(directory);
  }

  boolean hasPending() {
    return !pending.isEmpty();
  }

  int pendingCount() {
    return pending.size();
  }

  /** Writes everything pending, and that all is applied up to {@code applied}, in one step. */
  void commit(Cursor applied) throws IOException {
    try (Batch batch = store.batch()) {
      addPending(batch);
      batch.put(META, CURSOR, Records.encode(applied));
      batch.commit();
    }
    committed();
    cursor = applied;
  }

  /** Writes what is pending of a bootstrap, which does not count until its cursor is committed. */
  void commitWithoutCursor() throws IOException {
    try (Batch batch = store.batch()) {
      addPending(batch);
      batch.commit();
    }
    committed();
  }

  private void addPending(Batch batch) throws IOException {
    for (Map.Entry<Key, Optional<StateEntry>> change : pending.entrySet()) {
      Key key = change.getKey();
      if (change.getValue().isPresent()) {
        batch.put(key.directory(), key.name().toArray(), change.getValue().get().encode());
      } else {
        batch.remove(key.directory(), key.name().toArray());
      }
    }
    links.addPending(batch);
    digests.addPending(batch, replaced, pending);
    for (long gone : pendingGone) {
      batch.put(GONE, encode(gone), new byte[0]);
    }
    batch.put(META, NEXT_ID, encode(nextDirectoryId));
    if (blocked.isChanged()) {
      batch.put(META, BLOCKED, blocked.encode());
    }
    if (!intent.equals(committedIntent)) {
      batch.put(META, INTENT, intent.encode());
    }
    if (fullScanStarted != committedFullScan) {
      batch.put(META, FULL_SCAN, encode(fullScanStarted));
    }
  }

  private void committed() {
    digests.committed();
    pending.clear();
    replaced.clear();
    links.clearPending();
    pendingGone.clear();
    blocked.committed();
    committedIntent = intent;
    committedFullScan = fullScanStarted;
  }

  /** Drops everything pending. */
  void rollBack() {
    pending.clear();
    replaced.clear();
    links.clearPending();
    pendingGone.clear();
    blocked.rollBack();
    directoryIds.clear();
    intent = committedIntent;
    fullScanStarted = committedFullScan;
  }

  /** Forgets everything, also that there was a bootstrap; directory ids go on. */
  void clear() throws IOException {
    rollBack();
    Optional<StateEntry> root = find(ROOT_PARENT, ROOT_NAME);
    try (Batch batch = store.batch()) {
      batch.remove(META, CURSOR);
      batch.remove(META, INTENT);
      batch.remove(META, FULL_SCAN);
      batch.remove(META, BLOCKED);
      batch.remove(ROOT_PARENT, ROOT_NAME);
      LinkIndex.clear(batch);
      digests.clear(batch);
      if (root.isPresent()) {
        batch.put(GONE, encode(ROOT_ID), new byte[0]);
      }
      batch.commit();
    }
    digests.committed();
    cursor = null;
    blocked.clear();
    intent = Intent.NONE;
    committedIntent = intent;
    fullScanStarted = 0;
    committedFullScan = 0;
    while (collectGone()) {
      // Everything, since the root keeps its id and would show what is left.
    }
  }

  /** Removes some of what gone directories still list; false when nothing is left. */
  boolean collectGone() throws IOException {
    try (TableScan gone = store.scan(GONE, new byte[0])) {
      if (!gone.next()) {
        return false;
      }
      collect(ByteBuffer.wrap(gone.key()).getLong());
      return true;
    }
  }

  private void collect(long directory) throws IOException {
    int count = 0;
    try (Listing listing = store.list(directory);
        Batch batch = store.batch()) {
      while (count < MAX_COLLECTED && listing.next()) {
        StateEntry entry = StateEntry.decode(listing.value());
        if (entry.isDirectory()) {
          batch.put(GONE, encode(entry.directoryId()), new byte[0]);
        }
        links.collect(batch, new Key(directory, Bytes.of(listing.name())), entry);
        batch.remove(directory, listing.name());
        count++;
      }
      if (count < MAX_COLLECTED) {
        batch.remove(GONE, encode(directory));
        DirectoryDigests.collect(batch, directory);
      }
      batch.commit();
    }
  }

  private long number(byte[] key, long otherwise) throws IOException {
    return store.get(META, key).map(bytes -> ByteBuffer.wrap(bytes).getLong()).orElse(otherwise);
  }

  private static byte[] encode(long number) {
    return ByteBuffer.allocate(Long.BYTES).putLong(number).array();
  }

  private static byte[] key(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public void close() throws IOException {
    store.close();
  }
}
