/**
 * A table of directory entries on disk: (directory id, name) → value, in order of name within a
 * directory, and beside it tables of a caller's own. Since an entry is named by its directory's id
 * and not by a path, renaming a directory rewrites one entry and none below it.
 *
 * <p>{@link dev.tidemark.filesystem.entry.EntryStore} is the front door. Safe from several threads;
 * one process at a time. Memory is bounded by constants, not by what is stored.
 */
@NullMarked
package dev.tidemark.filesystem.entry;

import org.jspecify.annotations.NullMarked;
