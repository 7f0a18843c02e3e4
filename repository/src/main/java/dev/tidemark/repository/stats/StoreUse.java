package dev.tidemark.repository.stats;

import dev.tidemark.repository.blob.BlobStore;
import dev.tidemark.repository.index.IndexBlob;
import dev.tidemark.repository.pack.PackId;
import java.io.IOException;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;

/**
 * What lies in a store, by kinds, as one listing of all of it shows. What waits to be deleted is
 * counted with the rest.
 *
 * @param amounts of every kind
 */
public record StoreUse(Map<Kind, Amount> amounts) {
  /** Blobs of one purpose. */
  public enum Kind {
    PACKS,
    INDEX_BLOBS,
    LOG_SEGMENTS,
    SNAPSHOTS,
    MANIFESTS,
    /** Marks of gaps and merges, schemas, announcements, the descriptor. */
    OTHERS
  }

  /**
   * @param bytes sum of the blobs' lengths
   */
  public record Amount(long count, long bytes) {
    Amount plus(long more) {
      return new Amount(count + 1, bytes + more);
    }
  }

  private static final Amount NONE = new Amount(0, 0);

  public StoreUse {
    amounts = Collections.unmodifiableMap(new EnumMap<>(amounts));
  }

  /** Lists a store. */
  public static StoreUse of(BlobStore store) throws IOException {
    Map<Kind, Amount> amounts = new EnumMap<>(Kind.class);
    for (Kind kind : Kind.values()) {
      amounts.put(kind, NONE);
    }
    store.list(
        "",
        status ->
            amounts.computeIfPresent(
                kind(status.name().value()), (_, amount) -> amount.plus(status.bytes())));
    return new StoreUse(amounts);
  }

  private static Kind kind(String name) {
    if (name.startsWith(PackId.FOLDER)) {
      return Kind.PACKS;
    }
    if (name.startsWith(IndexBlob.FOLDER)) {
      return Kind.INDEX_BLOBS;
    }
    if (!name.startsWith("trees/") || !name.endsWith(".avro")) {
      return Kind.OTHERS;
    }
    return switch (name.split("/", -1)[2]) {
      case "log" -> Kind.LOG_SEGMENTS;
      case "snapshots" -> Kind.SNAPSHOTS;
      case "manifests" -> Kind.MANIFESTS;
      default -> Kind.OTHERS;
    };
  }

  /** How much of one kind there is. */
  public Amount amount(Kind kind) {
    return amounts.getOrDefault(kind, NONE);
  }

  /** Sum of all lengths. */
  public long bytes() {
    return amounts.values().stream().mapToLong(Amount::bytes).sum();
  }
}
