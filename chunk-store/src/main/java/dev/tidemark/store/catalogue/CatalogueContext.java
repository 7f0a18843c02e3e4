package dev.tidemark.store.catalogue;

import dev.tidemark.repository.Repository;
import dev.tidemark.store.counts.Counters;
import dev.tidemark.store.flush.FlushRequests;
import dev.tidemark.store.source.ChangeSource;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.Executor;

/**
 * What all catalogue tasks of a process share.
 *
 * @param changesTopic Kafka's id of the changes topic as it is now, and likewise {@code
 *     chunksTopic}
 * @param chunksRetention for how long the chunks topic keeps what is not sealed yet
 * @param work runs what blocks on the repository or the log
 * @param segmentWritten told of each segment that is durable
 * @param trace told of the way of single changes
 */
public record CatalogueContext(
    UUID changesTopic,
    int changesPartitions,
    UUID chunksTopic,
    int chunksPartitions,
    Repository repository,
    ChangeSource changes,
    FlushRequests flushes,
    SealLimits limits,
    Duration chunksRetention,
    MemoryBudget memory,
    Executor work,
    TreeStates states,
    SegmentListener segmentWritten,
    Counters counters,
    SealTrace trace) {}
