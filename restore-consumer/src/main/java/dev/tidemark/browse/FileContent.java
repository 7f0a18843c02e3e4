package dev.tidemark.browse;

import dev.tidemark.apply.FileFiller;
import dev.tidemark.apply.FrameSource;
import dev.tidemark.apply.MissingChunksException;
import dev.tidemark.repository.ChunkMissingException;
import dev.tidemark.repository.blob.CorruptBlobException;
import dev.tidemark.schemas.change.Content;
import dev.tidemark.schemas.change.DisplayText;
import dev.tidemark.schemas.change.Node;
import dev.tidemark.schemas.change.NodePath;
import dev.tidemark.schemas.frame.CorruptFrameException;
import java.io.IOException;
import java.io.OutputStream;

/**
 * The bytes of one file at an instant, in file order. Holds a window of {@link
 * FileFiller#WINDOW_BYTES} at a time, and proves each chunk against its id before it gives any byte
 * of it. Owned by one thread.
 */
public final class FileContent {
  private static final int ZERO_BYTES = 64 << 10;

  private final OpenTree tree;
  private final NodePath path;
  private final Content content;
  private final FrameSource frames;
  private long copied;

  private FileContent(OpenTree tree, NodePath path, Content content, FrameSource frames) {
    this.tree = tree;
    this.path = path;
    this.content = content;
    this.frames = frames;
  }

  /**
   * Finds the file.
   *
   * @throws IOException if nothing stands there, or no file; its message is for the user
   */
  public static FileContent open(OpenTree tree, NodePath path, FrameSource frames)
      throws IOException {
    return switch (tree.require(path)) {
      case Node.File file -> new FileContent(tree, path, file.content(), frames);
      case Node.Directory _ -> throw noFile(tree, path, "a directory; `tidemark ls` lists it");
      case Node.Symlink link ->
          throw noFile(
              tree,
              path,
              "a symbolic link to %s; give the path of what it points to"
                  .formatted(DisplayText.of(link.target().toArray())));
      case Node.Fifo _ -> throw noFile(tree, path, "a FIFO and has no content");
      case Node.Device _ -> throw noFile(tree, path, "a device and has no content");
    };
  }

  private static IOException noFile(OpenTree tree, NodePath path, String what) {
    return new IOException(
        "%s in tree %s is %s.".formatted(path.isRoot() ? "The root" : path, tree.name(), what));
  }

  /** Whether the file was written to while it was read; a newer version follows in the log. */
  public boolean isTorn() {
    return content.torn();
  }

  /** Bytes given so far. */
  public long copied() {
    return copied;
  }

  /**
   * Writes all bytes, holes as zeros. What failed in writing comes as it was thrown.
   *
   * @throws UnreadableContentException if a chunk is missing or damaged; all bytes before it are
   *     written
   */
  public void copyTo(OutputStream out) throws IOException {
    try {
      FileFiller.copy(content, frames, (position, bytes) -> put(out, position, bytes));
    } catch (CorruptFrameException
        | CorruptBlobException
        | MissingChunksException
        | ChunkMissingException e) {
      throw new UnreadableContentException(path, tree, copied, content.size(), e);
    }
    fillTo(out, content.size());
  }

  private void put(OutputStream out, long position, byte[] bytes) throws IOException {
    fillTo(out, position);
    out.write(bytes);
    copied += bytes.length;
  }

  private void fillTo(OutputStream out, long position) throws IOException {
    byte[] zeros = new byte[(int) Math.min(ZERO_BYTES, position - copied)];
    while (copied < position) {
      int length = (int) Math.min(zeros.length, position - copied);
      out.write(zeros, 0, length);
      copied += length;
    }
  }
}
