package dev.tidemark.repository.index;

import dev.tidemark.repository.pack.PackId;

/**
 * Where a chunk's frame lies.
 *
 * @param position of the frame's first byte in the pack
 * @param length of the frame in bytes
 */
public record ChunkLocation(PackId pack, int position, int length) {}
