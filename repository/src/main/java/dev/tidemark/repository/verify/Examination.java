package dev.tidemark.repository.verify;

import dev.tidemark.repository.blob.BlobName;
import dev.tidemark.repository.pack.PackId;
import dev.tidemark.repository.treelog.LogSegment;
import dev.tidemark.schemas.change.TreeName;
import dev.tidemark.schemas.chunk.ChunkId;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What a check has seen, for a repair.
 *
 * @param damagedPacks packs that are there and damaged, with the chunks that are whole in them
 * @param missingPacks packs that the index names and that are not there
 * @param lost chunks that are named and can be read nowhere
 * @param damagedSnapshots by sequence; those that name a damaged manifest among them
 * @param damagedSegments log segments that are there and damaged
 * @param worthless damaged announcements of clean-up and marks of merged segments
 */
record Examination(
    VerifyReport report,
    List<BlobName> damagedIndexBlobs,
    Map<PackId, Set<ChunkId>> damagedPacks,
    Set<PackId> missingPacks,
    Set<ChunkId> lost,
    Map<TreeName, Set<Long>> damagedSnapshots,
    Map<TreeName, Set<LogSegment>> damagedSegments,
    Set<BlobName> worthless) {}
