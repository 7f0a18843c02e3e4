package dev.tidemark.apply;

import dev.tidemark.schemas.change.Content;
import dev.tidemark.schemas.change.Extent;
import dev.tidemark.schemas.change.FramePosition;
import dev.tidemark.schemas.change.Metadata;
import dev.tidemark.schemas.change.Metadata.FileTime;
import dev.tidemark.schemas.change.Node;
import dev.tidemark.schemas.chunk.ChunkId;
import dev.tidemark.schemas.frame.Frame;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** Frames in memory, and files made of them. */
public final class TestFrames implements FrameSource {
  public static final int CHUNK_BYTES = 60_000;

  private final Map<ChunkId, byte[]> frames = new ConcurrentHashMap<>();

  /** A file's node; its chunks are kept here. */
  public Node.File file(byte[] bytes, int mode, FileTime mtime) {
    return new Node.File(Metadata.of(mode, 0, 0, mtime), content(bytes));
  }

  public Content content(byte[] bytes) {
    List<Extent> extents = new ArrayList<>();
    for (int from = 0; from < bytes.length; from += CHUNK_BYTES) {
      extents.add(chunk(bytes, from, Math.min(CHUNK_BYTES, bytes.length - from)));
    }
    return new Content(bytes.length, extents, false);
  }

  public Extent.Chunk chunk(byte[] bytes, int from, int length) {
    ChunkId id = ChunkId.computeOf(bytes, from, length);
    frames.put(id, Frame.compress(bytes, from, length));
    return new Extent.Chunk(id, length, FramePosition.UNKNOWN);
  }

  public void damage(Extent.Chunk chunk) {
    byte[] frame = Objects.requireNonNull(frames.get(chunk.id())).clone();
    frame[frame.length - 1] ^= 1;
    frames.put(chunk.id(), frame);
  }

  public void forget(Extent.Chunk chunk) {
    frames.remove(chunk.id());
  }

  public byte[] plain(Content content) throws Exception {
    byte[] all = new byte[Math.toIntExact(content.size())];
    ExtentWalk walk = new ExtentWalk(content, this);
    for (var next = walk.next(); next.isPresent(); next = walk.next()) {
      ChunkId id = next.get().chunk().id();
      byte[] plain = Frame.decode(id, Objects.requireNonNull(frames.get(id)));
      System.arraycopy(plain, 0, all, (int) next.get().position(), plain.length);
    }
    return all;
  }

  public Optional<byte[]> find(ChunkId id) {
    return Optional.ofNullable(frames.get(id));
  }

  public Map<ChunkId, byte[]> all() {
    return Map.copyOf(frames);
  }

  @Override
  public Map<ChunkId, byte[]> read(Collection<Extent.Chunk> wanted) {
    Map<ChunkId, byte[]> found = new ConcurrentHashMap<>();
    for (Extent.Chunk chunk : wanted) {
      byte[] frame = frames.get(chunk.id());
      if (frame != null) {
        found.put(chunk.id(), frame);
      }
    }
    return found;
  }
}
