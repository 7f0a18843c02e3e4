package dev.tidemark.watcher.read;

import dev.tidemark.filesystem.linux.Descriptor;
import dev.tidemark.filesystem.linux.FileStatus;
import dev.tidemark.filesystem.linux.LinuxFiles;
import dev.tidemark.schemas.change.Content;
import dev.tidemark.schemas.change.Extent;
import dev.tidemark.schemas.change.FramePosition;
import dev.tidemark.schemas.change.Node;
import dev.tidemark.schemas.chunk.ChunkId;
import dev.tidemark.watcher.chunk.Chunker;
import dev.tidemark.watcher.publish.FrameSender;
import dev.tidemark.watcher.state.EntryRecord;
import dev.tidemark.watcher.state.PublishedTree;
import dev.tidemark.watcher.state.Signature;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;

/** Reads one file at a time and cuts it. Owned by one reader thread. */
final class FileCutter {
  /** A file that changes under the read is read so often before it is published as it came. */
  private static final int ATTEMPTS = 3;

  private static final int BLOCK = 4096;

  /** Shorter runs of zeros in a sparse file are bytes. */
  private static final int SMALLEST_HOLE = 64 << 10;

  private static final int STATUS_BLOCK = 512;

  private final PublishedTree published;
  private final FrameSender frames;
  private final Chunker chunker;
  private final LongAdder bytesRead;
  private final byte[] buffer;

  FileCutter(PublishedTree published, FrameSender frames, Chunker chunker, LongAdder bytesRead) {
    this.published = published;
    this.frames = frames;
    this.chunker = chunker;
    this.bytesRead = bytesRead;
    this.buffer = new byte[2 * chunker.bounds().maxBytes() + (256 << 10)];
  }

  /**
   * What was read.
   *
   * @param before status right before the bytes were read
   * @param size bytes read
   * @param torn the file changed meanwhile
   */
  record Cut(ExtentCollector extents, FileStatus before, long size, boolean torn) {}

  /** Reads all of a file, again if it changes meanwhile. */
  Cut cutWhole(Descriptor file) throws IOException {
    for (int attempt = 1; ; attempt++) {
      FileStatus before = LinuxFiles.status(file);
      ExtentCollector extents = new ExtentCollector(published, frames);
      long size = cut(file, 0, before, extents);
      boolean torn = isTorn(file, before, size);
      if (!torn || attempt == ATTEMPTS) {
        return new Cut(extents, before, size, torn);
      }
    }
  }

  private static boolean isTorn(Descriptor file, FileStatus before, long size) throws IOException {
    Signature after = Signature.of(LinuxFiles.status(file));
    Signature first = Signature.of(before);
    return size != before.size() || !after.sameBytesAs(first) || !after.sameChangeTimeAs(first);
  }

  /**
   * Whether a file seems only to have grown since {@code known} was published: its last chunk is
   * still where it was. Changes further ahead are found when the file is closed and read whole.
   */
  boolean hasGrown(Descriptor file, EntryRecord known, FileStatus now) throws IOException {
    if (!(known.node() instanceof Node.File(_, Content content))
        || content.extents().isEmpty()
        || now.size() <= content.size()
        || !(content.extents().getLast() instanceof Extent.Chunk tail)) {
      return false;
    }
    long start = content.size() - tail.plainBytes();
    int length = 0;
    while (length < tail.plainBytes()) {
      int n = LinuxFiles.readAt(file, start + length, buffer, length, tail.plainBytes() - length);
      if (n == 0) {
        return false;
      }
      length += n;
    }
    bytesRead.add(length);
    return ChunkId.computeOf(buffer, 0, length).equals(tail.id());
  }

  /** Cuts on where the last published chunk began. */
  Cut cutGrowth(Descriptor file, EntryRecord known) throws IOException {
    FileStatus before = LinuxFiles.status(file);
    List<Extent> extents = ((Node.File) known.node()).content().extents();
    List<Extent> prefix = extents.subList(0, extents.size() - 1);
    ExtentCollector collector = new ExtentCollector(published, frames);
    List<FramePosition> nested = known.nestedNeeds();
    collector.keep(prefix, nested);
    long start = prefix.stream().mapToLong(Extent::bytes).sum();
    long size = start + cut(file, start, before, collector);
    return new Cut(collector, before, size, isTorn(file, before, size));
  }

  /** Cuts from a position to the size that the file had before; returns the bytes read. */
  private long cut(Descriptor file, long from, FileStatus before, ExtentCollector extents)
      throws IOException {
    var compression = new ExtentCollector.Compression();
    boolean sparse = before.blocks() * STATUS_BLOCK < before.size();
    int max = chunker.bounds().maxBytes();
    long position = from;
    int have = 0;
    int at = 0;
    boolean end = false;
    while (true) {
      if (!end && have - at < max && buffer.length - have < max) {
        System.arraycopy(buffer, at, buffer, 0, have - at);
        have -= at;
        at = 0;
      }
      while (!end && have - at < max) {
        long left = before.size() - position;
        int n =
            left <= 0
                ? 0
                : LinuxFiles.readAt(
                    file, position, buffer, have, (int) Math.min(left, buffer.length - have));
        end = n == 0;
        have += n;
        position += n;
        bytesRead.add(n);
      }
      if (have == at) {
        return position - from;
      }
      long offset = position - (have - at);
      int hole = sparse ? zeros(at, have, offset) : 0;
      if (hole > 0) {
        extents.addHole(hole);
        at += hole;
      } else {
        int length = chunker.cut(buffer, at, sparse ? nextHole(at, have, offset) : have);
        extents.addChunk(buffer, at, length, compression);
        at += length;
      }
    }
  }

  /** Length of the run of zero blocks at {@code at}, 0 if it is too short for a hole. */
  private int zeros(int at, int to, long offset) {
    if (offset % BLOCK != 0) {
      return 0;
    }
    int length = 0;
    while (to - at - length >= BLOCK && isZero(at + length)) {
      length += BLOCK;
    }
    return length < SMALLEST_HOLE ? 0 : length;
  }

  private boolean isZero(int block) {
    for (int i = block; i < block + BLOCK; i++) {
      if (buffer[i] != 0) {
        return false;
      }
    }
    return true;
  }

  /** Where bytes have to end because a hole begins. */
  private int nextHole(int at, int to, long offset) {
    // The first whole block past the one at which a chunk begins.
    int block = at + (int) (BLOCK - offset % BLOCK);
    int run = 0;
    for (int i = block; to - i >= BLOCK; i += BLOCK) {
      run = isZero(i) ? run + BLOCK : 0;
      if (run >= SMALLEST_HOLE) {
        return i + BLOCK - run;
      }
    }
    return to;
  }
}
