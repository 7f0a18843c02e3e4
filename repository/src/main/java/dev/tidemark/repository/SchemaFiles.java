package dev.tidemark.repository;

import dev.tidemark.repository.blob.BlobName;
import dev.tidemark.repository.blob.BlobStore;
import dev.tidemark.repository.blob.DurablePut;
import dev.tidemark.schemas.codec.ReleasedSchemas;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Set;
import org.apache.avro.SchemaFormatter;

/**
 * {@code schemas/<16 hex digits>.avsc}: every released Avro schema in JSON, by the Rabin
 * fingerprint (CRC-64-AVRO) of its parsing canonical form, which stands before each single-object
 * encoded record. So a repository can be read without this source tree.
 */
final class SchemaFiles {
  private static final String FOLDER = "schemas/";

  private final BlobStore store;
  private boolean complete;

  SchemaFiles(BlobStore store) {
    this.store = store;
  }

  /** Puts the ones that are missing. After the first success a call costs nothing. */
  synchronized void require() throws IOException {
    if (complete) {
      return;
    }
    Set<BlobName> present = new HashSet<>();
    store.list(FOLDER, status -> present.add(status.name()));
    for (ReleasedSchemas.Released released : ReleasedSchemas.all()) {
      BlobName name = new BlobName("%s%016x.avsc".formatted(FOLDER, released.fingerprint()));
      if (!present.contains(name)) {
        DurablePut.put(
            store,
            name,
            SchemaFormatter.format("json/pretty", released.schema())
                .getBytes(StandardCharsets.UTF_8));
      }
    }
    complete = true;
  }
}
