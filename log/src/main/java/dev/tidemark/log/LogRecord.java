package dev.tidemark.log;

import dev.tidemark.schemas.change.Change;

/**
 * A change where it stands in the log.
 *
 * @param logTimeMillis the broker's append time
 * @param key the tree's name, equal to {@code change.tree()}
 */
public record LogRecord(long offset, long logTimeMillis, String key, Change change) {}
