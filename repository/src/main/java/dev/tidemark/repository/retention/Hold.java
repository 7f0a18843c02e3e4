package dev.tidemark.repository.retention;

import dev.tidemark.schemas.change.TreeName;

/**
 * An instant that no policy may take out of its tree's history until it is released.
 *
 * @param sequence the change after which the tree stood so
 * @param note why, for people
 * @param sinceMillis when it was put, by the store's clock
 */
public record Hold(TreeName tree, long sequence, String note, long sinceMillis) {}
