package dev.tidemark.filesystem.linux;

import java.util.Arrays;

/**
 * Why a system call failed ({@code asm-generic/errno.h}, the same numbers on x86-64 and aarch64).
 * Those a caller may want to tell apart have a name; the rest is {@link #OTHER}, and the number in
 * the exception tells.
 */
public enum Errno {
  EPERM(1, "operation not permitted"),
  ENOENT(2, "no such file or directory"),
  EINTR(4, "interrupted"),
  EIO(5, "input/output error"),
  ENXIO(6, "no such device or reader"),
  E2BIG(7, "structure too large for this kernel"),
  EBADF(9, "bad file descriptor"),
  EAGAIN(11, "resource temporarily unavailable"),
  ENOMEM(12, "out of memory"),
  EACCES(13, "permission denied"),
  EBUSY(16, "in use"),
  EEXIST(17, "exists already"),
  EXDEV(18, "crosses a mount or leaves the directory"),
  ENODEV(19, "no such device"),
  ENOTDIR(20, "not a directory"),
  EISDIR(21, "is a directory"),
  EINVAL(22, "invalid argument"),
  ENFILE(23, "too many open files in the system"),
  EMFILE(24, "too many open files"),
  ETXTBSY(26, "text file busy"),
  EFBIG(27, "file too large"),
  ENOSPC(28, "no space left"),
  EROFS(30, "read-only filesystem"),
  EMLINK(31, "too many links"),
  ERANGE(34, "result too large"),
  ENAMETOOLONG(36, "name too long"),
  ENOSYS(38, "not known to this kernel"),
  ENOTEMPTY(39, "directory not empty"),
  ELOOP(40, "a symbolic link is in the way"),
  ENODATA(61, "no such attribute"),
  EOVERFLOW(75, "value too large"),
  EOPNOTSUPP(95, "not supported by this filesystem"),
  ESTALE(116, "stale file handle"),
  EDQUOT(122, "quota exceeded"),
  OTHER(0, "other error");

  private static final int COUNT = 134;
  private static final Errno[] BY_NUMBER = new Errno[COUNT];

  static {
    Arrays.fill(BY_NUMBER, OTHER);
    for (Errno errno : values()) {
      BY_NUMBER[errno.number] = errno;
    }
  }

  private final int number;
  private final String text;

  Errno(int number, String text) {
    this.number = number;
    this.text = text;
  }

  /** The name of an errno as a call left it; {@link #OTHER} for numbers without one. */
  public static Errno of(int number) {
    return number > 0 && number < COUNT ? BY_NUMBER[number] : OTHER;
  }

  /** The kernel's number; 0 for {@link #OTHER}. */
  public int number() {
    return number;
  }

  /** What it means, in a few words for a message. */
  public String text() {
    return text;
  }
}
