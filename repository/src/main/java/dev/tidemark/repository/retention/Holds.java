package dev.tidemark.repository.retention;

import dev.tidemark.repository.blob.BlobMissingException;
import dev.tidemark.repository.blob.BlobName;
import dev.tidemark.repository.blob.BlobStatus;
import dev.tidemark.repository.blob.BlobStore;
import dev.tidemark.repository.blob.DurablePut;
import dev.tidemark.schemas.change.TreeName;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The holds on one tree: blobs {@code trees/<tree>/holds/<sequence>-<32 hex digits>.hold} whose
 * bytes are a note. Several may hold one instant. Thread-safe.
 */
public final class Holds {
  private static final int MAX_NOTE_BYTES = 4096;
  private static final Pattern FILE = Pattern.compile("(\\d{20})-[0-9a-f]{32}\\.hold");

  private final BlobStore store;
  private final TreeName tree;

  public Holds(BlobStore store, TreeName tree) {
    this.store = store;
    this.tree = tree;
  }

  private String folder() {
    return "trees/" + tree + "/holds/";
  }

  /**
   * Holds an instant; durable on return. Whether it is still there is for the caller to look at
   * afterwards: retention looks at the holds after it has taken anything out, so one of the two
   * sees the other.
   */
  BlobName put(long sequence, String note) throws IOException {
    byte[] bytes = note.getBytes(StandardCharsets.UTF_8);
    if (bytes.length > MAX_NOTE_BYTES) {
      throw new IllegalArgumentException(
          "note of %d bytes: expected at most %d".formatted(bytes.length, MAX_NOTE_BYTES));
    }
    String id = UUID.randomUUID().toString().replace("-", "");
    BlobName hold = new BlobName("%s%020d-%s.hold".formatted(folder(), sequence, id));
    DurablePut.put(store, hold, bytes);
    return hold;
  }

  /** Takes back one hold. */
  void remove(BlobName hold) throws IOException {
    store.delete(hold);
  }

  /** Ends all holds of one instant; returns how many there were. */
  int release(long sequence) throws IOException {
    int released = 0;
    for (BlobStatus blob : blobs()) {
      if (sequenceOf(blob.name()) == sequence) {
        store.delete(blob.name());
        released++;
      }
    }
    return released;
  }

  /** The instants that are held. Lists the store. */
  Set<Long> sequences() throws IOException {
    Set<Long> sequences = new TreeSet<>();
    for (BlobStatus blob : blobs()) {
      sequences.add(sequenceOf(blob.name()));
    }
    return sequences;
  }

  /** All holds, by sequence. */
  public List<Hold> list() throws IOException {
    List<Hold> holds = new ArrayList<>();
    for (BlobStatus blob : blobs()) {
      try {
        String note = new String(store.get(blob.name()), StandardCharsets.UTF_8);
        holds.add(new Hold(tree, sequenceOf(blob.name()), note, blob.modifiedMillis()));
      } catch (BlobMissingException releasedMeanwhile) {
        // Not a hold any more.
      }
    }
    holds.sort(Comparator.comparingLong(Hold::sequence).thenComparingLong(Hold::sinceMillis));
    return List.copyOf(holds);
  }

  private List<BlobStatus> blobs() throws IOException {
    List<BlobStatus> blobs = new ArrayList<>();
    store.list(
        folder(),
        status -> {
          if (FILE.matcher(status.name().lastPart()).matches()) {
            blobs.add(status);
          }
        });
    return blobs;
  }

  private static long sequenceOf(BlobName name) {
    Matcher file = FILE.matcher(name.lastPart());
    if (!file.matches()) {
      throw new IllegalArgumentException(name + " is no hold");
    }
    return Long.parseLong(file.group(1));
  }
}
