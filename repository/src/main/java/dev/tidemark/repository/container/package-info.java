/**
 * Avro container files that prove themselves: the form of log segments, manifests and snapshots.
 * Equal records and metadata give equal bytes, so that what is named by its content is shared.
 * Files are whole byte arrays; nothing here knows where they lie.
 */
@NullMarked
package dev.tidemark.repository.container;

import org.jspecify.annotations.NullMarked;
