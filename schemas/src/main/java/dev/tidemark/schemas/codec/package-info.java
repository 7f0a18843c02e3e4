/**
 * The one place where Avro records become domain values and back: single-object encoding (marker C3
 * 01, 8-byte Rabin fingerprint of the schema, body), so that every record names its own schema and
 * no registry is needed. Stateless but for caches; safe to call from any thread.
 */
@NullMarked
package dev.tidemark.schemas.codec;

import org.jspecify.annotations.NullMarked;
