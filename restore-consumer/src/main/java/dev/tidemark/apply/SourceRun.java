package dev.tidemark.apply;

import dev.tidemark.schemas.change.Extent;
import dev.tidemark.schemas.chunk.ChunkId;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/** Some chunks in the order in which they were asked for, of a source that knows no better. */
record SourceRun(FrameSource source, List<Extent.Chunk> chunks, long bytes) implements FrameRun {
  private static final long MAX_BYTES = 4 << 20;

  static List<FrameRun> split(FrameSource source, Collection<Extent.Chunk> wanted) {
    List<FrameRun> runs = new ArrayList<>();
    List<Extent.Chunk> chunks = new ArrayList<>();
    long bytes = 0;
    for (Extent.Chunk chunk : wanted) {
      chunks.add(chunk);
      bytes += chunk.plainBytes();
      if (bytes >= MAX_BYTES) {
        runs.add(new SourceRun(source, List.copyOf(chunks), bytes));
        chunks.clear();
        bytes = 0;
      }
    }
    if (!chunks.isEmpty()) {
      runs.add(new SourceRun(source, List.copyOf(chunks), bytes));
    }
    return runs;
  }

  @Override
  public Map<ChunkId, byte[]> read() throws IOException {
    return source.read(chunks);
  }
}
