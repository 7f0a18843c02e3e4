package dev.tidemark.filesystem.linux;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemorySegment;
import java.util.Objects;
import java.util.OptionalLong;

/** Moves bytes between arrays and files, through the thread's native buffer. */
final class Transfer {
  /** Position of a read or write that goes on where the last one ended. */
  private static final long HERE = -1;

  private Transfer() {}

  static int read(Descriptor file, byte[] into, int from, int length) throws SystemCallException {
    return read(file, HERE, into, from, length);
  }

  static int readAt(Descriptor file, long position, byte[] into, int from, int length)
      throws SystemCallException {
    return read(file, requirePosition(position), into, from, length);
  }

  static void writeFully(Descriptor file, byte[] bytes, int from, int length)
      throws SystemCallException {
    write(file, HERE, bytes, from, length);
  }

  static void writeFullyAt(Descriptor file, long position, byte[] bytes, int from, int length)
      throws SystemCallException {
    write(file, requirePosition(position), bytes, from, length);
  }

  static long copy(Descriptor from, long fromPosition, Descriptor to, long toPosition, long length)
      throws SystemCallException {
    long done = 0;
    while (done < length) {
      long copied = copyInKernel(from, fromPosition + done, to, toPosition + done, length - done);
      if (copied < 0) {
        return done
            + copyThroughMemory(from, fromPosition + done, to, toPosition + done, length - done);
      }
      if (copied == 0) {
        break;
      }
      done += copied;
    }
    return done;
  }

  /** Answers −1 where the kernel cannot. */
  private static long copyInKernel(
      Descriptor from, long fromPosition, Descriptor to, long toPosition, long length)
      throws SystemCallException {
    Scratch scratch = Scratch.ofThread();
    MemorySegment positions = scratch.positions();
    positions.setAtIndex(JAVA_LONG, 0, requirePosition(fromPosition));
    positions.setAtIndex(JAVA_LONG, 1, requirePosition(toPosition));
    long copied =
        LibC.copyFileRange(
            scratch,
            from.number(),
            positions.asSlice(0, Long.BYTES),
            to.number(),
            positions.asSlice(Long.BYTES, Long.BYTES),
            length);
    if (copied < 0
        && !scratch.failedWith(Errno.EXDEV)
        && !scratch.failedWith(Errno.EINVAL)
        && !scratch.failedWith(Errno.ENOSYS)
        && !scratch.failedWith(Errno.EOPNOTSUPP)) {
      throw Names.failed(scratch, "copy_file_range", to);
    }
    return copied;
  }

  private static long copyThroughMemory(
      Descriptor from, long fromPosition, Descriptor to, long toPosition, long length)
      throws SystemCallException {
    byte[] buffer = new byte[Scratch.TRANSFER_BYTES];
    long done = 0;
    while (done < length) {
      int wanted = (int) Math.min(buffer.length, length - done);
      int got = readAt(from, fromPosition + done, buffer, 0, wanted);
      if (got == 0) {
        break;
      }
      writeFullyAt(to, toPosition + done, buffer, 0, got);
      done += got;
    }
    return done;
  }

  static void sync(Descriptor file) throws SystemCallException {
    Scratch scratch = Scratch.ofThread();
    if (LibC.fsync(scratch, file.number()) < 0) {
      throw Names.failed(scratch, "fsync", file);
    }
  }

  static void syncFilesystem(Descriptor file) throws SystemCallException {
    Scratch scratch = Scratch.ofThread();
    if (LibC.syncfs(scratch, file.number()) < 0) {
      throw Names.failed(scratch, "syncfs", file);
    }
  }

  static void allocate(Descriptor file, long bytes) throws SystemCallException {
    if (bytes == 0) {
      return;
    }
    Scratch scratch = Scratch.ofThread();
    int mode = LinuxConstants.FALLOC_FL_KEEP_SIZE;
    if (LibC.fallocate(scratch, file.number(), mode, 0, bytes) < 0
        && !scratch.failedWith(Errno.EOPNOTSUPP)) {
      throw Names.failed(scratch, "fallocate", file);
    }
  }

  static void truncate(Descriptor file, long size) throws SystemCallException {
    Scratch scratch = Scratch.ofThread();
    if (LibC.ftruncate(scratch, file.number(), size) < 0) {
      throw Names.failed(scratch, "ftruncate", file);
    }
  }

  static OptionalLong findData(Descriptor file, long position) throws SystemCallException {
    return seek(file, position, LinuxConstants.SEEK_DATA);
  }

  static OptionalLong findHole(Descriptor file, long position) throws SystemCallException {
    return seek(file, position, LinuxConstants.SEEK_HOLE);
  }

  private static OptionalLong seek(Descriptor file, long position, int whence)
      throws SystemCallException {
    Scratch scratch = Scratch.ofThread();
    long found = LibC.lseek(scratch, file.number(), requirePosition(position), whence);
    if (found >= 0) {
      return OptionalLong.of(found);
    }
    if (scratch.failedWith(Errno.ENXIO)) {
      return OptionalLong.empty();
    }
    throw Names.failed(scratch, "lseek", file);
  }

  private static int read(Descriptor file, long position, byte[] into, int from, int length)
      throws SystemCallException {
    Objects.checkFromIndexSize(from, length, into.length);
    Scratch scratch = Scratch.ofThread();
    MemorySegment buffer = scratch.transfer();
    int wanted = Math.min(length, Scratch.TRANSFER_BYTES);
    long done =
        position == HERE
            ? LibC.read(scratch, file.number(), buffer, wanted)
            : LibC.pread(scratch, file.number(), buffer, wanted, position);
    if (done < 0) {
      throw Names.failed(scratch, position == HERE ? "read" : "pread", file);
    }
    MemorySegment.copy(buffer, JAVA_BYTE, 0, into, from, (int) done);
    return (int) done;
  }

  private static void write(Descriptor file, long position, byte[] bytes, int from, int length)
      throws SystemCallException {
    Objects.checkFromIndexSize(from, length, bytes.length);
    Scratch scratch = Scratch.ofThread();
    MemorySegment buffer = scratch.transfer();
    int at = 0;
    while (at < length) {
      int piece = Math.min(length - at, Scratch.TRANSFER_BYTES);
      MemorySegment.copy(bytes, from + at, buffer, JAVA_BYTE, 0, piece);
      long done =
          position == HERE
              ? LibC.write(scratch, file.number(), buffer, piece)
              : LibC.pwrite(scratch, file.number(), buffer, piece, position + at);
      if (done < 0) {
        throw Names.failed(scratch, position == HERE ? "write" : "pwrite", file);
      }
      if (done == 0) {
        // No file does this for a length above 0; going on would never end.
        throw new SystemCallException("write", Names.display(file), Errno.EIO);
      }
      at += (int) done;
    }
  }

  private static long requirePosition(long position) {
    if (position < 0) {
      throw new IllegalArgumentException("A position in a file is not negative: " + position);
    }
    return position;
  }
}
