package dev.tidemark.repository.victim;

import dev.tidemark.repository.blob.ContentHash;

/**
 * A list of victims as it lies in the repository. It is never taken back: what it names goes, and
 * what is needed of that is copied first.
 *
 * @param sinceMillis when it was put, by the store's clock
 * @param isSwept whether their deletion has begun
 */
public record Announcement(
    ContentHash hash, VictimList victims, long sinceMillis, boolean isSwept) {}
