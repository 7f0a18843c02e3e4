/**
 * Watches one directory and publishes every change of it to the log: {@link
 * dev.tidemark.watcher.Watcher} is the front door.
 *
 * <p>One keeper thread owns what is known of the tree: directories, what is dirty, what was
 * published. It takes messages from one mailbox (events, answers of readers, acknowledgements) and
 * never waits for anything else. Memory is bounded by the limits of the configuration and by the
 * number of directories, not by how long the broker is away.
 */
@NullMarked
package dev.tidemark.watcher;

import org.jspecify.annotations.NullMarked;
