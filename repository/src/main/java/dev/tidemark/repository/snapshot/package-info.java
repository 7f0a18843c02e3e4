/**
 * The tree at one sequence, as sorted runs of entries that snapshots share where nothing has
 * changed.
 *
 * <p>Knows blobs below it and the tree model; not the log. A snapshot is read in parts: what a
 * reader does not ask for is not fetched, and what did not change is not written again. Stores are
 * safe for use by many threads, the streams of an open snapshot each for one.
 */
@NullMarked
package dev.tidemark.repository.snapshot;

import org.jspecify.annotations.NullMarked;
