/**
 * Makes snapshots beside the streams, from the repository alone, when the log written since the
 * last one makes it worth the while, and has what has become many small blobs merged. One thread; a
 * failure costs a later snapshot and nothing else.
 */
@NullMarked
package dev.tidemark.store.snapshot;

import org.jspecify.annotations.NullMarked;
