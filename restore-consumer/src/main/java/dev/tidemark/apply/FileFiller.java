package dev.tidemark.apply;

import dev.tidemark.apply.ExtentWalk.Placed;
import dev.tidemark.schemas.change.Content;
import dev.tidemark.schemas.change.Extent;
import dev.tidemark.schemas.chunk.ChunkId;
import dev.tidemark.schemas.frame.CorruptFrameException;
import dev.tidemark.schemas.frame.Frame;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Writes a file's chunks, each proved against its id first, a bounded window of them at a time. */
public final class FileFiller {
  /** Most plain bytes that one window holds, but for a last chunk. */
  public static final long WINDOW_BYTES = 8 << 20;

  private FileFiller() {}

  /** Takes the bytes of a file's chunks. */
  public interface Sink {
    /**
     * @param position of the first byte in the file
     */
    void write(long position, byte[] bytes) throws IOException;
  }

  /** Writes all of a file from a source, windows one after the other. */
  public static void fill(StagedFile file, FrameSource source) throws IOException {
    copy(file.node().content(), source, file::write);
  }

  /** Writes all chunks of some content in file order, and nothing for its holes. */
  public static void copy(Content content, FrameSource source, Sink sink) throws IOException {
    ExtentWalk walk = new ExtentWalk(content, source);
    for (List<Placed> window = nextWindow(walk); !window.isEmpty(); window = nextWindow(walk)) {
      write(window, source, sink);
    }
  }

  /** The next chunks of a file, empty at its end. */
  public static List<Placed> nextWindow(ExtentWalk walk) throws IOException {
    List<Placed> window = new ArrayList<>();
    long bytes = 0;
    while (bytes < WINDOW_BYTES) {
      Optional<Placed> next = walk.next();
      if (next.isEmpty()) {
        break;
      }
      window.add(next.get());
      bytes += next.get().chunk().plainBytes();
    }
    return window;
  }

  /** Writes one window from a source. */
  public static void fill(StagedFile file, List<Placed> window, FrameSource source)
      throws IOException {
    write(window, source, file::write);
  }

  private static void write(List<Placed> window, FrameSource source, Sink sink) throws IOException {
    List<Extent.Chunk> chunks = window.stream().map(Placed::chunk).toList();
    Map<ChunkId, byte[]> frames = source.read(chunks);
    List<Extent.Chunk> missing = FrameSource.missing(chunks, frames);
    if (!missing.isEmpty()) {
      throw new MissingChunksException(missing.getFirst().id(), missing.size());
    }
    for (Placed placed : window) {
      Extent.Chunk chunk = placed.chunk();
      sink.write(placed.position(), plain(chunk, frames.get(chunk.id()), source));
    }
  }

  private static byte[] plain(Extent.Chunk chunk, byte @Nullable [] frame, FrameSource source)
      throws IOException {
    byte[] plain;
    try {
      plain = Frame.decode(chunk.id(), Objects.requireNonNull(frame));
    } catch (CorruptFrameException e) {
      plain = source.recover(chunk, e);
    }
    if (plain.length != chunk.plainBytes()) {
      throw new CorruptFrameException(
          "chunk %s has %d bytes, %d claimed"
              .formatted(chunk.id(), plain.length, chunk.plainBytes()));
    }
    return plain;
  }
}
