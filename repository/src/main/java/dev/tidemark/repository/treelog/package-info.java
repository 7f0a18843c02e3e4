/**
 * A tree's sealed changes: segments of consecutive sequences, put once, read in order, and merged
 * where they are many and small.
 *
 * <p>Knows blobs only. A reader takes each sequence once; segments that overlap must tell the same,
 * and no sequence may be missing. Safe for use by many threads, but each stream of changes is for
 * one.
 */
@NullMarked
package dev.tidemark.repository.treelog;

import org.jspecify.annotations.NullMarked;
