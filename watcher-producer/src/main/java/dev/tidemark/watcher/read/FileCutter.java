package dev.tidemark.watcher.read;

import dev.tidemark.filesystem.linux.Descriptor;
import dev.tidemark.filesystem.linux.Errno;
import dev.tidemark.filesystem.linux.FileStatus;
import dev.tidemark.filesystem.linux.LinuxFiles;
import dev.tidemark.filesystem.linux.SystemCallException;
import dev.tidemark.schemas.change.Content;
import dev.tidemark.schemas.change.Extent;
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
final class FileCutter implements AutoCloseable {
  /** A file that changes under the read is read so often before it is published as it came. */
  private static final int ATTEMPTS = 3;

  /** Fewer bytes are hashed sooner than another thread is told of them. */
  private static final int WORTH_ANOTHER_THREAD = 1 << 20;

  /** Of the longest chunks, so many are in the buffer. */
  private static final int BUFFERED = 4;

  private final PublishedTree published;
  private final FrameSender frames;
  private final Chunker chunker;
  private final LongAdder bytesRead;
  private final byte[] buffer;
  private final HashAhead hashes = new HashAhead();

  /** Bytes read for the file in hand. */
  private long readNow;

  FileCutter(PublishedTree published, FrameSender frames, Chunker chunker, LongAdder bytesRead) {
    this.published = published;
    this.frames = frames;
    this.chunker = chunker;
    this.bytesRead = bytesRead;
    this.buffer = new byte[BUFFERED * chunker.bounds().maxBytes() + (256 << 10)];
  }

  /**
   * What was read.
   *
   * @param before status right before anything was read
   * @param attributes read between the status and the bytes
   * @param size bytes that the extents cover
   * @param torn the file changed meanwhile
   * @param bytesRead holes are not read, what did not change since the last time is not either
   */
  record Cut(
      ExtentCollector extents,
      FileStatus before,
      AttributeReader.Found attributes,
      long size,
      boolean torn,
      long bytesRead) {}

  /** Reads all of a file, again if it changes meanwhile. */
  Cut cutWhole(Descriptor file) throws IOException {
    readNow = 0;
    for (int attempt = 1; ; attempt++) {
      FileStatus before = LinuxFiles.status(file);
      AttributeReader.Found attributes = AttributeReader.read(file);
      ExtentCollector extents = new ExtentCollector(published, frames);
      long size = cut(file, 0, before.size(), extents);
      boolean torn = isTorn(file, before, size);
      if (!torn || attempt == ATTEMPTS) {
        return new Cut(extents, before, attributes, size, torn, readNow);
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
        || now.size() <= content.size()
        || lastChunk(content) < 0) {
      return false;
    }
    readNow = 0;
    List<Extent> extents = content.extents();
    Extent.Chunk tail = (Extent.Chunk) extents.get(lastChunk(content));
    long start = bytes(extents.subList(0, lastChunk(content)));
    int length = 0;
    while (length < tail.plainBytes()) {
      int n = read(file, start + length, length, tail.plainBytes() - length);
      if (n == 0) {
        return false;
      }
      length += n;
    }
    return ChunkId.computeOf(buffer, 0, length).equals(tail.id());
  }

  /** Where the last chunk stands of which only holes follow; -1 if lists or nothing do. */
  private static int lastChunk(Content content) {
    int last = content.extents().size() - 1;
    while (last >= 0 && content.extents().get(last) instanceof Extent.Hole) {
      last--;
    }
    return last >= 0 && content.extents().get(last) instanceof Extent.Chunk ? last : -1;
  }

  private static long bytes(List<Extent> extents) {
    return extents.stream().mapToLong(Extent::bytes).sum();
  }

  /** Cuts on where the last published chunk began, right after {@link #hasGrown} has said so. */
  Cut cutGrowth(Descriptor file, EntryRecord known) throws IOException {
    FileStatus before = LinuxFiles.status(file);
    AttributeReader.Found attributes = AttributeReader.read(file);
    Content content = ((Node.File) known.node()).content();
    List<Extent> prefix = content.extents().subList(0, lastChunk(content));
    ExtentCollector collector = new ExtentCollector(published, frames);
    collector.keep(prefix, known.nestedNeeds());
    long start = bytes(prefix);
    long size = start + cut(file, start, before.size(), collector);
    return new Cut(collector, before, attributes, size, isTorn(file, before, size), readNow);
  }

  /**
   * Cuts from a position to the size that the file had before, holes left out as the kernel tells
   * them.
   *
   * @return bytes covered; fewer than asked for if the file was cut short meanwhile
   */
  private long cut(Descriptor file, long from, long size, ExtentCollector extents)
      throws IOException {
    var compression = new ExtentCollector.Compression();
    long position = from;
    while (position < size) {
      long data = Math.min(findData(file, position, size), size);
      if (data > position) {
        extents.addHole(data - position);
      }
      long end = data == size ? size : Math.min(findHole(file, data, size), size);
      position = cutRun(file, data, end, extents, compression);
      if (position < end || end == data && end < size) {
        break;
      }
    }
    return position - from;
  }

  private static long findData(Descriptor file, long position, long otherwise) throws IOException {
    try {
      return LinuxFiles.findData(file, position).orElse(otherwise);
    } catch (SystemCallException e) {
      return withoutHoles(e, position);
    }
  }

  private static long findHole(Descriptor file, long position, long otherwise) throws IOException {
    try {
      // Past the end there is none: the file was cut short meanwhile.
      return LinuxFiles.findHole(file, position).orElse(position);
    } catch (SystemCallException e) {
      return withoutHoles(e, otherwise);
    }
  }

  /** A file system that does not know the question has no holes. */
  private static long withoutHoles(SystemCallException e, long answer) throws IOException {
    if (e.errno() == Errno.EINVAL || e.errno() == Errno.EOPNOTSUPP) {
      return answer;
    }
    throw e;
  }

  /** Cuts a run of bytes without holes; returns where they ended. */
  private long cutRun(
      Descriptor file,
      long from,
      long to,
      ExtentCollector extents,
      ExtentCollector.Compression compression)
      throws IOException {
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
      // The kernel gives a part of what is asked for; what is cut together is hashed together.
      boolean refill = have - at < max;
      while (refill && !end && have < buffer.length) {
        int wanted = (int) Math.min(to - position, buffer.length - have);
        int n = wanted == 0 ? 0 : read(file, position, have, wanted);
        end = n == 0;
        have += n;
        position += n;
      }
      if (have == at) {
        return position;
      }
      if (have - at < WORTH_ANOTHER_THREAD) {
        int length = chunker.cut(buffer, at, have);
        ChunkId id = ChunkId.computeOf(buffer, at, length);
        extents.addChunk(id, buffer, at, length, compression);
        at += length;
      } else {
        while (at < have && (end || have - at >= max)) {
          int length = chunker.cut(buffer, at, have);
          hashes.cut(buffer, at, length);
          at += length;
        }
        for (HashAhead.Piece piece : hashes.finish()) {
          extents.addChunk(piece.id(), buffer, piece.from(), piece.length(), compression);
        }
      }
    }
  }

  @Override
  public void close() {
    hashes.close();
  }

  private int read(Descriptor file, long position, int into, int length) throws IOException {
    int n = LinuxFiles.readAt(file, position, buffer, into, length);
    readNow += n;
    bytesRead.add(n);
    return n;
  }
}
