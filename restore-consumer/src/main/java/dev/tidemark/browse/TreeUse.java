package dev.tidemark.browse;

import dev.tidemark.apply.ExtentWalk;
import dev.tidemark.apply.FrameSource;
import dev.tidemark.repository.stats.ChunkUse;
import dev.tidemark.schemas.change.Extent;
import dev.tidemark.schemas.change.Node;
import dev.tidemark.schemas.change.NodePath;
import dev.tidemark.schemas.tree.EntryStream;
import dev.tidemark.schemas.tree.TreeEntry;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * What trees hold and take, counted by a walk through each of them. Memory does not grow with them.
 * Owned by one thread.
 */
public final class TreeUse {
  private final FrameSource frames;
  private final ChunkUse chunks;
  private long files;
  private long directories;
  private long others;
  private long bytes;
  private ChunkUse.Stored stored = new ChunkUse.Stored(0, 0);

  /**
   * @param frames for lists of extents
   */
  public TreeUse(FrameSource frames, ChunkUse chunks) {
    this.frames = frames;
    this.chunks = chunks;
  }

  /** Counts all entries of a tree. */
  public void add(OpenTree tree) throws IOException {
    try (EntryStream entries = tree.tree().subtree(NodePath.ROOT)) {
      for (Optional<TreeEntry> next = entries.next(); next.isPresent(); next = entries.next()) {
        switch (next.get().node()) {
          case Node.File file -> {
            files++;
            bytes += file.content().size();
            add(file.content().extents());
          }
          case Node.Directory _ -> directories++;
          case Node.Symlink _, Node.Fifo _, Node.Device _ -> others++;
        }
      }
    }
  }

  private void add(List<Extent> extents) throws IOException {
    for (Extent extent : extents) {
      switch (extent) {
        case Extent.Hole _ -> {}
        case Extent.Chunk chunk -> chunks.add(chunk.id(), chunk.plainBytes());
        case Extent.Nested nested -> {
          chunks.addList(nested.list().id());
          add(ExtentWalk.readList(nested, frames));
        }
      }
    }
  }

  /** Looks up what the chunks take, once all is added. */
  public void lookUp() throws IOException {
    stored = chunks.stored();
  }

  /** Each name of a file of several counts. */
  public long files() {
    return files;
  }

  public long directories() {
    return directories;
  }

  /** Symlinks, FIFOs and devices. */
  public long others() {
    return others;
  }

  /** Sum of the files' lengths. */
  public long bytes() {
    return bytes;
  }

  /** Distinct chunks, lists included. */
  public long chunks() {
    return chunks.chunks();
  }

  /** What is left of {@link #bytes()} without holes and what is there twice. */
  public long uniqueBytes() {
    return chunks.plainBytes();
  }

  /** What the chunks take in packs, as far as they are in any. */
  public long storedBytes() {
    return stored.bytes();
  }

  /** Chunks that only the log holds. */
  public long chunksNotStored() {
    return Math.max(0, chunks.chunks() - stored.chunks());
  }
}
