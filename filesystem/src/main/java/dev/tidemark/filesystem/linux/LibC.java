package dev.tidemark.filesystem.linux;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.MethodHandle;
import java.util.ArrayList;
import java.util.List;

/**
 * The functions of the C library, each as its man page in section 2 says: a negative result means
 * failure, and errno is then in the {@link Scratch} that was passed. Calls that a signal can
 * interrupt are made again. None is linked as critical: each may block.
 *
 * <p>{@code openat2}, {@code getdents64}, {@code mknodat} and {@code listxattrat} go through {@code
 * syscall}, because not every glibc from 2.28 on has them under their names.
 */
final class LibC {
  /** Holds errno after a call. */
  static final StructLayout CALL_STATE = Linker.Option.captureStateLayout();

  static final long ERRNO_OFFSET = CALL_STATE.byteOffset(PathElement.groupElement("errno"));

  private static final Architecture ARCHITECTURE = Architecture.running();
  private static final Linker LINKER = Linker.nativeLinker();

  private static final MethodHandle OPENAT =
      variadic("openat", 3, FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT));
  private static final MethodHandle CLOSE =
      function("close", FunctionDescriptor.of(JAVA_INT, JAVA_INT));
  private static final MethodHandle STATX =
      function(
          "statx", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT, ADDRESS));
  private static final MethodHandle FSTATFS =
      function("fstatfs", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS));
  private static final MethodHandle LSEEK =
      function("lseek", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_INT));
  private static final MethodHandle READ =
      function("read", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG));
  private static final MethodHandle PREAD =
      function("pread", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_LONG));
  private static final MethodHandle WRITE =
      function("write", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG));
  private static final MethodHandle PWRITE =
      function("pwrite", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_LONG));
  private static final MethodHandle COPY_FILE_RANGE =
      function(
          "copy_file_range",
          FunctionDescriptor.of(
              JAVA_LONG, JAVA_INT, ADDRESS, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT));
  private static final MethodHandle READLINKAT =
      function(
          "readlinkat", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, ADDRESS, JAVA_LONG));
  private static final MethodHandle SYMLINKAT =
      function("symlinkat", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT, ADDRESS));
  private static final MethodHandle MKDIRAT =
      function("mkdirat", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT));
  private static final MethodHandle UNLINKAT =
      function("unlinkat", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT));
  private static final MethodHandle RENAMEAT2 =
      function(
          "renameat2",
          FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT, ADDRESS, JAVA_INT));
  private static final MethodHandle LINKAT =
      function(
          "linkat",
          FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT, ADDRESS, JAVA_INT));
  private static final MethodHandle FCHMOD =
      function("fchmod", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT));
  private static final MethodHandle CHMOD =
      function("chmod", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT));
  private static final MethodHandle FCHOWNAT =
      function(
          "fchownat",
          FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT, JAVA_INT));
  private static final MethodHandle UTIMENSAT =
      function("utimensat", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, ADDRESS, JAVA_INT));
  private static final MethodHandle FUTIMENS =
      function("futimens", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS));
  private static final MethodHandle FSYNC =
      function("fsync", FunctionDescriptor.of(JAVA_INT, JAVA_INT));
  private static final MethodHandle SYNCFS =
      function("syncfs", FunctionDescriptor.of(JAVA_INT, JAVA_INT));
  private static final MethodHandle FALLOCATE =
      function(
          "fallocate", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG));
  private static final MethodHandle FTRUNCATE =
      function("ftruncate", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG));
  private static final MethodHandle FLISTXATTR =
      function("flistxattr", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG));
  private static final MethodHandle LISTXATTR =
      function("listxattr", FunctionDescriptor.of(JAVA_LONG, ADDRESS, ADDRESS, JAVA_LONG));
  private static final MethodHandle GETXATTR =
      function("getxattr", FunctionDescriptor.of(JAVA_LONG, ADDRESS, ADDRESS, ADDRESS, JAVA_LONG));
  private static final MethodHandle SETXATTR =
      function(
          "setxattr",
          FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, ADDRESS, JAVA_LONG, JAVA_INT));
  private static final MethodHandle REMOVEXATTR =
      function("removexattr", FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS));
  private static final MethodHandle INOTIFY_INIT1 =
      function("inotify_init1", FunctionDescriptor.of(JAVA_INT, JAVA_INT));
  private static final MethodHandle INOTIFY_ADD_WATCH =
      function("inotify_add_watch", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT));
  private static final MethodHandle INOTIFY_RM_WATCH =
      function("inotify_rm_watch", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT));
  private static final MethodHandle FANOTIFY_INIT =
      function("fanotify_init", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT));
  private static final MethodHandle FANOTIFY_MARK =
      function(
          "fanotify_mark",
          FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_INT, ADDRESS));
  private static final MethodHandle NAME_TO_HANDLE_AT =
      function(
          "name_to_handle_at",
          FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, ADDRESS, ADDRESS, JAVA_INT));
  private static final MethodHandle EVENTFD =
      function("eventfd", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT));
  private static final MethodHandle POLL =
      function("poll", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT));
  private static final MethodHandle OPENAT2 =
      variadic(
          "syscall",
          1,
          FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_LONG, ADDRESS, ADDRESS, JAVA_LONG));
  private static final MethodHandle GETDENTS64 =
      variadic(
          "syscall", 1, FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_LONG, ADDRESS, JAVA_LONG));
  private static final MethodHandle MKNODAT =
      variadic(
          "syscall",
          1,
          FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_LONG, ADDRESS, JAVA_LONG, JAVA_LONG));
  private static final MethodHandle LISTXATTRAT =
      variadic(
          "syscall",
          1,
          FunctionDescriptor.of(
              JAVA_LONG, JAVA_LONG, JAVA_LONG, ADDRESS, JAVA_LONG, ADDRESS, JAVA_LONG));

  private static final MethodHandle SETPRIORITY =
      function("setpriority", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT));

  private static final MethodHandle SOCKET =
      function("socket", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT));
  private static final MethodHandle SENDTO =
      function(
          "sendto",
          FunctionDescriptor.of(
              JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT, ADDRESS, JAVA_INT));

  private LibC() {}

  static int openat(Scratch scratch, int directory, MemorySegment path, int flags, int mode) {
    try {
      int result;
      do {
        result = (int) OPENAT.invokeExact(scratch.state(), directory, path, flags, mode);
      } while (result < 0 && scratch.failedWith(Errno.EINTR));
      return result;
    } catch (Throwable thrown) {
      throw impossible("openat", thrown);
    }
  }

  static int close(Scratch scratch, int descriptor) {
    try {
      return (int) CLOSE.invokeExact(scratch.state(), descriptor);
    } catch (Throwable thrown) {
      throw impossible("close", thrown);
    }
  }

  static int statx(
      Scratch scratch,
      int directory,
      MemorySegment path,
      int flags,
      int mask,
      MemorySegment status) {
    try {
      int result;
      do {
        result = (int) STATX.invokeExact(scratch.state(), directory, path, flags, mask, status);
      } while (result < 0 && scratch.failedWith(Errno.EINTR));
      return result;
    } catch (Throwable thrown) {
      throw impossible("statx", thrown);
    }
  }

  static int fstatfs(Scratch scratch, int descriptor, MemorySegment status) {
    try {
      int result;
      do {
        result = (int) FSTATFS.invokeExact(scratch.state(), descriptor, status);
      } while (result < 0 && scratch.failedWith(Errno.EINTR));
      return result;
    } catch (Throwable thrown) {
      throw impossible("fstatfs", thrown);
    }
  }

  static long lseek(Scratch scratch, int descriptor, long position, int whence) {
    try {
      return (long) LSEEK.invokeExact(scratch.state(), descriptor, position, whence);
    } catch (Throwable thrown) {
      throw impossible("lseek", thrown);
    }
  }

  static long read(Scratch scratch, int descriptor, MemorySegment into, long length) {
    try {
      long result;
      do {
        result = (long) READ.invokeExact(scratch.state(), descriptor, into, length);
      } while (result < 0 && scratch.failedWith(Errno.EINTR));
      return result;
    } catch (Throwable thrown) {
      throw impossible("read", thrown);
    }
  }

  static long pread(
      Scratch scratch, int descriptor, MemorySegment into, long length, long position) {
    try {
      long result;
      do {
        result = (long) PREAD.invokeExact(scratch.state(), descriptor, into, length, position);
      } while (result < 0 && scratch.failedWith(Errno.EINTR));
      return result;
    } catch (Throwable thrown) {
      throw impossible("pread", thrown);
    }
  }

  static long write(Scratch scratch, int descriptor, MemorySegment from, long length) {
    try {
      long result;
      do {
        result = (long) WRITE.invokeExact(scratch.state(), descriptor, from, length);
      } while (result < 0 && scratch.failedWith(Errno.EINTR));
      return result;
    } catch (Throwable thrown) {
      throw impossible("write", thrown);
    }
  }

  static long pwrite(
      Scratch scratch, int descriptor, MemorySegment from, long length, long position) {
    try {
      long result;
      do {
        result = (long) PWRITE.invokeExact(scratch.state(), descriptor, from, length, position);
      } while (result < 0 && scratch.failedWith(Errno.EINTR));
      return result;
    } catch (Throwable thrown) {
      throw impossible("pwrite", thrown);
    }
  }

  /** Moves both positions on by what it copied. */
  static long copyFileRange(
      Scratch scratch,
      int from,
      MemorySegment fromPosition,
      int to,
      MemorySegment toPosition,
      long length) {
    try {
      long result;
      do {
        result =
            (long)
                COPY_FILE_RANGE.invokeExact(
                    scratch.state(), from, fromPosition, to, toPosition, length, 0);
      } while (result < 0 && scratch.failedWith(Errno.EINTR));
      return result;
    } catch (Throwable thrown) {
      throw impossible("copy_file_range", thrown);
    }
  }

  static long readlinkat(
      Scratch scratch, int directory, MemorySegment path, MemorySegment into, long length) {
    try {
      return (long) READLINKAT.invokeExact(scratch.state(), directory, path, into, length);
    } catch (Throwable thrown) {
      throw impossible("readlinkat", thrown);
    }
  }

  static int symlinkat(Scratch scratch, MemorySegment target, int directory, MemorySegment path) {
    try {
      return (int) SYMLINKAT.invokeExact(scratch.state(), target, directory, path);
    } catch (Throwable thrown) {
      throw impossible("symlinkat", thrown);
    }
  }

  static int mkdirat(Scratch scratch, int directory, MemorySegment path, int mode) {
    try {
      return (int) MKDIRAT.invokeExact(scratch.state(), directory, path, mode);
    } catch (Throwable thrown) {
      throw impossible("mkdirat", thrown);
    }
  }

  static int unlinkat(Scratch scratch, int directory, MemorySegment path, int flags) {
    try {
      return (int) UNLINKAT.invokeExact(scratch.state(), directory, path, flags);
    } catch (Throwable thrown) {
      throw impossible("unlinkat", thrown);
    }
  }

  static int renameat2(
      Scratch scratch,
      int fromDirectory,
      MemorySegment from,
      int toDirectory,
      MemorySegment to,
      int flags) {
    try {
      return (int)
          RENAMEAT2.invokeExact(scratch.state(), fromDirectory, from, toDirectory, to, flags);
    } catch (Throwable thrown) {
      throw impossible("renameat2", thrown);
    }
  }

  static int linkat(
      Scratch scratch,
      int fromDirectory,
      MemorySegment from,
      int toDirectory,
      MemorySegment to,
      int flags) {
    try {
      return (int) LINKAT.invokeExact(scratch.state(), fromDirectory, from, toDirectory, to, flags);
    } catch (Throwable thrown) {
      throw impossible("linkat", thrown);
    }
  }

  static int fchmod(Scratch scratch, int descriptor, int mode) {
    try {
      int result;
      do {
        result = (int) FCHMOD.invokeExact(scratch.state(), descriptor, mode);
      } while (result < 0 && scratch.failedWith(Errno.EINTR));
      return result;
    } catch (Throwable thrown) {
      throw impossible("fchmod", thrown);
    }
  }

  static int chmod(Scratch scratch, MemorySegment path, int mode) {
    try {
      int result;
      do {
        result = (int) CHMOD.invokeExact(scratch.state(), path, mode);
      } while (result < 0 && scratch.failedWith(Errno.EINTR));
      return result;
    } catch (Throwable thrown) {
      throw impossible("chmod", thrown);
    }
  }

  static int fchownat(
      Scratch scratch, int directory, MemorySegment path, int uid, int gid, int flags) {
    try {
      int result;
      do {
        result = (int) FCHOWNAT.invokeExact(scratch.state(), directory, path, uid, gid, flags);
      } while (result < 0 && scratch.failedWith(Errno.EINTR));
      return result;
    } catch (Throwable thrown) {
      throw impossible("fchownat", thrown);
    }
  }

  static int utimensat(
      Scratch scratch, int directory, MemorySegment path, MemorySegment times, int flags) {
    try {
      int result;
      do {
        result = (int) UTIMENSAT.invokeExact(scratch.state(), directory, path, times, flags);
      } while (result < 0 && scratch.failedWith(Errno.EINTR));
      return result;
    } catch (Throwable thrown) {
      throw impossible("utimensat", thrown);
    }
  }

  static int futimens(Scratch scratch, int descriptor, MemorySegment times) {
    try {
      int result;
      do {
        result = (int) FUTIMENS.invokeExact(scratch.state(), descriptor, times);
      } while (result < 0 && scratch.failedWith(Errno.EINTR));
      return result;
    } catch (Throwable thrown) {
      throw impossible("futimens", thrown);
    }
  }

  static int fsync(Scratch scratch, int descriptor) {
    try {
      int result;
      do {
        result = (int) FSYNC.invokeExact(scratch.state(), descriptor);
      } while (result < 0 && scratch.failedWith(Errno.EINTR));
      return result;
    } catch (Throwable thrown) {
      throw impossible("fsync", thrown);
    }
  }

  static int syncfs(Scratch scratch, int descriptor) {
    try {
      int result;
      do {
        result = (int) SYNCFS.invokeExact(scratch.state(), descriptor);
      } while (result < 0 && scratch.failedWith(Errno.EINTR));
      return result;
    } catch (Throwable thrown) {
      throw impossible("syncfs", thrown);
    }
  }

  static int setpriority(Scratch scratch, int which, int who, int value) {
    try {
      return (int) SETPRIORITY.invokeExact(scratch.state(), which, who, value);
    } catch (Throwable thrown) {
      throw impossible("setpriority", thrown);
    }
  }

  static int fallocate(Scratch scratch, int descriptor, int mode, long position, long length) {
    try {
      int result;
      do {
        result = (int) FALLOCATE.invokeExact(scratch.state(), descriptor, mode, position, length);
      } while (result < 0 && scratch.failedWith(Errno.EINTR));
      return result;
    } catch (Throwable thrown) {
      throw impossible("fallocate", thrown);
    }
  }

  static int ftruncate(Scratch scratch, int descriptor, long size) {
    try {
      int result;
      do {
        result = (int) FTRUNCATE.invokeExact(scratch.state(), descriptor, size);
      } while (result < 0 && scratch.failedWith(Errno.EINTR));
      return result;
    } catch (Throwable thrown) {
      throw impossible("ftruncate", thrown);
    }
  }

  static long flistxattr(Scratch scratch, int descriptor, MemorySegment into, long length) {
    try {
      return (long) FLISTXATTR.invokeExact(scratch.state(), descriptor, into, length);
    } catch (Throwable thrown) {
      throw impossible("flistxattr", thrown);
    }
  }

  static long listxattr(Scratch scratch, MemorySegment path, MemorySegment into, long length) {
    try {
      return (long) LISTXATTR.invokeExact(scratch.state(), path, into, length);
    } catch (Throwable thrown) {
      throw impossible("listxattr", thrown);
    }
  }

  static long listxattrat(
      Scratch scratch,
      long directory,
      MemorySegment path,
      long flags,
      MemorySegment into,
      long length) {
    try {
      return (long)
          LISTXATTRAT.invokeExact(
              scratch.state(), ARCHITECTURE.callListxattrat, directory, path, flags, into, length);
    } catch (Throwable thrown) {
      throw impossible("listxattrat", thrown);
    }
  }

  static long getxattr(
      Scratch scratch, MemorySegment path, MemorySegment name, MemorySegment into, long length) {
    try {
      return (long) GETXATTR.invokeExact(scratch.state(), path, name, into, length);
    } catch (Throwable thrown) {
      throw impossible("getxattr", thrown);
    }
  }

  static int setxattr(
      Scratch scratch,
      MemorySegment path,
      MemorySegment name,
      MemorySegment value,
      long length,
      int flags) {
    try {
      return (int) SETXATTR.invokeExact(scratch.state(), path, name, value, length, flags);
    } catch (Throwable thrown) {
      throw impossible("setxattr", thrown);
    }
  }

  static int removexattr(Scratch scratch, MemorySegment path, MemorySegment name) {
    try {
      return (int) REMOVEXATTR.invokeExact(scratch.state(), path, name);
    } catch (Throwable thrown) {
      throw impossible("removexattr", thrown);
    }
  }

  static int inotifyInit1(Scratch scratch, int flags) {
    try {
      return (int) INOTIFY_INIT1.invokeExact(scratch.state(), flags);
    } catch (Throwable thrown) {
      throw impossible("inotify_init1", thrown);
    }
  }

  static int inotifyAddWatch(Scratch scratch, int descriptor, MemorySegment path, int mask) {
    try {
      int result;
      do {
        result = (int) INOTIFY_ADD_WATCH.invokeExact(scratch.state(), descriptor, path, mask);
      } while (result < 0 && scratch.failedWith(Errno.EINTR));
      return result;
    } catch (Throwable thrown) {
      throw impossible("inotify_add_watch", thrown);
    }
  }

  static int inotifyRmWatch(Scratch scratch, int descriptor, int watch) {
    try {
      return (int) INOTIFY_RM_WATCH.invokeExact(scratch.state(), descriptor, watch);
    } catch (Throwable thrown) {
      throw impossible("inotify_rm_watch", thrown);
    }
  }

  static int fanotifyInit(Scratch scratch, int flags, int eventFlags) {
    try {
      return (int) FANOTIFY_INIT.invokeExact(scratch.state(), flags, eventFlags);
    } catch (Throwable thrown) {
      throw impossible("fanotify_init", thrown);
    }
  }

  static int fanotifyMark(
      Scratch scratch, int descriptor, int flags, long mask, int directory, MemorySegment path) {
    try {
      int result;
      do {
        result =
            (int)
                FANOTIFY_MARK.invokeExact(
                    scratch.state(), descriptor, flags, mask, directory, path);
      } while (result < 0 && scratch.failedWith(Errno.EINTR));
      return result;
    } catch (Throwable thrown) {
      throw impossible("fanotify_mark", thrown);
    }
  }

  static int nameToHandleAt(
      Scratch scratch,
      int directory,
      MemorySegment path,
      MemorySegment handle,
      MemorySegment mount,
      int flags) {
    try {
      return (int)
          NAME_TO_HANDLE_AT.invokeExact(scratch.state(), directory, path, handle, mount, flags);
    } catch (Throwable thrown) {
      throw impossible("name_to_handle_at", thrown);
    }
  }

  static int eventfd(Scratch scratch, int value, int flags) {
    try {
      return (int) EVENTFD.invokeExact(scratch.state(), value, flags);
    } catch (Throwable thrown) {
      throw impossible("eventfd", thrown);
    }
  }

  static int poll(Scratch scratch, MemorySegment descriptors, long count, int timeoutMillis) {
    try {
      int result;
      do {
        result = (int) POLL.invokeExact(scratch.state(), descriptors, count, timeoutMillis);
      } while (result < 0 && scratch.failedWith(Errno.EINTR));
      return result;
    } catch (Throwable thrown) {
      throw impossible("poll", thrown);
    }
  }

  static long openat2(
      Scratch scratch, long directory, MemorySegment path, MemorySegment how, long howBytes) {
    try {
      long result;
      do {
        result =
            (long)
                OPENAT2.invokeExact(
                    scratch.state(), ARCHITECTURE.callOpenat2, directory, path, how, howBytes);
      } while (result < 0 && scratch.failedWith(Errno.EINTR));
      return result;
    } catch (Throwable thrown) {
      throw impossible("openat2", thrown);
    }
  }

  static long getdents64(Scratch scratch, long descriptor, MemorySegment into, long length) {
    try {
      long result;
      do {
        result =
            (long)
                GETDENTS64.invokeExact(
                    scratch.state(), ARCHITECTURE.callGetdents64, descriptor, into, length);
      } while (result < 0 && scratch.failedWith(Errno.EINTR));
      return result;
    } catch (Throwable thrown) {
      throw impossible("getdents64", thrown);
    }
  }

  static long mknodat(Scratch scratch, long directory, MemorySegment path, long mode, long device) {
    try {
      return (long)
          MKNODAT.invokeExact(
              scratch.state(), ARCHITECTURE.callMknodat, directory, path, mode, device);
    } catch (Throwable thrown) {
      throw impossible("mknodat", thrown);
    }
  }

  static int socket(Scratch scratch, int domain, int type, int protocol) {
    try {
      return (int) SOCKET.invokeExact(scratch.state(), domain, type, protocol);
    } catch (Throwable thrown) {
      throw impossible("socket", thrown);
    }
  }

  static long sendto(
      Scratch scratch,
      int socket,
      MemorySegment message,
      long length,
      int flags,
      MemorySegment address,
      int addressLength) {
    try {
      long result;
      do {
        result =
            (long)
                SENDTO.invokeExact(
                    scratch.state(), socket, message, length, flags, address, addressLength);
      } while (result < 0 && scratch.failedWith(Errno.EINTR));
      return result;
    } catch (Throwable thrown) {
      throw impossible("sendto", thrown);
    }
  }

  private static AssertionError impossible(String name, Throwable thrown) {
    return new AssertionError(name + " could not be called as it is declared here", thrown);
  }

  private static MethodHandle function(String name, FunctionDescriptor descriptor) {
    return link(name, descriptor, List.of());
  }

  /** A function whose arguments from {@code fixed} on stand for its ellipsis. */
  private static MethodHandle variadic(String name, int fixed, FunctionDescriptor descriptor) {
    return link(name, descriptor, List.of(Linker.Option.firstVariadicArg(fixed)));
  }

  // A wrong descriptor would corrupt memory: each is written from the function's man page, and
  // every function is called by a test.
  @SuppressWarnings("restricted")
  private static MethodHandle link(
      String name, FunctionDescriptor descriptor, List<Linker.Option> options) {
    List<Linker.Option> all = new ArrayList<>(options);
    all.add(Linker.Option.captureCallState("errno"));
    MemorySegment address =
        LINKER
            .defaultLookup()
            .find(name)
            .orElseThrow(
                () ->
                    new UnsupportedOperationException(
                        "This system's C library has no %s; glibc 2.28 or newer is needed"
                            .formatted(name)));
    return LINKER.downcallHandle(address, descriptor, all.toArray(Linker.Option[]::new));
  }
}
