/**
 * Clean-up's way to the log and to the chunk-store's tasks: what is not sealed yet, and the
 * questions that the owners of chunks answer. For one thread.
 */
@NullMarked
package dev.tidemark.store.cleanup;

import org.jspecify.annotations.NullMarked;
