package dev.tidemark.store.dedup;

import dev.tidemark.repository.Repository;
import dev.tidemark.store.counts.Counters;
import dev.tidemark.store.flush.FlushRequests;
import dev.tidemark.store.pack.PackWriter;
import dev.tidemark.store.source.FrameSource;
import java.util.UUID;

/**
 * What all dedup tasks of a process share.
 *
 * @param chunksTopic Kafka's id of the chunks topic as it is now
 * @param chunksPartitions the count by which chunk ids are partitioned
 */
public record DedupContext(
    UUID chunksTopic,
    int chunksPartitions,
    Repository repository,
    PackWriter packs,
    FrameSource frames,
    FlushRequests flushes,
    Counters counters) {}
