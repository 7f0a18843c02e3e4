/**
 * The chunk-store: one Kafka Streams application that takes the frames and changes of the log into
 * the repository. Its front door is {@link dev.tidemark.store.ChunkStore}. Promises that what is
 * sealed is durable with all that it names, after any crash; any number of processes may run it, of
 * which each partition has one owner.
 */
@NullMarked
package dev.tidemark.store;

import org.jspecify.annotations.NullMarked;
