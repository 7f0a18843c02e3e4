#!/usr/bin/env python3
"""Compares directory trees in all their metadata, by nothing but the kernel's own calls.

usage: compare_trees.py compare A B [WAIT-SECONDS]
       compare_trees.py compare-all A B
       compare_trees.py freeze ROOT MANIFEST

A and B are directories or manifests, which are frozen directories. Ends with 0 if they are equal,
with 1 after a line for each difference. With WAIT-SECONDS it looks again until they are equal or
the time is over; the trees may change meanwhile.

Compared of each path, the root's included: kind, mode with setuid, setgid and sticky, owner and
group by number, modification time in nanoseconds, every extended attribute that the kernel lists
(ACLs and capabilities are among them), target of a symlink, numbers of a device, size, data and
holes as SEEK_DATA and SEEK_HOLE tell them, the data itself, and which paths are one inode. Paths
are bytes of any length: directories are entered one name at a time. Sockets are left out: they are
the only kind that is not backed up.

With compare-all also what is not backed up is compared: sockets, times of birth, access and status
change, flags of inodes and project numbers.
"""
import ctypes
import errno
import fcntl
import hashlib
import json
import os
import stat
import struct
import sys
import time

SHOWN = 40
BUFFER = 1 << 20
KINDS = {
    stat.S_IFREG: "file", stat.S_IFDIR: "directory", stat.S_IFLNK: "symlink",
    stat.S_IFIFO: "fifo", stat.S_IFCHR: "character device", stat.S_IFBLK: "block device",
    stat.S_IFSOCK: "socket",
}
LIBC = ctypes.CDLL(None, use_errno=True)
AT_FDCWD, AT_SYMLINK_NOFOLLOW, STATX_BTIME = -100, 0x100, 0x800
FS_IOC_GETFLAGS, FS_IOC_FSGETXATTR = 0x80086601, 0x801C581F


def text(raw):
    """Bytes as a string from which they can be had again."""
    return raw.decode("latin-1")


def shown(path):
    raw = path.encode("latin-1")
    full = raw.decode("utf-8", "backslashreplace").encode("unicode_escape").decode("ascii")
    return full if len(full) <= 160 else "%s…%s (%d bytes)" % (full[:70], full[-70:], len(raw))


class Reader:
    """Describes trees. Content that was hashed is hashed again only if its inode has changed."""

    def __init__(self, everything=False):
        self.hashes = {}
        self.everything = everything

    def read(self, root):
        if os.path.isfile(root):
            with open(root, encoding="ascii") as manifest:
                return json.load(manifest)
        self.entries = {}
        self.names = {}
        fd = os.open(root, os.O_RDONLY | os.O_DIRECTORY)
        try:
            self.describe(b"", fd, b".", os.fstat(fd))
            self.enter(fd, b"")
        finally:
            os.close(fd)
        for paths in self.names.values():
            first = min(paths)
            if len(paths) > 1:
                for path in paths:
                    self.entries[path]["one inode with"] = first
        return self.entries

    def enter(self, fd, path):
        # An iterator over a descriptor reads from a copy of it, whose place is shared.
        os.lseek(fd, 0, os.SEEK_SET)
        with os.scandir(fd) as listing:
            names = sorted(os.fsencode(entry.name) for entry in listing)
        for name in names:
            below = path + b"/" + name if path else name
            found = os.stat(name, dir_fd=fd, follow_symlinks=False)
            if stat.S_ISSOCK(found.st_mode) and not self.everything:
                continue
            self.describe(below, fd, name, found)
            if stat.S_ISDIR(found.st_mode):
                inner = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=fd)
                try:
                    self.enter(inner, below)
                finally:
                    os.close(inner)

    def describe(self, path, directory, name, found):
        kind = stat.S_IFMT(found.st_mode)
        reach = b"/proc/self/fd/%d/%s" % (directory, name)
        entry = {
            "kind": KINDS[kind],
            "mode": "%05o" % stat.S_IMODE(found.st_mode),
            "owner": found.st_uid,
            "group": found.st_gid,
            "mtime": found.st_mtime_ns,
            "attributes": {
                text(os.fsencode(attribute)):
                    os.getxattr(reach, attribute, follow_symlinks=False).hex()
                for attribute in sorted(os.listxattr(reach, follow_symlinks=False))
            },
        }
        if self.everything:
            entry.update(rest(reach, found))
        if kind == stat.S_IFLNK:
            entry["target"] = text(os.readlink(name, dir_fd=directory))
        elif kind in (stat.S_IFCHR, stat.S_IFBLK):
            entry["device"] = [os.major(found.st_rdev), os.minor(found.st_rdev)]
        elif kind == stat.S_IFREG:
            entry["size"] = found.st_size
            entry["data"], entry["content"] = self.content(directory, name, found)
        if kind != stat.S_IFDIR:
            self.names.setdefault((found.st_dev, found.st_ino), []).append(text(path))
        self.entries[text(path)] = entry

    def content(self, directory, name, found):
        key = (found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)
        if key in self.hashes:
            return self.hashes[key]
        try:
            fd = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NOATIME, dir_fd=directory)
        except PermissionError:
            fd = os.open(name, os.O_RDONLY | os.O_NOFOLLOW, dir_fd=directory)
        try:
            runs = data_runs(fd)
            digest = hashlib.sha256()
            for start, end in runs:
                while start < end:
                    piece = os.pread(fd, min(BUFFER, end - start), start)
                    if not piece:
                        break
                    digest.update(piece)
                    start += len(piece)
        finally:
            os.close(fd)
        self.hashes[key] = (runs, digest.hexdigest())
        return self.hashes[key]


def rest(path, found):
    """What a backup does not keep."""
    more = {"atime": found.st_atime_ns, "ctime": found.st_ctime_ns}
    answer = ctypes.create_string_buffer(256)
    if LIBC.statx(AT_FDCWD, path, AT_SYMLINK_NOFOLLOW, STATX_BTIME, answer) != 0:
        raise OSError(ctypes.get_errno(), "statx")
    # struct statx, linux/stat.h: stx_btime is at 80, seconds and nanoseconds.
    more["birth"] = struct.unpack_from("<qI", answer, 80)
    if stat.S_ISREG(found.st_mode) or stat.S_ISDIR(found.st_mode):
        fd = os.open(path, os.O_RDONLY | os.O_NOATIME)
        try:
            # Of those only which a user sets: immutable, append only, no dump, and no atime.
            flags = struct.unpack("=i", fcntl.ioctl(fd, FS_IOC_GETFLAGS, b"\0" * 4))[0]
            more["flags"] = flags & 0xF0
            more["project"] = struct.unpack_from(
                "=IIIII", fcntl.ioctl(fd, FS_IOC_FSGETXATTR, b"\0" * 28))[3]
        finally:
            os.close(fd)
    return more


def data_runs(fd):
    """The runs of data, each [start, end), from the first byte to the end of the file."""
    runs = []
    position = 0
    while True:
        try:
            start = os.lseek(fd, position, os.SEEK_DATA)
        except OSError as e:
            if e.errno == errno.ENXIO:
                return runs
            raise
        position = os.lseek(fd, start, os.SEEK_HOLE)
        runs.append([start, position])


def differences(one, other):
    lines = []
    for path in sorted(one.keys() | other.keys()):
        name = shown(path) or "."
        if path not in other:
            lines.append("%s: only in the first, a %s" % (name, one[path]["kind"]))
        elif path not in one:
            lines.append("%s: only in the second, a %s" % (name, other[path]["kind"]))
        else:
            here, there = one[path], other[path]
            for aspect in sorted(here.keys() | there.keys()):
                left, right = here.get(aspect), there.get(aspect)
                if left != right:
                    lines.append("%s: %s %s, but %s" % (
                        name, aspect, str(left)[:300], str(right)[:300]))
    return lines


def compare(one, other, seconds, everything=False):
    deadline = time.monotonic() + seconds
    first, second = Reader(everything), Reader(everything)
    while True:
        try:
            lines = differences(first.read(one), second.read(other))
        except OSError as e:
            # What was listed is gone or of another kind: the tree changes under the comparison.
            if e.errno not in (errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.ESTALE,
                               errno.ENODATA) or seconds == 0:
                raise
            lines = ["a tree changed while it was read: %s" % e]
        if not lines:
            return 0
        if time.monotonic() >= deadline:
            for line in lines[:SHOWN]:
                print(line)
            if len(lines) > SHOWN:
                print("and %d more" % (len(lines) - SHOWN))
            return 1
        time.sleep(0.1)


def main(arguments):
    if len(arguments) in (3, 4) and arguments[0] == "compare":
        return compare(arguments[1], arguments[2], float(arguments[3]) if arguments[3:] else 0)
    if len(arguments) == 3 and arguments[0] == "compare-all":
        return compare(arguments[1], arguments[2], 0, everything=True)
    if len(arguments) == 3 and arguments[0] == "freeze":
        entries = Reader().read(arguments[1])
        with open(arguments[2], "x", encoding="ascii") as manifest:
            json.dump(entries, manifest)
        return 0
    print(__doc__, file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.setrecursionlimit(10_000)
    sys.exit(main(sys.argv[1:]))
