package dev.tidemark.repository.history;

/**
 * What stands in the log behind the newest snapshot.
 *
 * @param manifestBytes of that snapshot, 0 without one
 */
record Growth(long changes, long bytes, long manifestBytes) {}
