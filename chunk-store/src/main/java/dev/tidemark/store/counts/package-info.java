/**
 * What one chunk-store process has done since it started, as numbers that any thread may add to and
 * any thread may read.
 */
@NullMarked
package dev.tidemark.store.counts;

import org.jspecify.annotations.NullMarked;
