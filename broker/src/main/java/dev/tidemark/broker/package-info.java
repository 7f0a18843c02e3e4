/**
 * A Kafka broker inside this process, for one machine and for tests.
 *
 * <p>It is the real broker in its production mode with one node that is broker and controller at
 * once; its data lives in one folder, and a start on that folder goes on with what is there.
 * Kafka's internal server classes appear in this package and nowhere else. {@link
 * dev.tidemark.broker.EmbeddedBroker} may be used from any thread.
 */
@NullMarked
package dev.tidemark.broker;

import org.jspecify.annotations.NullMarked;
