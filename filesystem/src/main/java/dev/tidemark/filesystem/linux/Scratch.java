package dev.tidemark.filesystem.linux;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;

/**
 * One thread's native memory for the arguments and results of one call at a time, so that a hot
 * loop of {@code statx} allocates nothing. What a method puts here holds until the next call of the
 * same thread: results are copied out before a caller's code runs.
 */
final class Scratch {
  /** Bytes moved by one read or write. */
  static final int TRANSFER_BYTES = 256 << 10;

  private static final int LISTING_BYTES = 64 << 10;
  private static final int PROC_PATH_BYTES = 32;
  private static final ThreadLocal<Scratch> OF_THREAD = ThreadLocal.withInitial(Scratch::new);
  private static final byte[] PROC_SELF_FD = "/proc/self/fd/".getBytes(StandardCharsets.US_ASCII);

  private final MemorySegment state;
  private final MemorySegment first;
  private final MemorySegment second;
  private final MemorySegment proc;
  private final MemorySegment empty;
  private final MemorySegment link;
  private final MemorySegment statx;
  private final MemorySegment openHow;
  private final MemorySegment times;
  private final MemorySegment statfs;
  private final MemorySegment handle;
  private final MemorySegment mount;
  private final MemorySegment listing;
  private final MemorySegment transfer;
  private final MemorySegment positions;

  private Scratch() {
    // Its life is the thread's, and a thread says nothing when it ends: the collector must free it.
    Arena arena = Arena.ofAuto();
    state = arena.allocate(LibC.CALL_STATE);
    first = arena.allocate(LinuxConstants.MAX_PATH_BYTES + 1);
    second = arena.allocate(LinuxConstants.MAX_PATH_BYTES + 1);
    proc = arena.allocate(PROC_PATH_BYTES);
    empty = arena.allocate(1);
    link = arena.allocate(LinuxConstants.MAX_PATH_BYTES + 1);
    statx = arena.allocate(Layouts.STATX);
    openHow = arena.allocate(Layouts.OPEN_HOW);
    times = arena.allocate(Layouts.TIMESPEC, 2);
    statfs = arena.allocate(Layouts.STATFS);
    handle =
        arena.allocate(
            Layouts.FILE_HANDLE.byteSize() + LinuxConstants.MAX_HANDLE_SZ, Integer.BYTES);
    mount = arena.allocate(JAVA_INT);
    listing = arena.allocate(LISTING_BYTES, Long.BYTES);
    transfer = arena.allocate(TRANSFER_BYTES, Long.BYTES);
    positions = arena.allocate(JAVA_LONG, 2);
  }

  static Scratch ofThread() {
    return OF_THREAD.get();
  }

  /** Where a call leaves errno. */
  MemorySegment state() {
    return state;
  }

  /** The errno of the call that just failed. */
  int errno() {
    return state.get(JAVA_INT, LibC.ERRNO_OFFSET);
  }

  boolean failedWith(Errno errno) {
    return errno() == errno.number();
  }

  /** {@code bytes} as a C string; they are fewer than 4,096 and hold no NUL. */
  MemorySegment first(byte[] bytes) {
    return copy(bytes, 0, bytes.length, first);
  }

  MemorySegment first(byte[] bytes, int from, int to) {
    return copy(bytes, from, to - from, first);
  }

  /** A second C string for calls with two names. */
  MemorySegment second(byte[] bytes) {
    return copy(bytes, 0, bytes.length, second);
  }

  MemorySegment emptyPath() {
    return empty;
  }

  /** The path under which the kernel gives the very file of a descriptor again. */
  MemorySegment procPath(int descriptor) {
    MemorySegment.copy(PROC_SELF_FD, 0, proc, JAVA_BYTE, 0, PROC_SELF_FD.length);
    int length = PROC_SELF_FD.length + (descriptor == 0 ? 1 : 0);
    for (int rest = descriptor; rest > 0; rest /= 10) {
      length++;
    }
    proc.set(JAVA_BYTE, length, (byte) 0);
    int rest = descriptor;
    for (int at = length - 1; at >= PROC_SELF_FD.length; at--) {
      proc.set(JAVA_BYTE, at, (byte) ('0' + rest % 10));
      rest /= 10;
    }
    return proc;
  }

  MemorySegment link() {
    return link;
  }

  MemorySegment statx() {
    return statx;
  }

  MemorySegment openHow() {
    return openHow;
  }

  MemorySegment times() {
    return times;
  }

  MemorySegment statfs() {
    return statfs;
  }

  MemorySegment handle() {
    return handle;
  }

  MemorySegment mount() {
    return mount;
  }

  MemorySegment listing() {
    return listing;
  }

  MemorySegment transfer() {
    return transfer;
  }

  /** Room for two positions in files. */
  MemorySegment positions() {
    return positions;
  }

  private static MemorySegment copy(byte[] bytes, int from, int length, MemorySegment to) {
    MemorySegment.copy(bytes, from, to, JAVA_BYTE, 0, length);
    to.set(JAVA_BYTE, length, (byte) 0);
    return to;
  }
}
