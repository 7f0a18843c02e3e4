/**
 * The Kafka side of the log: connections, topics, and readers of descriptors, heads, changes and
 * frames.
 *
 * <p>The settings on which Tidemark's promises rest are fixed here: idempotent producers that wait
 * for all replicas, readers that see committed records only and are never moved to another offset
 * silently. Everything that can go wrong with the broker is an {@link java.io.IOException} that
 * names the address or the topic and what to do.
 *
 * <p>Readers belong to one thread at a time unless they say otherwise. No Kafka exception leaves
 * this package but through the producers and consumers of {@link dev.tidemark.log.LogClients}.
 */
@NullMarked
package dev.tidemark.log;

import org.jspecify.annotations.NullMarked;
