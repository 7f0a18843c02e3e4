package dev.tidemark.apply;

import dev.tidemark.apply.ExtentWalk.Placed;
import dev.tidemark.filesystem.linux.Descriptor;
import dev.tidemark.filesystem.linux.FileStatus;
import dev.tidemark.filesystem.linux.FileType;
import dev.tidemark.filesystem.linux.LinuxFiles;
import dev.tidemark.schemas.change.Bytes;
import dev.tidemark.schemas.change.Metadata;
import dev.tidemark.schemas.change.Node;
import dev.tidemark.schemas.chunk.ChunkId;
import java.io.IOException;
import java.util.Optional;

/** Tells whether what stands at a name is what a node says. */
public final class ExistingCheck {
  private ExistingCheck() {}

  /** What has to be done about an entry that exists. */
  public enum Difference {
    NONE,
    /** Owner or mode. */
    METADATA,
    /** Kind, size, time, target or numbers: it is written anew. */
    CONTENT
  }

  /** Compares without reading a file's bytes. */
  public static Difference compare(Descriptor parent, byte[] name, Node node, FileStatus is)
      throws IOException {
    Metadata wanted = node.metadata();
    boolean sameTime =
        is.mtimeSeconds() == wanted.mtime().seconds() && is.mtimeNanos() == wanted.mtime().nanos();
    boolean sameContent =
        sameTime
            && switch (node) {
              case Node.File file ->
                  is.type() == FileType.REGULAR && is.size() == file.content().size();
              case Node.Symlink link ->
                  is.type() == FileType.SYMLINK
                      && Bytes.of(LinuxFiles.readSymlink(parent, name)).equals(link.target());
              case Node.Fifo _ -> is.type() == FileType.FIFO;
              case Node.Device device ->
                  is.type() == NodeWriter.fileType(device.kind())
                      && is.rdevMajor() == device.major()
                      && is.rdevMinor() == device.minor();
              case Node.Directory _ -> is.type() == FileType.DIRECTORY;
            };
    if (!sameContent) {
      return Difference.CONTENT;
    }
    boolean sameOwner = is.uid() == wanted.uid() && is.gid() == wanted.gid();
    boolean sameMode = node instanceof Node.Symlink || is.permissions() == wanted.mode();
    return sameOwner && sameMode ? Difference.NONE : Difference.METADATA;
  }

  /**
   * Whether a file's bytes hash to its chunks. Holes are taken for equal only if they read as zero.
   */
  static boolean hasContent(Descriptor parent, byte[] name, Node.File node, FrameSource source)
      throws IOException {
    ExtentWalk walk = new ExtentWalk(node.content(), source);
    long checked = 0;
    try (Descriptor file = LinuxFiles.openForReading(parent, name)) {
      for (Optional<Placed> next = walk.next(); next.isPresent(); next = walk.next()) {
        Placed placed = next.get();
        if (!isZero(file, checked, placed.position())
            || !holds(file, placed.position(), placed.chunk().id(), placed.chunk().plainBytes())) {
          return false;
        }
        checked = placed.position() + placed.chunk().plainBytes();
      }
      return isZero(file, checked, node.content().size());
    }
  }

  private static boolean holds(Descriptor file, long position, ChunkId id, int length)
      throws IOException {
    byte[] bytes = new byte[length];
    return readFully(file, position, bytes, length) && ChunkId.computeOf(bytes).equals(id);
  }

  private static boolean isZero(Descriptor file, long from, long to) throws IOException {
    byte[] bytes = new byte[(int) Math.min(to - from, 64 << 10)];
    for (long at = from; at < to; at += bytes.length) {
      int length = (int) Math.min(bytes.length, to - at);
      if (!readFully(file, at, bytes, length)) {
        return false;
      }
      for (int i = 0; i < length; i++) {
        if (bytes[i] != 0) {
          return false;
        }
      }
    }
    return true;
  }

  private static boolean readFully(Descriptor file, long position, byte[] into, int length)
      throws IOException {
    int read = 0;
    while (read < length) {
      int got = LinuxFiles.readAt(file, position + read, into, read, length - read);
      if (got == 0) {
        return false;
      }
      read += got;
    }
    return true;
  }
}
