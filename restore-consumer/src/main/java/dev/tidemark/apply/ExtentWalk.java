package dev.tidemark.apply;

import dev.tidemark.schemas.change.Content;
import dev.tidemark.schemas.change.Extent;
import dev.tidemark.schemas.chunk.ChunkId;
import dev.tidemark.schemas.codec.Records;
import dev.tidemark.schemas.frame.CorruptFrameException;
import dev.tidemark.schemas.frame.Frame;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The chunks of a file in file order with their places; nested lists are read when they are met.
 */
public final class ExtentWalk {
  /** Deeper lists than any file needs: 4,096 to this power. */
  private static final int MAX_DEPTH = 5;

  private final FrameSource source;
  private final long size;
  private final Deque<Iterator<Extent>> lists = new ArrayDeque<>();
  private long position;

  public ExtentWalk(Content content, FrameSource source) {
    this.source = source;
    this.size = content.size();
    lists.push(content.extents().iterator());
  }

  /** A chunk and where in the file its bytes stand. */
  public record Placed(Extent.Chunk chunk, long position) {}

  /**
   * The next chunk; empty at the end.
   *
   * @throws MissingChunksException if a nested list is nowhere
   * @throws CorruptFrameException if a list is damaged, or does not cover what it claims
   */
  public Optional<Placed> next() throws IOException {
    while (!lists.isEmpty()) {
      if (!lists.element().hasNext()) {
        lists.pop();
        continue;
      }
      switch (lists.element().next()) {
        case Extent.Hole(long bytes) -> position += bytes;
        case Extent.Nested nested -> open(nested);
        case Extent.Chunk chunk -> {
          Placed placed = new Placed(chunk, position);
          position += chunk.plainBytes();
          if (position > size) {
            throw new CorruptFrameException(
                "the extents of a file of %d bytes go to byte %d".formatted(size, position));
          }
          return Optional.of(placed);
        }
      }
    }
    if (position != size) {
      throw new CorruptFrameException(
          "the extents of a file of %d bytes cover %d".formatted(size, position));
    }
    return Optional.empty();
  }

  private void open(Extent.Nested nested) throws IOException {
    if (lists.size() > MAX_DEPTH) {
      throw new CorruptFrameException(
          "extent list %s is nested too deep".formatted(nested.list().id()));
    }
    lists.push(readList(nested, source).iterator());
  }

  /**
   * Reads one nested list.
   *
   * @throws MissingChunksException if it is nowhere
   * @throws CorruptFrameException if it is damaged, or does not cover what it claims
   */
  public static List<Extent> readList(Extent.Nested nested, FrameSource source) throws IOException {
    ChunkId id = nested.list().id();
    Map<ChunkId, byte[]> frames = source.read(List.of(nested.list()));
    byte[] frame = frames.get(id);
    if (frame == null) {
      throw new MissingChunksException(id, 1);
    }
    List<Extent> extents = Records.decodeExtents(Frame.decode(id, frame));
    long covered = extents.stream().mapToLong(Extent::bytes).sum();
    if (covered != nested.bytes()) {
      throw new CorruptFrameException(
          "extent list %s covers %d bytes, %d claimed".formatted(id, covered, nested.bytes()));
    }
    return extents;
  }
}
