/**
 * Where a reader stands in a tree's log, and the one rule by which every reader accepts, drops or
 * refuses the next record. A function of the log alone: the cataloguer, a mirror and a restore that
 * read the same records stand at the same sequence. Immutable values; safe to share between
 * threads.
 */
@NullMarked
package dev.tidemark.schemas.cursor;

import org.jspecify.annotations.NullMarked;
