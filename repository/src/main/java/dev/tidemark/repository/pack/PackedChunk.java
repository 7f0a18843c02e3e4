package dev.tidemark.repository.pack;

import dev.tidemark.schemas.chunk.ChunkId;

/**
 * Where a frame lies in its pack.
 *
 * @param position of the frame's first byte
 * @param length of the frame in bytes
 */
public record PackedChunk(ChunkId id, int position, int length) {}
