package dev.tidemark.schemas.cursor;

import dev.tidemark.schemas.chunk.ChunkId;
import java.util.UUID;

/**
 * Clean-up asks the owner of a chunk to forget it.
 *
 * @param chunksTopic Kafka's id of the topic to which the offset belongs
 * @param partition of the chunks topic
 * @param basis offset on which the question rests: anything newer that names the chunk refuses it
 */
public record Condemned(ChunkId id, UUID chunksTopic, int partition, long basis) {}
