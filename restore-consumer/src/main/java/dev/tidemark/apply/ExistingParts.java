package dev.tidemark.apply;

import dev.tidemark.apply.ExtentWalk.Placed;
import dev.tidemark.filesystem.linux.Descriptor;
import dev.tidemark.filesystem.linux.FileStatus;
import dev.tidemark.filesystem.linux.FileType;
import dev.tidemark.filesystem.linux.LinuxFiles;
import dev.tidemark.schemas.change.Content;
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
 * Chunks of a file that stand at their places in an older version of it: of what was changed in
 * place, or appended to, only the rest is fetched. Safe from several threads.
 */
final class ExistingParts implements FrameSource {
  static final ExistingParts NONE = new ExistingParts(Optional::empty, Map.of(), 0);

  /** Of a larger file the rest is fetched. */
  private static final int MAX_PLACES = 1 << 17;

  private final Opener opener;

  /** Where the bytes of a chunk were found. */
  private final Map<ChunkId, Long> places;

  private final long bytes;

  private ExistingParts(Opener opener, Map<ChunkId, Long> places, long bytes) {
    this.opener = opener;
    this.places = places;
    this.bytes = bytes;
  }

  /** Opens the older version; empty if there is none that could be of use. */
  interface Opener {
    Optional<Descriptor> open() throws IOException;
  }

  /** What stands at a name, if it is a file with bytes in it. */
  static Optional<Descriptor> openFile(Descriptor parent, byte[] name) throws IOException {
    Optional<FileStatus> is = LinuxFiles.findStatus(parent, name);
    return is.isPresent() && is.get().type() == FileType.REGULAR && is.get().size() > 0
        ? Optional.of(LinuxFiles.openForReading(parent, name))
        : Optional.empty();
  }

  /**
   * Reads and hashes an older version at the places where chunks are to stand.
   *
   * @param lists where nested lists of extents come from
   */
  static ExistingParts find(Opener opener, Content content, FrameSource lists) {
    Map<ChunkId, Long> places = new HashMap<>();
    try {
      Optional<Descriptor> opened = opener.open();
      if (opened.isEmpty()) {
        return NONE;
      }
      try (Descriptor file = opened.get()) {
        long found = find(file, new ExtentWalk(content, lists), places);
        return new ExistingParts(opener, places, found);
      }
    } catch (IOException unusable) {
      // Gone, not ours to read, or its lists are not to be had: writing it will say so.
      return NONE;
    }
  }

  private static long find(Descriptor file, ExtentWalk walk, Map<ChunkId, Long> places)
      throws IOException {
    long size = LinuxFiles.status(file).size();
    long found = 0;
    for (Optional<Placed> next = walk.next();
        next.isPresent() && places.size() < MAX_PLACES;
        next = walk.next()) {
      long position = next.get().position();
      Extent.Chunk chunk = next.get().chunk();
      if (position + chunk.plainBytes() > size) {
        break;
      }
      byte[] bytes = new byte[chunk.plainBytes()];
      if (ExistingCheck.readFully(file, position, bytes, bytes.length)
          && ChunkId.computeOf(bytes).equals(chunk.id())) {
        places.put(chunk.id(), position);
        found += bytes.length;
      }
    }
    return found;
  }

  /** How many bytes of the file are here. */
  long bytes() {
    return bytes;
  }

  /** Those that have to be fetched. */
  List<Extent.Chunk> missing(Collection<Extent.Chunk> wanted) {
    return wanted.stream().filter(chunk -> !places.containsKey(chunk.id())).toList();
  }

  @Override
  public Map<ChunkId, byte[]> read(Collection<Extent.Chunk> wanted) throws IOException {
    if (places.isEmpty()) {
      return Map.of();
    }
    Map<ChunkId, byte[]> frames = new HashMap<>();
    try {
      Optional<Descriptor> opened = opener.open();
      if (opened.isEmpty()) {
        return frames;
      }
      try (Descriptor file = opened.get()) {
        for (Extent.Chunk chunk : wanted) {
          Long position = places.get(chunk.id());
          byte[] bytes = new byte[position == null ? 0 : chunk.plainBytes()];
          if (position != null && ExistingCheck.readFully(file, position, bytes, bytes.length)) {
            frames.put(chunk.id(), Frame.store(bytes, 0, bytes.length));
          }
        }
      }
    } catch (IOException goneMeanwhile) {
      // What is not found here is fetched.
      return frames;
    }
    return frames;
  }
}
