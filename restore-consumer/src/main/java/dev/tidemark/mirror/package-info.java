/**
 * Keeps a target directory equal to a tree as its log goes on: bootstrap from the repository, then
 * every accepted change once and in order, visible within milliseconds of its append.
 *
 * <p>What was applied is kept outside the tree, entry by entry, so that a process killed at any
 * step goes on where it was and repeats no move. One thread owns target and state; the front door
 * may be called from any.
 */
@NullMarked
package dev.tidemark.mirror;

import org.jspecify.annotations.NullMarked;
