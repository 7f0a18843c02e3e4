package dev.tidemark.mirror;

import dev.tidemark.apply.ExtentWalk;
import dev.tidemark.apply.ExtentWalk.Placed;
import dev.tidemark.apply.FileFiller;
import dev.tidemark.apply.FrameSource;
import dev.tidemark.apply.StagedFile;
import dev.tidemark.filesystem.linux.Descriptor;
import dev.tidemark.filesystem.linux.FileStatus;
import dev.tidemark.filesystem.linux.LinuxFiles;
import dev.tidemark.filesystem.linux.SystemCallException;
import dev.tidemark.schemas.change.Node;
import dev.tidemark.schemas.chunk.ChunkId;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The chunks of a large file that its version in the target holds already: of a new version only
 * what changed is fetched, the rest is proved against the chunk ids and copied in the kernel.
 */
final class OldVersion implements AutoCloseable {
  /** Below this, one fetch brings the whole file. */
  private static final long MIN_BYTES = 1 << 20;

  private static final int MAX_CHUNKS = 200_000;

  /** Of filesystems that share blocks between files; a power of two. */
  private static final long BLOCK = 4096;

  private final Descriptor file;
  private final Signature signature;
  private final Map<ChunkId, Placed> chunks;

  OldVersion(Descriptor file, Signature signature, Map<ChunkId, Placed> chunks) {
    this.file = file;
    this.signature = signature;
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
      Descriptor file = LinuxFiles.openForReading(parent, name);
      return Optional.of(new OldVersion(file, before.signature(), chunks));
    } catch (IOException unusable) {
      // Gone meanwhile, or its lists are: then everything is fetched.
      return Optional.empty();
    }
  }

  /**
   * Writes all of a new version.
   *
   * @param frames of what is not held here
   * @param pool where windows are read and proved side by side; none of its threads may be the
   *     caller
   */
  void fill(StagedFile into, FrameSource frames, WindowPool pool) throws IOException {
    ExtentWalk walk = new ExtentWalk(into.node().content(), frames);
    pool.run(
        () -> {
          List<Placed> window = FileFiller.nextWindow(walk);
          return window.isEmpty()
              ? Optional.empty()
              : Optional.of(() -> fill(into, window, frames));
        });
  }

  private void fill(StagedFile into, List<Placed> window, FrameSource frames) throws IOException {
    FileFiller.fill(into, copyFrom(into, window), frames);
  }

  /**
   * Copies what is held, and answers the rest: all of it where the old version cannot be read. If
   * it is the new one that cannot be written, that comes again when the rest is.
   */
  private List<Placed> copyFrom(StagedFile into, List<Placed> window) throws IOException {
    try {
      Run run = new Run(into);
      List<Placed> rest = new ArrayList<>();
      for (Placed wanted : window) {
        Placed held = chunks.get(wanted.chunk().id());
        if (held != null && isProved(held)) {
          run.add(held.position(), wanted.position(), wanted.chunk().plainBytes());
        } else {
          rest.add(wanted);
        }
      }
      run.copy();
      boolean isAsLeft = Signature.of(LinuxFiles.status(file)).equals(signature);
      // If somebody writes there, what was copied may not be what was proved.
      return run.isShort || !isAsLeft ? window : rest;
    } catch (SystemCallException unreadable) {
      return window;
    }
  }

  private boolean isProved(Placed held) throws SystemCallException {
    byte[] bytes = new byte[held.chunk().plainBytes()];
    int read = 0;
    while (read < bytes.length) {
      int got = LinuxFiles.readAt(file, held.position() + read, bytes, read, bytes.length - read);
      if (got == 0) {
        return false;
      }
      read += got;
    }
    return ChunkId.computeOf(bytes).equals(held.chunk().id());
  }

  /** Neighbours in both versions are copied as one. */
  private final class Run {
    private final StagedFile into;
    private long from;
    private long to;
    private long length;
    private boolean isShort;

    Run(StagedFile into) {
      this.into = into;
    }

    void add(long newFrom, long newTo, long bytes) throws IOException {
      if (newFrom != from + length || newTo != to + length) {
        copy();
        from = newFrom;
        to = newTo;
        length = 0;
      }
      length += bytes;
    }

    void copy() throws IOException {
      long head = Math.min(length, -to & (BLOCK - 1));
      long whole = length - head & -BLOCK;
      if ((from - to) % BLOCK == 0 && whole > 0) {
        // A filesystem that shares blocks between files shares whole ones.
        copy(0, head);
        copy(head, whole);
        copy(head + whole, length - head - whole);
      } else {
        copy(0, length);
      }
    }

    private void copy(long start, long bytes) throws IOException {
      isShort |= bytes > 0 && into.copy(to + start, file, from + start, bytes) < bytes;
    }
  }

  @Override
  public void close() throws SystemCallException {
    file.close();
  }
}
