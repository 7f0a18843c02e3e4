package dev.tidemark.mirror;

import dev.tidemark.apply.ExtentWalk;
import dev.tidemark.apply.ExtentWalk.Placed;
import dev.tidemark.apply.FrameSource;
import dev.tidemark.filesystem.linux.Descriptor;
import dev.tidemark.filesystem.linux.FileStatus;
import dev.tidemark.filesystem.linux.LinuxFiles;
import dev.tidemark.filesystem.linux.SystemCallException;
import dev.tidemark.schemas.change.Extent;
import dev.tidemark.schemas.change.Node;
import dev.tidemark.schemas.chunk.ChunkId;
import dev.tidemark.schemas.frame.Frame;
import java.io.IOException;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The chunks of a large file that its version in the target holds already: of a new version only
 * what changed is fetched. Its bytes are proved against the chunk ids like any others.
 */
final class OldVersion implements FrameSource, AutoCloseable {
  /** Below this, one fetch brings the whole file. */
  private static final long MIN_BYTES = 1 << 20;

  private static final int MAX_CHUNKS = 200_000;

  private final Descriptor file;
  private final Map<ChunkId, Placed> chunks;

  private OldVersion(Descriptor file, Map<ChunkId, Placed> chunks) {
    this.file = file;
    this.chunks = chunks;
  }

  /** Opens what stands at a name, if it is large and as it was left; empty if it is of no use. */
  static Optional<OldVersion> open(
      Descriptor parent, byte[] name, StateEntry before, FrameSource lists) {
    if (!(before.node() instanceof Node.File old) || old.content().size() < MIN_BYTES) {
      return Optional.empty();
    }
    try {
      Optional<FileStatus> is = LinuxFiles.findStatus(parent, name);
      if (is.isEmpty()
          || is.get().size() != old.content().size()
          || !Signature.of(is.get()).equals(before.signature())) {
        return Optional.empty();
      }
      Map<ChunkId, Placed> chunks = new HashMap<>();
      ExtentWalk walk = new ExtentWalk(old.content(), lists);
      for (Optional<Placed> next = walk.next();
          next.isPresent() && chunks.size() < MAX_CHUNKS;
          next = walk.next()) {
        chunks.put(next.get().chunk().id(), next.get());
      }
      return Optional.of(new OldVersion(LinuxFiles.openForReading(parent, name), chunks));
    } catch (IOException unusable) {
      // Gone meanwhile, or its lists are: then everything is fetched.
      return Optional.empty();
    }
  }

  @Override
  public Map<ChunkId, byte[]> read(Collection<Extent.Chunk> wanted) throws IOException {
    Map<ChunkId, byte[]> found = new HashMap<>();
    for (Extent.Chunk chunk : wanted) {
      Placed placed = chunks.get(chunk.id());
      if (placed != null && !found.containsKey(chunk.id())) {
        byte[] bytes = new byte[placed.chunk().plainBytes()];
        if (readFully(placed.position(), bytes)) {
          found.put(chunk.id(), Frame.store(bytes, 0, bytes.length));
        }
      }
    }
    return found;
  }

  private boolean readFully(long position, byte[] into) throws SystemCallException {
    int read = 0;
    while (read < into.length) {
      int got = LinuxFiles.readAt(file, position + read, into, read, into.length - read);
      if (got == 0) {
        return false;
      }
      read += got;
    }
    return true;
  }

  @Override
  public void close() throws SystemCallException {
    file.close();
  }
}
