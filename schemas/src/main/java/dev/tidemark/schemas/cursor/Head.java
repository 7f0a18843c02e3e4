package dev.tidemark.schemas.cursor;

import dev.tidemark.schemas.change.TreeName;

/**
 * State of one tree as the cataloguer knows it, and the only state that it keeps.
 *
 * @param accepted up to the last record read
 * @param sealed up to the last change that is durable with all its chunks
 * @param lastHeartbeatMillis log time of the current writer's last record
 * @param sealingFault why sealing stands still, if it does
 */
public record Head(
    TreeName tree,
    Cursor accepted,
    Cursor sealed,
    long lastHeartbeatMillis,
    Fault sealingFault,
    long rejected,
    long repeated,
    long gapped) {}
