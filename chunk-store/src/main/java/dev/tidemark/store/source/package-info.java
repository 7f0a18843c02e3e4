/**
 * Ways to read the log again by offset: what a task holds in memory can always be had from here.
 * Ports, so that the topology can be tested without a broker; the adapters read Kafka.
 */
@NullMarked
package dev.tidemark.store.source;

import org.jspecify.annotations.NullMarked;
