package dev.tidemark.repository;

import dev.tidemark.repository.pack.PackId;

/**
 * A pack that is durable and indexed.
 *
 * @param bytes length of the pack's blob
 * @param chunks how many it holds
 */
public record StoredPack(PackId pack, long bytes, int chunks) {}
