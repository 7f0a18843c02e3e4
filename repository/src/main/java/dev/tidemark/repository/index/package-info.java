/**
 * Which pack holds a chunk, and where in it.
 *
 * <p>Knows blobs and packs. The index is a set of sorted blobs, merged so that they are few, and
 * searched in place, the large ones without being read whole; it can be rebuilt from the packs
 * alone, and is, when a blob of it turns out damaged. Safe for use by many threads.
 */
@NullMarked
package dev.tidemark.repository.index;

import org.jspecify.annotations.NullMarked;
