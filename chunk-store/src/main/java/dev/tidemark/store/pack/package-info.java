/**
 * Fills packs with the frames of all tasks of a process and makes them durable, off the stream
 * threads. Promises its clients one call per frame taken, after the pack and its index are durable,
 * in no particular order; a frame not called for is not lost, since its pointer stays in the task's
 * state.
 */
@NullMarked
package dev.tidemark.store.pack;

import org.jspecify.annotations.NullMarked;
