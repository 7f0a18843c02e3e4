package dev.tidemark.filesystem.linux;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * By what a filesystem knows an inode, wherever it stands and whatever it is called. Unlike an
 * inode number it is not given again to another file.
 */
public final class FileHandle {
  private static final long BYTES = Layouts.offset(Layouts.FILE_HANDLE, "handle_bytes");
  private static final long TYPE = Layouts.offset(Layouts.FILE_HANDLE, "handle_type");
  private static final long CONTENT = Layouts.FILE_HANDLE.byteSize();
  private static final long F_FSID = Layouts.offset(Layouts.STATFS, "f_fsid");
  private static final int INT_BITS = 32;
  private static final long LOW = 0xffff_ffffL;

  private final long filesystem;
  private final int type;
  private final byte[] content;
  private final int hash;

  private FileHandle(long filesystem, int type, byte[] content) {
    this.filesystem = filesystem;
    this.type = type;
    this.content = content;
    this.hash = 31 * (31 * Long.hashCode(filesystem) + type) + Arrays.hashCode(content);
  }

  /**
   * The handle of what is open.
   *
   * @param file open in any way, also as a handle (O_PATH)
   * @throws SystemCallException EOPNOTSUPP where the filesystem has no handles
   */
  public static FileHandle of(Descriptor file) throws SystemCallException {
    Scratch scratch = Scratch.ofThread();
    if (LibC.fstatfs(scratch, file.number(), scratch.statfs()) < 0) {
      throw Names.failed(scratch, "fstatfs", file);
    }
    long filesystem = scratch.statfs().get(JAVA_LONG, F_FSID);
    MemorySegment handle = scratch.handle();
    handle.set(JAVA_INT, BYTES, LinuxConstants.MAX_HANDLE_SZ);
    int result =
        LibC.nameToHandleAt(
            scratch,
            file.number(),
            scratch.emptyPath(),
            handle,
            scratch.mount(),
            LinuxConstants.AT_EMPTY_PATH);
    if (result < 0) {
      throw Names.failed(scratch, "name_to_handle_at", file);
    }
    return decode(filesystem, handle, 0);
  }

  /** As the kernel puts it into an event: {@code struct file_handle} at a position. */
  static FileHandle decode(int fsidLow, int fsidHigh, MemorySegment segment, long at) {
    return decode(((long) fsidHigh << INT_BITS) | (fsidLow & LOW), segment, at);
  }

  private static FileHandle decode(long filesystem, MemorySegment segment, long at) {
    byte[] content = new byte[segment.get(JAVA_INT_UNALIGNED, at + BYTES)];
    MemorySegment.copy(segment, JAVA_BYTE, at + CONTENT, content, 0, content.length);
    return new FileHandle(filesystem, segment.get(JAVA_INT_UNALIGNED, at + TYPE), content);
  }

  /** The id of its filesystem, as {@code statfs} gives it. */
  public long filesystem() {
    return filesystem;
  }

  /** Bytes that it takes in an event, with its header. */
  long eventBytes() {
    return CONTENT + content.length;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof FileHandle that
        && hash == that.hash
        && filesystem == that.filesystem
        && type == that.type
        && Arrays.equals(content, that.content);
  }

  @Override
  public int hashCode() {
    return hash;
  }

  @Override
  public String toString() {
    return "%x:%d:%s".formatted(filesystem, type, HexFormat.of().formatHex(content));
  }
}
