package dev.tidemark.filesystem.linux;

import java.io.IOException;

/**
 * A system call failed, or would have and was not made (a name with a slash or a NUL in it). The
 * message names the call, the path as far as the kernel can tell it now, and the errno.
 */
public final class SystemCallException extends IOException {
  private static final long serialVersionUID = 1L;

  private final String call;
  private final String path;
  private final int number;

  /**
   * A failure of {@code call} on {@code path}.
   *
   * @param path for display, escaped already
   * @param number the errno, also where {@link Errno} has no name for it
   */
  public SystemCallException(String call, String path, int number) {
    super(message(call, path, number));
    this.call = call;
    this.path = path;
    this.number = number;
  }

  SystemCallException(String call, String path, Errno errno) {
    this(call, path, errno.number());
  }

  /** Name of the call, as in section 2 of the manual. */
  public String call() {
    return call;
  }

  /** What it was about, for display: bytes that are not printable UTF-8 are escaped. */
  public String path() {
    return path;
  }

  public Errno errno() {
    return Errno.of(number);
  }

  /** The number as the kernel gave it. */
  public int number() {
    return number;
  }

  private static String message(String call, String path, int number) {
    Errno errno = Errno.of(number);
    String name = errno == Errno.OTHER ? "errno " + number : errno + " (" + errno.text() + ")";
    return call + " " + path + ": " + name + remedy(call, errno);
  }

  private static String remedy(String call, Errno errno) {
    return switch (errno) {
      case ENOSPC ->
          call.equals("inotify_add_watch")
              ? "; this user's watches are used up: raise fs.inotify.max_user_watches by sysctl"
              : "; free space on that filesystem";
      case EMFILE ->
          call.equals("inotify_init1")
              ? "; raise fs.inotify.max_user_instances by sysctl, or the limit of open files"
              : "; raise this process's limit of open files (ulimit -n)";
      case ENFILE -> "; raise fs.file-max by sysctl";
      case EDQUOT -> "; raise the owner's quota or free space";
      case EROFS -> "; mount that filesystem writable";
      default -> "";
    };
  }
}
