package dev.tidemark.repository.history;

/**
 * A stretch of log time, both ends belonging to it.
 *
 * @param firstMillis not after {@code lastMillis}
 */
public record Span(long firstMillis, long lastMillis) {}
