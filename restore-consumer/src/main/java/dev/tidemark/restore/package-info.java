/**
 * Puts a tree, as it stood at an instant, into a directory: from the repository alone, and with a
 * log also what is not sealed yet. Only what differs is written, every chunk is proved, a file
 * appears whole or not at all, and what cannot be restored is named while the rest goes on.
 */
@NullMarked
package dev.tidemark.restore;

import org.jspecify.annotations.NullMarked;
