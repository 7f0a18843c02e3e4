/**
 * Puts nodes onto a target directory: one at a time for a mirror, a whole tree for a restore. Every
 * name is taken relative to an open directory of the target, symlinks on the way are never
 * followed, and whatever takes a name was built complete in a staging folder first: an entry
 * appears whole or not at all. Content is proved against its chunk ids before it is written.
 *
 * <p>Work on files blocks in native code and belongs on platform threads.
 */
@NullMarked
package dev.tidemark.apply;

import org.jspecify.annotations.NullMarked;
