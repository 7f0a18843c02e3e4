package dev.tidemark.watcher;

import java.util.UUID;

/**
 * A named instant that is in the log.
 *
 * @param offset where it stands in its partition of the changes topic
 * @param logTimeMillis the broker's append time
 */
public record PublishedTag(UUID id, long offset, long logTimeMillis) {}
