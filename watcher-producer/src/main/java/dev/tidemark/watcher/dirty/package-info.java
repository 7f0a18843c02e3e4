/**
 * Where to look: the directories of the tree by our own ids, and which entries in them have changed
 * since they were last looked at. Coalesced and bounded; content and metadata apart. A rename of a
 * directory touches none of its descendants. Owned by the keeper alone.
 */
@NullMarked
package dev.tidemark.watcher.dirty;

import org.jspecify.annotations.NullMarked;
