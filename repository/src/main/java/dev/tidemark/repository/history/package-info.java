/**
 * The tree of any recorded instant: the newest snapshot at or before it, and the log from there on;
 * and the making of snapshots.
 *
 * <p>Works from the repository alone, beside whoever seals. Safe for use by many threads; each tree
 * that it gives belongs to one.
 */
@NullMarked
package dev.tidemark.repository.history;

import org.jspecify.annotations.NullMarked;
