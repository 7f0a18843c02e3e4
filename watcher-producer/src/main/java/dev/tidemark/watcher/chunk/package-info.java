/**
 * Cuts bytes into chunks by their content, so that an edit changes the chunks around it and no
 * others. The cut points of given bytes, bounds and seed are part of the repository format: they
 * are frozen by golden vectors. Immutable after construction; safe to share between threads.
 */
@NullMarked
package dev.tidemark.watcher.chunk;

import org.jspecify.annotations.NullMarked;
