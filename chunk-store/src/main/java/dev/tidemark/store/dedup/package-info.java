/**
 * Per partition of the chunks topic: drops known chunks, hands new ones to the pack writer, and
 * publishes up to where all is durable. State holds pointers only; the frames' bytes are in Kafka
 * until their pack is durable, and are read again from there after a crash. Everything here runs on
 * the task's stream thread but for the completions of the pack writer.
 */
@NullMarked
package dev.tidemark.store.dedup;

import org.jspecify.annotations.NullMarked;
