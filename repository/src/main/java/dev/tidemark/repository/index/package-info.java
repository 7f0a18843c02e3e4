/**
 * Which pack holds a chunk, and where in it.
 *
 * <p>Knows blobs and packs. The index is a set of small sorted blobs, searched in place; it can be
 * rebuilt from the packs alone, and is, when a blob of it turns out damaged. Safe for use by many
 * threads.
 */
@NullMarked
package dev.tidemark.repository.index;

import org.jspecify.annotations.NullMarked;
