/**
 * Hands frames and changes to Kafka: what was sent, what is acknowledged, and where it stands.
 * Producers retry by themselves and keep the order; callbacks come on their threads and only pass
 * on what they are told.
 */
@NullMarked
package dev.tidemark.watcher.publish;

import org.jspecify.annotations.NullMarked;
