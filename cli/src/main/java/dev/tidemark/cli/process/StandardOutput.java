package dev.tidemark.cli.process;

import java.io.IOException;
import java.io.OutputStream;
import org.jspecify.annotations.Nullable;

/**
 * An output that remembers its first failure, which a print stream above it only tells to have
 * been. After that nothing more is written. Owned by one thread.
 */
public final class StandardOutput extends OutputStream {
  private final OutputStream to;
  private @Nullable IOException failure;

  public StandardOutput(OutputStream to) {
    this.to = to;
  }

  @Override
  public void write(int b) throws IOException {
    write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws IOException {
    if (failure != null) {
      throw failure;
    }
    try {
      to.write(bytes, offset, length);
    } catch (IOException e) {
      failure = e;
      throw e;
    }
  }

  /**
   * Checks that all of it was written, or that nobody wanted the rest: a reader may leave, as
   * {@code head} does.
   *
   * @throws IOException if something was lost, as on a full disk
   */
  public void requireWritten() throws IOException {
    // What the kernel says to EPIPE, in the locale that the launcher sets.
    if (failure != null && !String.valueOf(failure.getMessage()).contains("Broken pipe")) {
      throw new IOException(
          "Standard output could not be written: %s. What was printed is not complete."
              .formatted(failure.getMessage()),
          failure);
    }
  }
}
