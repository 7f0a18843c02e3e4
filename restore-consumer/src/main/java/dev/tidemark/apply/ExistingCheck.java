package dev.tidemark.apply;

import dev.tidemark.apply.ExtentWalk.Placed;
import dev.tidemark.apply.Losses.Kind;
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
import java.util.OptionalLong;
import java.util.Set;

/** Tells whether what stands at a name is what a node says. Safe from several threads. */
public final class ExistingCheck {
  private final MetadataWriter metadata;
  private final Staging staging;

  ExistingCheck(MetadataWriter metadata, Staging staging) {
    this.metadata = metadata;
    this.staging = staging;
  }

  /** What has to be done about an entry that exists. */
  public enum Difference {
    NONE,
    /** Owner, mode or extended attributes. */
    METADATA,
    /** Kind, size, time, target or numbers: it is written anew. */
    CONTENT
  }

  /** Compares without reading a file's bytes. */
  public Difference compare(Descriptor parent, byte[] name, Node node, FileStatus is)
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
    return metadata.isRight(parent, name, is, wanted) ? Difference.NONE : Difference.METADATA;
  }

  /** Which of owner and attributes are not as a node has them, as a loss of them is called. */
  Set<Kind> metadataDifferences(Descriptor parent, byte[] name, Node node, FileStatus is)
      throws IOException {
    return metadata.differences(parent, name, is, node.metadata());
  }

  /**
   * Whether a file's bytes hash to its chunks, and its holes are where they shall be. Holes are not
   * read, but for their ends where the target keeps them in coarser steps.
   */
  public boolean hasContent(Descriptor parent, byte[] name, Node.File node, FrameSource source)
      throws IOException {
    ExtentWalk walk = new ExtentWalk(node.content(), source);
    long checked = 0;
    try (Descriptor file = LinuxFiles.openForReading(parent, name)) {
      for (Optional<Placed> next = walk.next(); next.isPresent(); next = walk.next()) {
        Placed placed = next.get();
        long end = placed.position() + placed.chunk().plainBytes();
        if (!isHole(file, checked, placed.position())
            || !isAllData(file, placed.position(), end)
            || !holds(file, placed.position(), placed.chunk().id(), placed.chunk().plainBytes())) {
          return false;
        }
        checked = end;
      }
      return isHole(file, checked, node.content().size());
    }
  }

  private boolean isHole(Descriptor file, long from, long to) throws IOException {
    if (from == to) {
      return true;
    }
    long step = staging.holeStep();
    long firstWhole = Math.ceilDiv(from, step) * step;
    // The file's end is a hole's end whatever the step.
    long lastWhole = to == LinuxFiles.status(file).size() ? to : to / step * step;
    if (firstWhole >= lastWhole) {
      return isZero(file, from, to);
    }
    OptionalLong data = LinuxFiles.findData(file, firstWhole);
    return (data.isEmpty() || data.getAsLong() >= lastWhole)
        && isZero(file, from, firstWhole)
        && isZero(file, lastWhole, to);
  }

  private static boolean isAllData(Descriptor file, long from, long to) throws IOException {
    OptionalLong hole = LinuxFiles.findHole(file, from);
    return hole.isPresent() && hole.getAsLong() >= to;
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

  /** False if the file ends before. */
  static boolean readFully(Descriptor file, long position, byte[] into, int length)
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
