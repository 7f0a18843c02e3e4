/**
 * What clean-up is going to delete, told in the repository before it does: which packs and other
 * blobs, since when, and whether their deletion has begun.
 *
 * <p>Knows blobs and the names of packs. Whoever asks whether the repository holds a chunk leaves
 * out packs whose deletion has begun; readers still read them. Safe for use by many threads.
 */
@NullMarked
package dev.tidemark.repository.victim;

import org.jspecify.annotations.NullMarked;
