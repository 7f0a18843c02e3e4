package dev.tidemark.mirror;

/**
 * Gaps in a tree's log: changes that were numbered and never came.
 *
 * @param count how often records after one were met
 * @param detail of the last one, for people; empty if there was none
 */
public record Gaps(long count, String detail) {}
