package dev.tidemark.repository.schema;

import dev.tidemark.repository.blob.BlobMissingException;
import dev.tidemark.repository.blob.BlobName;
import dev.tidemark.repository.blob.BlobStore;
import dev.tidemark.repository.blob.DurablePut;
import dev.tidemark.schemas.codec.ReleasedSchemas;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.avro.SchemaFormatter;

/**
 * {@code schemas/<16 hex digits>.avsc}: every released Avro schema in JSON, by the Rabin
 * fingerprint (CRC-64-AVRO) of its parsing canonical form, which stands before each single-object
 * encoded record. So a repository can be read without this source tree.
 */
public final class SchemaFiles {
  private static final String FOLDER = "schemas/";

  private final BlobStore store;
  private boolean complete;

  public SchemaFiles(BlobStore store) {
    this.store = store;
  }

  /** Puts the ones that are missing. After the first success a call costs nothing. */
  public synchronized void require() throws IOException {
    if (complete) {
      return;
    }
    Set<BlobName> present = new HashSet<>();
    store.list(FOLDER, status -> present.add(status.name()));
    for (Map.Entry<BlobName, byte[]> file : files().entrySet()) {
      if (!present.contains(file.getKey())) {
        DurablePut.put(store, file.getKey(), file.getValue());
      }
    }
    complete = true;
  }

  /**
   * Those of this version's schemas that are not as they were put. One that is missing is no
   * damage: an older version may have made the repository, and the next writer puts it.
   */
  public Set<BlobName> damaged() throws IOException {
    Set<BlobName> damaged = new HashSet<>();
    for (Map.Entry<BlobName, byte[]> file : files().entrySet()) {
      try {
        if (!Arrays.equals(store.get(file.getKey()), file.getValue())) {
          damaged.add(file.getKey());
        }
      } catch (BlobMissingException missing) {
        // Nobody reads it but people.
      }
    }
    return damaged;
  }

  /** Puts damaged and missing ones again; returns how many were damaged. */
  public int mend() throws IOException {
    Map<BlobName, byte[]> files = files();
    files.keySet().retainAll(damaged());
    for (Map.Entry<BlobName, byte[]> file : files.entrySet()) {
      store.replace(file.getKey(), ByteBuffer.wrap(file.getValue()));
    }
    require();
    return files.size();
  }

  private static Map<BlobName, byte[]> files() {
    Map<BlobName, byte[]> files = new TreeMap<>();
    for (ReleasedSchemas.Released released : ReleasedSchemas.all()) {
      files.put(
          new BlobName("%s%016x.avsc".formatted(FOLDER, released.fingerprint())),
          SchemaFormatter.format("json/pretty", released.schema())
              .getBytes(StandardCharsets.UTF_8));
    }
    return files;
  }
}
