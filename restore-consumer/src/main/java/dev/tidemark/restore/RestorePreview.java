package dev.tidemark.restore;

import dev.tidemark.apply.SyncPreview.Preview;
import dev.tidemark.schemas.change.TreeName;

/**
 * What a restore would do.
 *
 * @param sequence of the last change in the tree
 * @param logTimeMillis effective log time of that change
 * @param entries that are wanted, right already or not
 * @param bytes of the files among them
 */
public record RestorePreview(
    TreeName tree, long sequence, long logTimeMillis, long entries, long bytes, Preview preview) {}
