package dev.tidemark.repository.victim;

import dev.tidemark.repository.blob.BlobMissingException;
import dev.tidemark.repository.blob.BlobName;
import dev.tidemark.repository.blob.BlobStore;
import dev.tidemark.repository.blob.ContentHash;
import dev.tidemark.repository.blob.CorruptBlobException;
import dev.tidemark.repository.blob.DurablePut;
import dev.tidemark.repository.blob.Grace;
import dev.tidemark.repository.pack.PackId;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The lists of victims of one repository: {@code cleanup/<sha256>.victims}, and beside one whose
 * deletion has begun an empty {@code cleanup/<sha256>.sweep}. Thread-safe.
 */
public final class Announcements {
  private static final String FOLDER = "cleanup/";
  private static final String PROBE = "now-";
  private static final Pattern FILE = Pattern.compile("([0-9a-f]{64})\\.(victims|sweep)");

  private final BlobStore store;

  public Announcements(BlobStore store) {
    this.store = store;
  }

  private static BlobName listName(ContentHash hash) {
    return new BlobName(FOLDER + hash + ".victims");
  }

  private static BlobName sweepName(ContentHash hash) {
    return new BlobName(FOLDER + hash + ".sweep");
  }

  /** All announcements, oldest first. Lists the store, and reads each. */
  public List<Announcement> list() throws IOException {
    Map<ContentHash, Long> lists = new TreeMap<>();
    Set<ContentHash> swept = new HashSet<>();
    look(lists, swept);
    List<Announcement> found = new ArrayList<>();
    for (Map.Entry<ContentHash, Long> list : lists.entrySet()) {
      Optional<VictimList> victims = read(list.getKey());
      if (victims.isPresent()) {
        found.add(
            new Announcement(
                list.getKey(), victims.get(), list.getValue(), swept.contains(list.getKey())));
      }
    }
    found.sort(Comparator.comparingLong(Announcement::sinceMillis));
    return List.copyOf(found);
  }

  /** The packs whose deletion has begun. Lists the store, and reads only their lists. */
  public Set<PackId> sweptPacks() throws IOException {
    Map<ContentHash, Long> lists = new TreeMap<>();
    Set<ContentHash> swept = new HashSet<>();
    look(lists, swept);
    Set<PackId> packs = new HashSet<>();
    for (ContentHash hash : swept) {
      read(hash).ifPresent(victims -> packs.addAll(victims.packs().keySet()));
    }
    return packs;
  }

  /** Lists that cannot be read, with the reason. While one stands, clean-up stands still. */
  public Map<BlobName, String> damaged() throws IOException {
    Map<ContentHash, Long> lists = new TreeMap<>();
    look(lists, new HashSet<>());
    Map<BlobName, String> damaged = new TreeMap<>();
    for (ContentHash hash : lists.keySet()) {
      try {
        read(hash);
      } catch (CorruptBlobException e) {
        damaged.put(listName(hash), String.valueOf(e.getMessage()));
      }
    }
    return damaged;
  }

  private void look(Map<ContentHash, Long> lists, Set<ContentHash> swept) throws IOException {
    store.list(
        FOLDER,
        status -> {
          Matcher file = FILE.matcher(status.name().lastPart());
          if (file.matches() && file.group(2).equals("sweep")) {
            swept.add(new ContentHash(file.group(1)));
          } else if (file.matches()) {
            lists.put(new ContentHash(file.group(1)), status.modifiedMillis());
          }
        });
  }

  private Optional<VictimList> read(ContentHash hash) throws IOException {
    BlobName name = listName(hash);
    try {
      return Optional.of(VictimList.decode(name, store.describe(name), store.get(name)));
    } catch (BlobMissingException doneMeanwhile) {
      return Optional.empty();
    }
  }

  /** Announces victims; durable on return. */
  public void announce(VictimList victims) throws IOException {
    byte[] encoded = victims.encode();
    DurablePut.put(store, listName(ContentHash.compute(encoded)), encoded);
  }

  /** Says that deletion begins; durable on return. */
  public void beginSweep(Announcement announcement) throws IOException {
    DurablePut.put(store, sweepName(announcement.hash()), new byte[0]);
  }

  /** Forgets an announcement of which nothing is left. */
  public void end(Announcement announcement) throws IOException {
    store.delete(listName(announcement.hash()));
    store.delete(sweepName(announcement.hash()));
  }

  /**
   * What the store's clock says: the time that it gives to a blob that is put now. What runs of a
   * grace ago and more have left half done in this folder is deleted on the way.
   */
  public long storeMillis() throws IOException {
    BlobName probe = new BlobName(FOLDER + PROBE + UUID.randomUUID());
    DurablePut.put(store, probe, new byte[0]);
    Map<BlobName, Long> found = new TreeMap<>();
    store.list(FOLDER, status -> found.put(status.name(), status.modifiedMillis()));
    store.delete(probe);
    Long now = found.remove(probe);
    if (now == null) {
      throw new IOException(
          "The store at %s does not list %s, which was just put. Run it again once its listings are up to date."
              .formatted(store.location(), probe));
    }
    for (Map.Entry<BlobName, Long> blob : found.entrySet()) {
      boolean old = blob.getValue() <= now - Grace.DEFAULT.toMillis();
      if (old && isLeftOver(blob.getKey(), found)) {
        store.delete(blob.getKey());
      }
    }
    return now;
  }

  /** A probe, or the mark of a sweep whose list is gone. */
  private static boolean isLeftOver(BlobName name, Map<BlobName, Long> found) {
    Matcher file = FILE.matcher(name.lastPart());
    boolean sweep = file.matches() && file.group(2).equals("sweep");
    return name.lastPart().startsWith(PROBE)
        || sweep && !found.containsKey(listName(new ContentHash(file.group(1))));
  }
}
