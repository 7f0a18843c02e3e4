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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Frames out of the repository. Frames that lie close together in a pack are read at once, so that
 * many small files cost few requests. Safe to call from several threads.
 */
public final class RepositoryFrames implements FrameSource {
  /** What may lie between two frames of a run, and how long a run may be, in bytes. */
  private record Limits(int gap, int run) {
    /** Reading what lies between costs less than another request. */
    static final Limits LOCAL = new Limits(64 << 10, 1 << 20);

    /** A request costs a way there and back; several of them are under way at once. */
    static final Limits REMOTE = new Limits(256 << 10, 2 << 20);
  }

  private final Repository repository;
  private final Limits limits;

  public RepositoryFrames(Repository repository) {
    this.repository = repository;
    this.limits = repository.store().isRemote() ? Limits.REMOTE : Limits.LOCAL;
  }

  private record Located(Extent.Chunk chunk, ChunkLocation at) {
    int end() {
      return at.position() + at.length();
    }
  }

  @Override
  public Map<ChunkId, byte[]> read(Collection<Extent.Chunk> wanted) throws IOException {
    Map<ChunkId, byte[]> frames = HashMap.newHashMap(wanted.size());
    for (FrameRun run : runs(wanted)) {
      frames.putAll(run.read());
    }
    return frames;
  }

  /** By packs, and in the order of their bytes. */
  @Override
  public List<FrameRun> runs(Collection<Extent.Chunk> wanted) throws IOException {
    Map<PackId, List<Located>> byPack = new LinkedHashMap<>();
    for (Located chunk : locate(wanted)) {
      byPack.computeIfAbsent(chunk.at().pack(), _ -> new ArrayList<>()).add(chunk);
    }
    List<FrameRun> runs = new ArrayList<>();
    for (List<Located> chunks : byPack.values()) {
      chunks.sort(Comparator.comparingInt(chunk -> chunk.at().position()));
      int from = 0;
      for (int next = 1; next <= chunks.size(); next++) {
        if (next == chunks.size() || !joins(chunks, from, next)) {
          runs.add(new PackRun(List.copyOf(chunks.subList(from, next))));
          from = next;
        }
      }
    }
    return runs;
  }

  @Override
  public long frameBytes(Extent.Chunk chunk) {
    try {
      return repository
          .locate(chunk.id())
          .filter(ChunkLocation::isPossible)
          .map(at -> (long) at.length())
          .orElse((long) chunk.plainBytes());
    } catch (IOException e) {
      // Whoever reads the frame meets it again, and tells of it.
      return chunk.plainBytes();
    }
  }

  private Collection<Located> locate(Collection<Extent.Chunk> wanted) throws IOException {
    Map<ChunkId, Located> located = LinkedHashMap.newLinkedHashMap(wanted.size());
    locate(wanted, located);
    if (wanted.stream().anyMatch(chunk -> !located.containsKey(chunk.id()))) {
      repository.refresh();
      locate(wanted, located);
    }
    return located.values();
  }

  private void locate(Collection<Extent.Chunk> wanted, Map<ChunkId, Located> located)
      throws IOException {
    for (Extent.Chunk chunk : wanted) {
      if (!located.containsKey(chunk.id())) {
        Optional<ChunkLocation> at = repository.locate(chunk.id());
        if (at.isPresent() && at.get().isPossible()) {
          located.put(chunk.id(), new Located(chunk, at.get()));
        }
      }
    }
  }

  private boolean joins(List<Located> chunks, int from, int next) {
    Located chunk = chunks.get(next);
    return chunk.at().position() - chunks.get(next - 1).end() <= limits.gap()
        && chunk.end() - chunks.get(from).at().position() <= limits.run();
  }

  /** Neighbours in one pack. */
  private final class PackRun implements FrameRun {
    private final List<Located> located;

    PackRun(List<Located> located) {
      this.located = located;
    }

    private int start() {
      return located.getFirst().at().position();
    }

    @Override
    public List<Extent.Chunk> chunks() {
      return located.stream().map(Located::chunk).toList();
    }

    @Override
    public long bytes() {
      return located.getLast().end() - start();
    }

    @Override
    public Map<ChunkId, byte[]> read() throws IOException {
      Map<ChunkId, byte[]> frames = HashMap.newHashMap(located.size());
      byte[] bytes;
      try {
        bytes = repository.readPack(located.getFirst().at().pack(), start(), (int) bytes());
      } catch (BlobMissingException | CorruptPackException e) {
        // The repository knows to look elsewhere, one chunk at a time.
        for (Located chunk : located) {
          frames.put(chunk.chunk().id(), repository.readFrame(chunk.chunk().id()));
        }
        return frames;
      }
      for (Located chunk : located) {
        int at = chunk.at().position() - start();
        frames.put(chunk.chunk().id(), Arrays.copyOfRange(bytes, at, at + chunk.at().length()));
      }
      return frames;
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
