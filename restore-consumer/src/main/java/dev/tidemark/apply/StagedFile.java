package dev.tidemark.apply;

import dev.tidemark.filesystem.linux.Descriptor;
import dev.tidemark.filesystem.linux.FileStatus;
import dev.tidemark.filesystem.linux.SystemCallException;
import dev.tidemark.schemas.change.Node;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A file under construction, without a name in the target. Its bytes may be written by several
 * threads; then one of them finishes it. Closing one that is not finished removes it.
 */
public final class StagedFile implements AutoCloseable {
  private final NodeWriter writer;
  private final Node.File node;
  private final byte[] stagedName;
  private final Descriptor descriptor;
  private final AtomicBoolean closed = new AtomicBoolean();
  private boolean named;

  StagedFile(NodeWriter writer, Node.File node, byte[] stagedName, Descriptor descriptor) {
    this.writer = writer;
    this.node = node;
    this.stagedName = stagedName;
    this.descriptor = descriptor;
  }

  public Node.File node() {
    return node;
  }

  byte[] stagedName() {
    return stagedName;
  }

  Descriptor descriptor() {
    return descriptor;
  }

  /**
   * Writes bytes at their place.
   *
   * @throws TargetFullException if there is no space
   */
  public void write(long position, byte[] bytes) throws IOException {
    writer.write(this, position, bytes);
  }

  /**
   * Copies bytes that another file holds to their place.
   *
   * @return how many were copied; fewer than {@code length} only where {@code from} ends
   * @throws TargetFullException if there is no space
   */
  public long copy(long position, Descriptor from, long fromPosition, long length)
      throws IOException {
    return writer.copy(this, position, from, fromPosition, length);
  }

  /**
   * Gives the file its size and metadata, and its name, whatever had that. The bytes are complete.
   */
  public FileStatus finish(Descriptor parent, byte[] name) throws IOException {
    FileStatus status = writer.finish(this, parent, name);
    named = true;
    return status;
  }

  @Override
  public void close() throws SystemCallException {
    if (closed.compareAndSet(false, true)) {
      try (descriptor) {
        if (!named) {
          writer.discard(stagedName);
        }
      }
    }
  }
}
