package dev.tidemark.schemas.change;

import java.util.UUID;

/**
 * One writer's term over a tree. Only equality means anything: after a log has lost its tail, a
 * newer epoch can have a lower offset.
 *
 * @param offset of the EPOCH_STARTED that began it, in the changes topic
 */
public record Epoch(long offset, UUID writer) {}
