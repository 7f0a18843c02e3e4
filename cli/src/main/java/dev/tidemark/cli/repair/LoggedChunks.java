package dev.tidemark.cli.repair;

import dev.tidemark.log.FrameScan;
import dev.tidemark.log.LogAdmin;
import dev.tidemark.log.LogConnection;
import dev.tidemark.log.LogTopics;
import dev.tidemark.repository.pack.PackEntry;
import dev.tidemark.repository.verify.ChunkSource;
import dev.tidemark.schemas.chunk.ChunkId;
import java.io.IOException;
import java.util.Set;

/** The chunks topic: what was sent within its retention. */
public final class LoggedChunks implements ChunkSource {
  private final LogConnection log;
  private final int partitions;

  /**
   * @param partitions in how many the repository's chunks are spread
   */
  public LoggedChunks(LogConnection log, int partitions) {
    this.log = log;
    this.partitions = partitions;
  }

  @Override
  public String name() {
    return "the log at " + log.bootstrapServers();
  }

  @Override
  public void find(Set<ChunkId> wanted, Finder onFound) throws IOException {
    LogTopics topics;
    try (LogAdmin admin = LogAdmin.connect(log)) {
      topics = admin.requireTopics();
    }
    FrameScan.find(
        log, topics, partitions, wanted, (id, frame) -> onFound.found(new PackEntry(id, frame)));
  }
}
