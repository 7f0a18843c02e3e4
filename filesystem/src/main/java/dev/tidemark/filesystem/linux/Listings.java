package dev.tidemark.filesystem.linux;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** Lists directories by getdents64. */
final class Listings {
  private static final long D_INO = Layouts.offset(Layouts.DIRENT64, "d_ino");
  private static final long D_RECLEN = Layouts.offset(Layouts.DIRENT64, "d_reclen");
  private static final long D_TYPE = Layouts.offset(Layouts.DIRENT64, "d_type");

  private Listings() {}

  static List<DirectoryEntry> list(Descriptor directory) throws SystemCallException {
    List<DirectoryEntry> entries = new ArrayList<>();
    rewind(directory);
    while (readSome(directory, entries)) {
      // Appends until the end.
    }
    return entries;
  }

  static void forEachEntry(Descriptor directory, Consumer<DirectoryEntry> consumer)
      throws SystemCallException {
    rewind(directory);
    List<DirectoryEntry> some = new ArrayList<>();
    // The consumer may list other directories on this thread: the buffer is decoded before.
    while (readSome(directory, some)) {
      some.forEach(consumer);
      some.clear();
    }
  }

  private static void rewind(Descriptor directory) throws SystemCallException {
    Scratch scratch = Scratch.ofThread();
    if (LibC.lseek(scratch, directory.number(), 0, LinuxConstants.SEEK_SET) < 0) {
      throw Names.failed(scratch, "lseek", directory);
    }
  }

  private static boolean readSome(Descriptor directory, List<DirectoryEntry> into)
      throws SystemCallException {
    Scratch scratch = Scratch.ofThread();
    MemorySegment buffer = scratch.listing();
    long length = LibC.getdents64(scratch, directory.number(), buffer, buffer.byteSize());
    if (length < 0) {
      throw Names.failed(scratch, "getdents64", directory);
    }
    MemorySegment filled = buffer.asSlice(0, length);
    long at = 0;
    while (at < length) {
      int record = Short.toUnsignedInt(filled.get(JAVA_SHORT, at + D_RECLEN));
      byte[] name = name(filled, at + Layouts.DIRENT64_NAME, at + record);
      if (!isDots(name)) {
        into.add(
            new DirectoryEntry(
                name,
                filled.get(JAVA_LONG, at + D_INO),
                FileType.ofDirentType(filled.get(JAVA_BYTE, at + D_TYPE))));
      }
      at += record;
    }
    return length > 0;
  }

  private static byte[] name(MemorySegment segment, long from, long to) {
    long end = from;
    while (end < to && segment.get(JAVA_BYTE, end) != 0) {
      end++;
    }
    byte[] name = new byte[(int) (end - from)];
    MemorySegment.copy(segment, JAVA_BYTE, from, name, 0, name.length);
    return name;
  }

  private static boolean isDots(byte[] name) {
    return name[0] == '.' && (name.length == 1 || (name.length == 2 && name[1] == '.'));
  }
}
