package dev.tidemark.apply;

import dev.tidemark.apply.ExtentWalk.Placed;
import dev.tidemark.filesystem.linux.Descriptor;
import dev.tidemark.filesystem.linux.FileStatus;
import dev.tidemark.filesystem.linux.FileType;
import dev.tidemark.filesystem.linux.LinuxFiles;
import dev.tidemark.filesystem.linux.SystemCallException;
import dev.tidemark.schemas.change.Extent;
import dev.tidemark.schemas.chunk.ChunkId;
import dev.tidemark.schemas.frame.Frame;
import java.io.IOException;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Chunks of a file that stand at their places in the version of it that the target has: of what was
 * changed in place, or appended to, only the rest is fetched. Safe from several threads.
 */
final class ExistingParts implements FrameSource {
  private final SyncJob job;

  /** Where the bytes of a chunk were found. */
  private final Map<ChunkId, Long> places;

  private final long bytes;

  private ExistingParts(SyncJob job, Map<ChunkId, Long> places, long bytes) {
    this.job = job;
    this.places = places;
    this.bytes = bytes;
  }

  /** Of a file that is not there. */
  static ExistingParts none(SyncJob job) {
    return new ExistingParts(job, Map.of(), 0);
  }

  /**
   * Reads and hashes what stands at a file's name.
   *
   * @param lists where nested lists of extents come from
   */
  static ExistingParts find(SyncJob job, FrameSource lists) {
    Descriptor parent = job.directory().descriptor();
    Map<ChunkId, Long> places = new HashMap<>();
    long found = 0;
    try {
      Optional<FileStatus> is = LinuxFiles.findStatus(parent, job.name());
      if (is.isEmpty() || is.get().type() != FileType.REGULAR || is.get().size() == 0) {
        return none(job);
      }
      try (Descriptor file = LinuxFiles.openForReading(parent, job.name())) {
        ExtentWalk walk = new ExtentWalk(job.file().content(), lists);
        for (Optional<Placed> next = walk.next(); next.isPresent(); next = walk.next()) {
          long position = next.get().position();
          Extent.Chunk chunk = next.get().chunk();
          if (position + chunk.plainBytes() > is.get().size()) {
            break;
          }
          byte[] bytes = new byte[chunk.plainBytes()];
          if (ExistingCheck.readFully(file, position, bytes, bytes.length)
              && ChunkId.computeOf(bytes).equals(chunk.id())) {
            places.put(chunk.id(), position);
            found += bytes.length;
          }
        }
      }
    } catch (IOException unusable) {
      // Gone, not ours to read, or its lists are not to be had: writing it will say so.
      return new ExistingParts(job, places, found);
    }
    return new ExistingParts(job, places, found);
  }

  /** How many bytes of the file are here. */
  long bytes() {
    return bytes;
  }

  /** Those that have to be fetched. */
  List<Extent.Chunk> missing(Collection<Extent.Chunk> wanted) {
    return places.isEmpty()
        ? List.copyOf(wanted)
        : wanted.stream().filter(chunk -> !places.containsKey(chunk.id())).toList();
  }

  @Override
  public Map<ChunkId, byte[]> read(Collection<Extent.Chunk> wanted) throws IOException {
    if (places.isEmpty()) {
      return Map.of();
    }
    Map<ChunkId, byte[]> frames = new HashMap<>();
    try (Descriptor file = LinuxFiles.openForReading(job.directory().descriptor(), job.name())) {
      for (Extent.Chunk chunk : wanted) {
        Long position = places.get(chunk.id());
        byte[] bytes = new byte[position == null ? 0 : chunk.plainBytes()];
        if (position != null && ExistingCheck.readFully(file, position, bytes, bytes.length)) {
          frames.put(chunk.id(), Frame.store(bytes, 0, bytes.length));
        }
      }
    } catch (SystemCallException e) {
      // It was there a moment ago. What is not found here is fetched.
      return Map.of();
    }
    return frames;
  }
}
