package dev.tidemark.filesystem.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * Constants and structures against the C headers of the machine, and against those of the other.
 */
@EnabledOnOs(value = OS.LINUX, disabledReason = "the headers of Linux")
class KernelHeadersTest {
  @TempDir private Path folder;

  @Test
  void constantsAreThoseOfTheHeaders() throws Exception {
    Map<String, Long> expected = new LinkedHashMap<>();
    Architecture running = Architecture.running();
    expected.put("O_DIRECTORY", (long) running.openDirectory);
    expected.put("O_NOFOLLOW", (long) running.openNoFollow);
    expected.put("O_DIRECT", (long) running.openDirect);
    expected.put("SYS_openat2", running.callOpenat2);
    expected.put("SYS_getdents64", running.callGetdents64);
    expected.put("SYS_mknodat", running.callMknodat);
    expected.put("SYS_listxattrat", running.callListxattrat);
    expected.put("AT_FDCWD", (long) LinuxConstants.AT_FDCWD);
    expected.put("AT_SYMLINK_NOFOLLOW", (long) LinuxConstants.AT_SYMLINK_NOFOLLOW);
    expected.put("AT_REMOVEDIR", (long) LinuxConstants.AT_REMOVEDIR);
    expected.put("AT_NO_AUTOMOUNT", (long) LinuxConstants.AT_NO_AUTOMOUNT);
    expected.put("AT_EMPTY_PATH", (long) LinuxConstants.AT_EMPTY_PATH);
    expected.put("O_RDONLY", (long) LinuxConstants.O_RDONLY);
    expected.put("O_RDWR", (long) LinuxConstants.O_RDWR);
    expected.put("O_CREAT", (long) LinuxConstants.O_CREAT);
    expected.put("O_EXCL", (long) LinuxConstants.O_EXCL);
    expected.put("O_NONBLOCK", (long) LinuxConstants.O_NONBLOCK);
    expected.put("O_NOATIME", (long) LinuxConstants.O_NOATIME);
    expected.put("O_CLOEXEC", (long) LinuxConstants.O_CLOEXEC);
    expected.put("O_PATH", (long) LinuxConstants.O_PATH);
    expected.put("AF_UNIX", (long) LinuxConstants.AF_UNIX);
    expected.put("SOCK_DGRAM", (long) LinuxConstants.SOCK_DGRAM);
    expected.put("SOCK_CLOEXEC", (long) LinuxConstants.SOCK_CLOEXEC);
    expected.put("MSG_DONTWAIT", (long) LinuxConstants.MSG_DONTWAIT);
    expected.put("MSG_NOSIGNAL", (long) LinuxConstants.MSG_NOSIGNAL);
    expected.put(
        "sizeof(((struct sockaddr_un *) 0)->sun_path)", (long) LinuxConstants.SUN_PATH_BYTES);
    expected.put("RESOLVE_NO_MAGICLINKS", LinuxConstants.RESOLVE_NO_MAGICLINKS);
    expected.put("RESOLVE_NO_SYMLINKS", LinuxConstants.RESOLVE_NO_SYMLINKS);
    expected.put("RESOLVE_BENEATH", LinuxConstants.RESOLVE_BENEATH);
    expected.put("STATX_BASIC_STATS", (long) LinuxConstants.STATX_BASIC_STATS);
    expected.put("STATX_MNT_ID", (long) LinuxConstants.STATX_MNT_ID);
    expected.put("S_IFMT", (long) LinuxConstants.S_IFMT);
    expected.put("S_IFREG", (long) FileType.REGULAR.modeBits());
    expected.put("S_IFDIR", (long) FileType.DIRECTORY.modeBits());
    expected.put("S_IFLNK", (long) FileType.SYMLINK.modeBits());
    expected.put("S_IFIFO", (long) FileType.FIFO.modeBits());
    expected.put("S_IFSOCK", (long) FileType.SOCKET.modeBits());
    expected.put("S_IFCHR", (long) FileType.CHARACTER_DEVICE.modeBits());
    expected.put("S_IFBLK", (long) FileType.BLOCK_DEVICE.modeBits());
    expected.put("UTIME_OMIT", LinuxConstants.UTIME_OMIT);
    expected.put("RENAME_NOREPLACE", (long) LinuxConstants.RENAME_NOREPLACE);
    expected.put("RENAME_EXCHANGE", (long) LinuxConstants.RENAME_EXCHANGE);
    expected.put("FALLOC_FL_KEEP_SIZE", (long) LinuxConstants.FALLOC_FL_KEEP_SIZE);
    expected.put("SEEK_SET", (long) LinuxConstants.SEEK_SET);
    expected.put("SEEK_DATA", (long) LinuxConstants.SEEK_DATA);
    expected.put("SEEK_HOLE", (long) LinuxConstants.SEEK_HOLE);
    expected.put("XATTR_NAME_MAX", (long) LinuxConstants.XATTR_NAME_MAX);
    expected.put("XATTR_SIZE_MAX", (long) LinuxConstants.XATTR_SIZE_MAX);
    expected.put("XATTR_LIST_MAX", (long) LinuxConstants.XATTR_LIST_MAX);
    expected.put("EFD_CLOEXEC", (long) LinuxConstants.EFD_CLOEXEC);
    expected.put("EFD_NONBLOCK", (long) LinuxConstants.EFD_NONBLOCK);
    expected.put("POLLIN", (long) LinuxConstants.POLLIN);
    expected.put("IN_CLOEXEC", (long) LinuxConstants.IN_CLOEXEC);
    expected.put("IN_NONBLOCK", (long) LinuxConstants.IN_NONBLOCK);
    expected.put("IN_ONLYDIR", (long) LinuxConstants.IN_ONLYDIR);
    expected.put("IN_EXCL_UNLINK", (long) LinuxConstants.IN_EXCL_UNLINK);
    expected.put("FAN_CLOEXEC", (long) LinuxConstants.FAN_CLOEXEC);
    expected.put("FAN_NONBLOCK", (long) LinuxConstants.FAN_NONBLOCK);
    expected.put("FAN_CLASS_NOTIF", (long) LinuxConstants.FAN_CLASS_NOTIF);
    expected.put("FAN_UNLIMITED_QUEUE", (long) LinuxConstants.FAN_UNLIMITED_QUEUE);
    expected.put("FAN_REPORT_DFID_NAME", (long) LinuxConstants.FAN_REPORT_DFID_NAME);
    expected.put("FAN_MARK_ADD", (long) LinuxConstants.FAN_MARK_ADD);
    expected.put("FAN_MARK_FILESYSTEM", (long) LinuxConstants.FAN_MARK_FILESYSTEM);
    expected.put("FAN_RENAME", LinuxConstants.FAN_RENAME);
    expected.put("FAN_ONDIR", LinuxConstants.FAN_ONDIR);
    expected.put(
        "FAN_EVENT_INFO_TYPE_DFID_NAME", (long) LinuxConstants.FAN_EVENT_INFO_TYPE_DFID_NAME);
    expected.put(
        "FAN_EVENT_INFO_TYPE_OLD_DFID_NAME",
        (long) LinuxConstants.FAN_EVENT_INFO_TYPE_OLD_DFID_NAME);
    expected.put(
        "FAN_EVENT_INFO_TYPE_NEW_DFID_NAME",
        (long) LinuxConstants.FAN_EVENT_INFO_TYPE_NEW_DFID_NAME);
    expected.put("FANOTIFY_METADATA_VERSION", (long) LinuxConstants.FANOTIFY_METADATA_VERSION);
    expected.put("MAX_HANDLE_SZ", (long) LinuxConstants.MAX_HANDLE_SZ);
    expected.put("FAN_MODIFY", (long) WatchMask.MODIFY);
    expected.put("FAN_ATTRIB", (long) WatchMask.ATTRIB);
    expected.put("FAN_CLOSE_WRITE", (long) WatchMask.CLOSE_WRITE);
    expected.put("FAN_CLOSE_NOWRITE", (long) WatchMask.CLOSE_NOWRITE);
    expected.put("FAN_MOVED_FROM", (long) WatchMask.MOVED_FROM);
    expected.put("FAN_MOVED_TO", (long) WatchMask.MOVED_TO);
    expected.put("FAN_CREATE", (long) WatchMask.CREATE);
    expected.put("FAN_DELETE", (long) WatchMask.DELETE);
    expected.put("FAN_DELETE_SELF", (long) WatchMask.DELETE_SELF);
    expected.put("FAN_Q_OVERFLOW", (long) WatchMask.QUEUE_OVERFLOW);
    expected.put("IN_ACCESS", (long) WatchMask.ACCESS);
    expected.put("IN_MODIFY", (long) WatchMask.MODIFY);
    expected.put("IN_ATTRIB", (long) WatchMask.ATTRIB);
    expected.put("IN_CLOSE_WRITE", (long) WatchMask.CLOSE_WRITE);
    expected.put("IN_CLOSE_NOWRITE", (long) WatchMask.CLOSE_NOWRITE);
    expected.put("IN_OPEN", (long) WatchMask.OPEN);
    expected.put("IN_MOVED_FROM", (long) WatchMask.MOVED_FROM);
    expected.put("IN_MOVED_TO", (long) WatchMask.MOVED_TO);
    expected.put("IN_CREATE", (long) WatchMask.CREATE);
    expected.put("IN_DELETE", (long) WatchMask.DELETE);
    expected.put("IN_DELETE_SELF", (long) WatchMask.DELETE_SELF);
    expected.put("IN_MOVE_SELF", (long) WatchMask.MOVE_SELF);
    expected.put("IN_UNMOUNT", (long) WatchMask.UNMOUNT);
    expected.put("IN_Q_OVERFLOW", (long) WatchMask.QUEUE_OVERFLOW);
    expected.put("IN_IGNORED", (long) WatchMask.IGNORED);
    expected.put("IN_ISDIR", (long) WatchMask.IS_DIRECTORY);
    for (Errno errno : Errno.values()) {
      if (errno != Errno.OTHER) {
        expected.put(errno.name(), (long) errno.number());
      }
    }

    assertThat(evaluate(expected.keySet())).isEqualTo(expected);
  }

  @Test
  void structuresAreLaidOutAsInTheHeaders() throws Exception {
    Map<String, Long> expected = new LinkedHashMap<>();
    expected.put("sizeof(struct statx)", Layouts.STATX.byteSize());
    for (String field :
        List.of(
            "stx_mask",
            "stx_nlink",
            "stx_uid",
            "stx_gid",
            "stx_mode",
            "stx_ino",
            "stx_size",
            "stx_blocks",
            "stx_rdev_major",
            "stx_rdev_minor",
            "stx_dev_major",
            "stx_dev_minor",
            "stx_mnt_id")) {
      expected.put("offsetof(struct statx, " + field + ")", Layouts.offset(Layouts.STATX, field));
    }
    for (String time : List.of("stx_atime", "stx_btime", "stx_ctime", "stx_mtime")) {
      for (String part : List.of("tv_sec", "tv_nsec")) {
        expected.put(
            "offsetof(struct statx, " + time + "." + part + ")",
            Layouts.offset(Layouts.STATX, time, part));
      }
    }
    expected.put("sizeof(struct open_how)", Layouts.OPEN_HOW.byteSize());
    expected.put("offsetof(struct open_how, resolve)", Layouts.offset(Layouts.OPEN_HOW, "resolve"));
    expected.put("sizeof(struct inotify_event)", Layouts.INOTIFY_EVENT.byteSize());
    for (String field : List.of("wd", "mask", "cookie", "len")) {
      expected.put(
          "offsetof(struct inotify_event, " + field + ")",
          Layouts.offset(Layouts.INOTIFY_EVENT, field));
    }
    expected.put("offsetof(struct dirent64, d_name)", Layouts.DIRENT64_NAME);
    for (String field : List.of("d_ino", "d_off", "d_reclen", "d_type")) {
      expected.put(
          "offsetof(struct dirent64, " + field + ")", Layouts.offset(Layouts.DIRENT64, field));
    }
    expected.put("sizeof(struct timespec)", Layouts.TIMESPEC.byteSize());
    expected.put("offsetof(struct timespec, tv_nsec)", Layouts.offset(Layouts.TIMESPEC, "tv_nsec"));
    expected.put("sizeof(struct pollfd)", Layouts.POLLFD.byteSize());
    expected.put("offsetof(struct pollfd, events)", Layouts.offset(Layouts.POLLFD, "events"));
    expected.put("offsetof(struct pollfd, revents)", Layouts.offset(Layouts.POLLFD, "revents"));
    expected.put("sizeof(struct statfs)", Layouts.STATFS.byteSize());
    expected.put("offsetof(struct statfs, f_type)", Layouts.offset(Layouts.STATFS, "f_type"));
    expected.put("offsetof(struct statfs, f_fsid)", Layouts.offset(Layouts.STATFS, "f_fsid"));
    expected.put("sizeof(struct file_handle)", Layouts.FILE_HANDLE.byteSize());
    for (String field : List.of("handle_bytes", "handle_type")) {
      expected.put(
          "offsetof(struct file_handle, " + field + ")",
          Layouts.offset(Layouts.FILE_HANDLE, field));
    }
    expected.put("sizeof(struct fanotify_event_metadata)", Layouts.FANOTIFY_EVENT.byteSize());
    for (String field : List.of("event_len", "vers", "metadata_len", "mask", "fd", "pid")) {
      expected.put(
          "offsetof(struct fanotify_event_metadata, " + field + ")",
          Layouts.offset(Layouts.FANOTIFY_EVENT, field));
    }
    expected.put(
        "offsetof(struct fanotify_event_info_fid, handle)", Layouts.FANOTIFY_INFO_FID.byteSize());
    expected.put(
        "offsetof(struct fanotify_event_info_fid, hdr.len)",
        Layouts.offset(Layouts.FANOTIFY_INFO_FID, "len"));
    expected.put(
        "offsetof(struct fanotify_event_info_fid, fsid)",
        Layouts.offset(Layouts.FANOTIFY_INFO_FID, "fsid_low"));

    assertThat(evaluate(expected.keySet())).isEqualTo(expected);
  }

  /** The sizes that the kernel has promised never to change, also where no compiler is. */
  @Test
  void structuresHaveTheSizesOfTheKernel() {
    assertThat(Layouts.STATX.byteSize()).isEqualTo(256);
    assertThat(Layouts.STATX_TIMESTAMP.byteSize()).isEqualTo(16);
    assertThat(Layouts.OPEN_HOW.byteSize()).isEqualTo(24);
    assertThat(Layouts.DIRENT64.byteSize()).isEqualTo(24);
    assertThat(Layouts.INOTIFY_EVENT.byteSize()).isEqualTo(16);
    assertThat(Layouts.TIMESPEC.byteSize()).isEqualTo(16);
    assertThat(Layouts.POLLFD.byteSize()).isEqualTo(8);
    assertThat(Layouts.STATFS.byteSize()).isEqualTo(120);
    assertThat(Layouts.FANOTIFY_EVENT.byteSize()).isEqualTo(24);
    assertThat(Layouts.FANOTIFY_INFO_FID.byteSize()).isEqualTo(12);
    assertThat(Layouts.FILE_HANDLE.byteSize()).isEqualTo(8);
  }

  /** As written in octal in {@code asm-generic/fcntl.h} and in {@code fcntl.h} of arch/arm64. */
  @Test
  void bothArchitecturesHaveTheirOwnFlags() {
    Architecture x86 = Architecture.X86_64;
    assertThat(x86.openDirectory).isEqualTo(0200000);
    assertThat(x86.openNoFollow).isEqualTo(0400000);
    assertThat(x86.openDirect).isEqualTo(040000);
    assertThat(x86.openLargeFile).isEqualTo(0100000);
    Architecture arm = Architecture.AARCH64;
    assertThat(arm.openDirectory).isEqualTo(040000);
    assertThat(arm.openNoFollow).isEqualTo(0100000);
    assertThat(arm.openDirect).isEqualTo(0200000);
    assertThat(arm.openLargeFile).isEqualTo(0400000);
    assertThat(arm.callGetdents64).isEqualTo(61);
    assertThat(arm.callMknodat).isEqualTo(33);
    assertThat(arm.callOpenat2).isEqualTo(x86.callOpenat2).isEqualTo(437);
    assertThat(arm.callListxattrat).isEqualTo(x86.callListxattrat).isEqualTo(465);
  }

  @Test
  void otherSystemsAndProcessorsAreRefused() {
    assertThat(Architecture.named("Linux", "amd64")).isEqualTo(Architecture.X86_64);
    assertThat(Architecture.named("Linux", "aarch64")).isEqualTo(Architecture.AARCH64);
    for (String processor : List.of("riscv64", "x86", "arm", "ppc64le", "")) {
      assertThatThrownBy(() -> Architecture.named("Linux", processor))
          .isInstanceOf(UnsupportedOperationException.class)
          .hasMessageContaining("x86-64 or aarch64");
    }
    assertThatThrownBy(() -> Architecture.named("Mac OS X", "aarch64"))
        .isInstanceOf(UnsupportedOperationException.class);
  }

  @Test
  void numbersOfFailuresHaveTheirNames() {
    assertThat(Errno.of(2)).isEqualTo(Errno.ENOENT);
    assertThat(Errno.of(116)).isEqualTo(Errno.ESTALE);
    assertThat(Errno.of(0)).isEqualTo(Errno.OTHER);
    assertThat(Errno.of(-1)).isEqualTo(Errno.OTHER);
    assertThat(Errno.of(4096)).isEqualTo(Errno.OTHER);
    assertThat(new SystemCallException("open", "/x", 133)).hasMessage("open /x: errno 133");
    assertThat(new SystemCallException("inotify_add_watch", "/x", 28))
        .hasMessageContaining("fs.inotify.max_user_watches");
  }

  /** The values of C expressions, as the compiler sees them. */
  private Map<String, Long> evaluate(Iterable<String> expressions) throws Exception {
    assumeThat(List.of("/usr/bin/gcc", "/usr/bin/cc"))
        .as("a C compiler")
        .anyMatch(compiler -> Files.isExecutable(Path.of(compiler)));
    assumeThat(Path.of("/usr/include/linux/openat2.h")).as("the kernel's headers").exists();
    StringBuilder source =
        new StringBuilder(
            """
            #define _GNU_SOURCE
            #include <dirent.h>
            #include <errno.h>
            #include <fcntl.h>
            #include <poll.h>
            #include <stddef.h>
            #include <stdio.h>
            #include <time.h>
            #include <unistd.h>
            #include <sys/eventfd.h>
            #include <sys/fanotify.h>
            #include <sys/inotify.h>
            #include <sys/socket.h>
            #include <sys/un.h>
            #include <sys/stat.h>
            #include <sys/syscall.h>
            #include <sys/vfs.h>
            #include <linux/limits.h>
            #include <linux/openat2.h>
            #ifndef SYS_listxattrat
            #define SYS_listxattrat 465
            #endif
            #ifndef STATX_MNT_ID
            #define STATX_MNT_ID 0x1000
            #endif
            #ifndef FAN_RENAME
            #define FAN_RENAME 0x10000000
            #define FAN_EVENT_INFO_TYPE_OLD_DFID_NAME 10
            #define FAN_EVENT_INFO_TYPE_NEW_DFID_NAME 12
            #endif
            int main(void) {
            """);
    List<String> names = new ArrayList<>();
    for (String expression : expressions) {
      names.add(expression);
      source.append("  printf(\"%lld\\n\", (long long) (").append(expression).append("));\n");
    }
    source.append("  return 0;\n}\n");
    Path program = folder.resolve("values");
    Path code = Files.writeString(folder.resolve("values.c"), source);
    run("cc", "-o", program.toString(), code.toString());
    List<String> lines = run(program.toString());
    Map<String, Long> values = new LinkedHashMap<>();
    for (int i = 0; i < names.size(); i++) {
      values.put(names.get(i), Long.parseLong(lines.get(i)));
    }
    return values;
  }

  private static List<String> run(String... command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    try (BufferedReader out = process.inputReader()) {
      List<String> lines = out.lines().toList();
      assertThat(process.waitFor()).as(String.join("\n", lines)).isZero();
      return lines;
    }
  }
}
