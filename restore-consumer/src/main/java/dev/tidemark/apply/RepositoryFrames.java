package dev.tidemark.apply;

import dev.tidemark.repository.Repository;
import dev.tidemark.repository.blob.BlobMissingException;
import dev.tidemark.repository.index.ChunkLocation;
import dev.tidemark.repository.pack.CorruptPackException;
import dev.tidemark.repository.pack.PackId;
import dev.tidemark.schemas.change.Extent;
import dev.tidemark.schemas.chunk.ChunkId;
import dev.tidemark.schemas.frame.CorruptFrameException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Frames out of the repository. Frames that lie close together in a pack are read at once, so that
 * many small files cost few requests.
 */
public final class RepositoryFrames implements FrameSource {
  /** Reading what lies between costs less than another request. */
  private static final int MAX_GAP_BYTES = 64 << 10;

  private static final int MAX_READ_BYTES = 8 << 20;

  private final Repository repository;
  private final RunReader runs;

  public RepositoryFrames(Repository repository) {
    this.repository = repository;
    this.runs =
        repository.store().isRemote() ? new PackSegments(repository)::read : repository::readPack;
  }

  private interface RunReader {
    byte[] read(PackId pack, int position, int length) throws IOException;
  }

  private record Located(ChunkId id, ChunkLocation at) {
    int end() {
      return at.position() + at.length();
    }
  }

  @Override
  public Map<ChunkId, byte[]> read(Collection<Extent.Chunk> wanted) throws IOException {
    Map<ChunkId, Located> located = new HashMap<>();
    locate(wanted, located);
    if (wanted.stream().anyMatch(chunk -> !located.containsKey(chunk.id()))) {
      repository.refresh();
      locate(wanted, located);
    }
    Map<PackId, List<Located>> byPack = new HashMap<>();
    for (Located chunk : located.values()) {
      byPack.computeIfAbsent(chunk.at().pack(), _ -> new ArrayList<>()).add(chunk);
    }
    Map<ChunkId, byte[]> frames = HashMap.newHashMap(located.size());
    for (List<Located> chunks : byPack.values()) {
      chunks.sort(Comparator.comparingInt(chunk -> chunk.at().position()));
      readPack(chunks, frames);
    }
    return frames;
  }

  private void locate(Collection<Extent.Chunk> wanted, Map<ChunkId, Located> located)
      throws IOException {
    for (Extent.Chunk chunk : wanted) {
      if (!located.containsKey(chunk.id())) {
        Optional<ChunkLocation> at = repository.locate(chunk.id());
        if (at.isPresent()) {
          located.put(chunk.id(), new Located(chunk.id(), at.get()));
        }
      }
    }
  }

  private void readPack(List<Located> chunks, Map<ChunkId, byte[]> frames) throws IOException {
    int from = 0;
    for (int next = 1; next <= chunks.size(); next++) {
      if (next == chunks.size() || !joins(chunks, from, next)) {
        readRun(chunks.subList(from, next), frames);
        from = next;
      }
    }
  }

  private static boolean joins(List<Located> chunks, int from, int next) {
    Located chunk = chunks.get(next);
    return chunk.at().position() - chunks.get(next - 1).end() <= MAX_GAP_BYTES
        && chunk.end() - chunks.get(from).at().position() <= MAX_READ_BYTES;
  }

  private void readRun(List<Located> run, Map<ChunkId, byte[]> frames) throws IOException {
    int start = run.getFirst().at().position();
    int length = run.getLast().end() - start;
    byte[] bytes;
    try {
      bytes = runs.read(run.getFirst().at().pack(), start, length);
    } catch (BlobMissingException | CorruptPackException e) {
      // The repository knows to look elsewhere, one chunk at a time.
      for (Located chunk : run) {
        frames.put(chunk.id(), repository.readFrame(chunk.id()));
      }
      return;
    }
    for (Located chunk : run) {
      int at = chunk.at().position() - start;
      frames.put(chunk.id(), Arrays.copyOfRange(bytes, at, at + chunk.at().length()));
    }
  }

  @Override
  public byte[] recover(Extent.Chunk chunk, CorruptFrameException damage) throws IOException {
    try {
      return repository.readChunk(chunk.id());
    } catch (IOException e) {
      e.addSuppressed(damage);
      throw e;
    }
  }
}
