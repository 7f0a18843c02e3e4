package dev.tidemark.log;

import java.util.UUID;

/**
 * A topic as it stands on the broker.
 *
 * @param id Kafka's: a topic made again under the same name has another, and offsets of the two
 *     must never be compared
 * @param partitions as they are now; keys are placed by the count in the repository's descriptor
 */
public record TopicHandle(String name, UUID id, int partitions) {}
