/**
 * Many chunks in one blob: encoding a pack in memory, reading its table, one frame, or all of it.
 *
 * <p>Knows blobs below it and nothing above. Frames are opaque here, except to salvage a pack that
 * has lost its footer. Values and readers are safe to share between threads.
 */
@NullMarked
package dev.tidemark.repository.pack;

import org.jspecify.annotations.NullMarked;
