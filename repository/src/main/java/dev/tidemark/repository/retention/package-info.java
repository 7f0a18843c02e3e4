/**
 * Which instants of a tree's history are kept, and the taking out of all others.
 *
 * <p>Works on logs and snapshots alone; the bytes that nothing names any more are the matter of
 * {@link dev.tidemark.repository.cleanup}. Goes by log time, never by a clock of a producer or of
 * this process. May be stopped at any step and begun again, beside writers and readers, and beside
 * itself on another host. For one thread.
 */
@NullMarked
package dev.tidemark.repository.retention;

import org.jspecify.annotations.NullMarked;
