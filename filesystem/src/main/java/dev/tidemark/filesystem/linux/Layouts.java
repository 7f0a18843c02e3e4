package dev.tidemark.filesystem.linux;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.StructLayout;

/**
 * The kernel's structures, in its byte order, the same on x86-64 and aarch64. {@code struct stat}
 * is not among them: it differs between the two, {@code struct statx} does not.
 */
final class Layouts {
  /** {@code struct statx_timestamp} of {@code linux/stat.h}. */
  static final StructLayout STATX_TIMESTAMP =
      MemoryLayout.structLayout(
          JAVA_LONG.withName("tv_sec"),
          JAVA_INT.withName("tv_nsec"),
          MemoryLayout.paddingLayout(4));

  /** {@code struct statx} of {@code linux/stat.h}; what came after {@code stx_mnt_id} is spare. */
  static final StructLayout STATX =
      MemoryLayout.structLayout(
          JAVA_INT.withName("stx_mask"),
          JAVA_INT.withName("stx_blksize"),
          JAVA_LONG.withName("stx_attributes"),
          JAVA_INT.withName("stx_nlink"),
          JAVA_INT.withName("stx_uid"),
          JAVA_INT.withName("stx_gid"),
          JAVA_SHORT.withName("stx_mode"),
          MemoryLayout.paddingLayout(2),
          JAVA_LONG.withName("stx_ino"),
          JAVA_LONG.withName("stx_size"),
          JAVA_LONG.withName("stx_blocks"),
          JAVA_LONG.withName("stx_attributes_mask"),
          STATX_TIMESTAMP.withName("stx_atime"),
          STATX_TIMESTAMP.withName("stx_btime"),
          STATX_TIMESTAMP.withName("stx_ctime"),
          STATX_TIMESTAMP.withName("stx_mtime"),
          JAVA_INT.withName("stx_rdev_major"),
          JAVA_INT.withName("stx_rdev_minor"),
          JAVA_INT.withName("stx_dev_major"),
          JAVA_INT.withName("stx_dev_minor"),
          JAVA_LONG.withName("stx_mnt_id"),
          MemoryLayout.paddingLayout(104));

  /** {@code struct open_how} of {@code linux/openat2.h}. */
  static final StructLayout OPEN_HOW =
      MemoryLayout.structLayout(
          JAVA_LONG.withName("flags"), JAVA_LONG.withName("mode"), JAVA_LONG.withName("resolve"));

  /** {@code struct linux_dirent64}; the name follows, ended by NUL. Records are 8-byte aligned. */
  static final StructLayout DIRENT64 =
      MemoryLayout.structLayout(
          JAVA_LONG.withName("d_ino"),
          JAVA_LONG.withName("d_off"),
          JAVA_SHORT.withName("d_reclen"),
          JAVA_BYTE.withName("d_type"),
          MemoryLayout.paddingLayout(5));

  /** Where the name begins: right after the type, in what the structure pads. */
  static final long DIRENT64_NAME = 19;

  /** {@code struct inotify_event} of {@code sys/inotify.h}; {@code len} bytes of name follow. */
  static final StructLayout INOTIFY_EVENT =
      MemoryLayout.structLayout(
          JAVA_INT.withName("wd"),
          JAVA_INT.withName("mask"),
          JAVA_INT.withName("cookie"),
          JAVA_INT.withName("len"));

  /** {@code struct timespec} of {@code time.h}. */
  static final StructLayout TIMESPEC =
      MemoryLayout.structLayout(JAVA_LONG.withName("tv_sec"), JAVA_LONG.withName("tv_nsec"));

  /** {@code struct pollfd} of {@code poll.h}. */
  static final StructLayout POLLFD =
      MemoryLayout.structLayout(
          JAVA_INT.withName("fd"), JAVA_SHORT.withName("events"), JAVA_SHORT.withName("revents"));

  /** {@code struct statfs} of {@code sys/statfs.h}; only the type and the id are read. */
  static final StructLayout STATFS =
      MemoryLayout.structLayout(
          JAVA_LONG.withName("f_type"),
          MemoryLayout.paddingLayout(48),
          JAVA_LONG.withName("f_fsid"),
          MemoryLayout.paddingLayout(56));

  /** {@code struct file_handle} of {@code fcntl.h}; {@code handle_bytes} bytes follow. */
  static final StructLayout FILE_HANDLE =
      MemoryLayout.structLayout(
          JAVA_INT.withName("handle_bytes"), JAVA_INT.withName("handle_type"));

  /** {@code struct fanotify_event_metadata} of {@code linux/fanotify.h}; records follow. */
  static final StructLayout FANOTIFY_EVENT =
      MemoryLayout.structLayout(
          JAVA_INT.withName("event_len"),
          JAVA_BYTE.withName("vers"),
          JAVA_BYTE.withName("reserved"),
          JAVA_SHORT.withName("metadata_len"),
          JAVA_LONG.withName("mask"),
          JAVA_INT.withName("fd"),
          JAVA_INT.withName("pid"));

  /**
   * {@code struct fanotify_event_info_fid} of {@code linux/fanotify.h}, its header included; a
   * {@code struct file_handle} follows, then for some kinds a name that ends with NUL.
   */
  static final StructLayout FANOTIFY_INFO_FID =
      MemoryLayout.structLayout(
          JAVA_BYTE.withName("info_type"),
          JAVA_BYTE.withName("pad"),
          JAVA_SHORT.withName("len"),
          JAVA_INT.withName("fsid_low"),
          JAVA_INT.withName("fsid_high"));

  private Layouts() {}

  /** Offset in bytes of a field, or of a field within a named member. */
  static long offset(StructLayout layout, String... names) {
    PathElement[] path = new PathElement[names.length];
    for (int i = 0; i < names.length; i++) {
      path[i] = PathElement.groupElement(names[i]);
    }
    return layout.byteOffset(path);
  }
}
