package dev.tidemark.cli.tracing;

/**
 * Spans since the start of the process. What is neither sent nor failed waits, or was dropped
 * because too many waited.
 *
 * @param made told by the roles, and chosen by the sampler
 * @param sent taken by the collector
 * @param failed not taken, and given up
 */
public record SpanCounts(long made, long sent, long failed) {}
