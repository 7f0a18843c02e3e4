#!/usr/bin/env python3
"""Makes an example of each row of the fidelity matrix.

usage: fidelity_rows.py make FOLDER    one directory in FOLDER for each row, with its name
       fidelity_rows.py release FOLDER what keeps it from being deleted is taken away

Prints a line "made ROW", or "left ROW REASON" for what this user or this filesystem cannot make.
"""
import errno
import fcntl
import os
import socket
import stat
import struct
import sys

ROWS = []
FS_IOC_GETFLAGS, FS_IOC_SETFLAGS = 0x80086601, 0x40086602
FS_IOC_FSGETXATTR, FS_IOC_FSSETXATTR = 0x801C581F, 0x401C5820
IMMUTABLE, APPEND, NODUMP = 0x10, 0x20, 0x40
ANYBODY = 0xFFFFFFFF


def row(function):
    ROWS.append((function.__name__.replace("_", "-"), function))
    return function


def write(path, data=b"content\n"):
    with open(path, "wb") as file:
        file.write(data)
    return path


def acl(entries):
    return struct.pack("<I", 2) + b"".join(struct.pack("<HHI", *entry) for entry in entries)


def touch(path, seconds, nanos=123_456_789):
    os.utime(path, ns=(0, seconds * 1_000_000_000 + nanos), follow_symlinks=False)


@row
def file_content(at):
    write(at + b"/empty", b"")
    write(at + b"/small")
    write(at + b"/zeros", b"\0" * 300_000)
    write(at + b"/large", os.urandom(3_000_000))


@row
def holes(at):
    with open(at + b"/file", "wb") as file:
        file.truncate(5_000_000)
        for position in (65_536, 1_000_000, 4_194_304):
            file.seek(position)
            file.write(os.urandom(20_000))
    with open(at + b"/only a hole", "wb") as file:
        file.truncate(1_000_000)


@row
def huge_holes(at):
    with open(at + b"/file", "wb") as file:
        file.truncate(1 << 40)
        for position in (0, 1 << 39, (1 << 40) - 10_000):
            file.seek(position)
            file.write(os.urandom(10_000))


@row
def mode(at):
    for bits in (0o000, 0o400, 0o644, 0o777):
        os.chmod(write(at + b"/%o" % bits), bits)
    os.mkdir(at + b"/closed")
    write(at + b"/closed/file")
    os.chmod(at + b"/closed", 0o555)


@row
def setuid_setgid_sticky(at):
    for bits in (0o4755, 0o2755, 0o6711, 0o1644):
        os.chmod(write(at + b"/%o" % bits), bits)
    os.mkdir(at + b"/shared")
    os.chmod(at + b"/shared", 0o3777)


@row
def owner_and_group(at):
    os.chown(write(at + b"/file"), 1234, 4321)
    os.mkdir(at + b"/directory")
    os.chown(at + b"/directory", 4_000_000, 33)
    setuid = write(at + b"/setuid of another")
    os.chown(setuid, 1234, 4321)
    os.chmod(setuid, 0o6755)


@row
def modification_time(at):
    for seconds in (1_000_000_000, 0, 981_173_106):
        touch(write(at + b"/%d" % seconds), seconds)


@row
def time_before_1970(at):
    touch(write(at + b"/1969"), -1)
    touch(write(at + b"/1906"), -2_000_000_000)


@row
def time_after_2038(at):
    touch(write(at + b"/2038"), 2_147_483_648)
    touch(write(at + b"/2413"), 14_000_000_000)


@row
def directory_time(at):
    os.mkdir(at + b"/empty")
    os.mkdir(at + b"/full")
    write(at + b"/full/file")
    touch(at + b"/empty", 1_100_000_000)
    touch(at + b"/full", 1_200_000_000)


@row
def symlink(at):
    os.symlink(b"small", at + b"/relative")
    os.symlink(b"/no/such/place", at + b"/dangling")
    os.symlink(b"\xff\xfe\n", at + b"/bytes")
    os.symlink(b"t" * 4_000, at + b"/long")


@row
def symlink_time(at):
    os.symlink(b"nowhere", at + b"/link")
    touch(at + b"/link", 1_300_000_000)


@row
def symlink_owner(at):
    os.symlink(b"nowhere", at + b"/link")
    os.chown(at + b"/link", 1234, 4321, follow_symlinks=False)


@row
def fifo(at):
    os.mkfifo(at + b"/fifo")
    os.chmod(at + b"/fifo", 0o620)
    touch(at + b"/fifo", 1_400_000_000)


@row
def device(at):
    os.mknod(at + b"/character", stat.S_IFCHR | 0o666, os.makedev(1, 3))
    os.mknod(at + b"/block", stat.S_IFBLK | 0o660, os.makedev(250, 70_000))


@row
def hard_link(at):
    os.mkdir(at + b"/one")
    os.mkdir(at + b"/two")
    file = write(at + b"/one/file")
    os.link(file, at + b"/two/file")
    os.link(file, at + b"/one/same")


@row
def hard_link_of_others(at):
    os.symlink(b"target", at + b"/link")
    os.link(at + b"/link", at + b"/same link", follow_symlinks=False)
    os.mkfifo(at + b"/fifo")
    os.link(at + b"/fifo", at + b"/same fifo")


@row
def user_attribute(at):
    file = write(at + b"/file")
    os.setxattr(file, b"user.text", b"value")
    os.setxattr(file, b"user.bytes", bytes(range(256)))
    os.setxattr(file, b"user.empty", b"")
    os.setxattr(at, b"user.directory", b"value")
    os.chmod(file, 0o444)


@row
def trusted_attribute(at):
    os.setxattr(write(at + b"/file"), b"trusted.name", b"value")
    os.setxattr(at, b"trusted.directory", b"value")


@row
def symlink_attribute(at):
    os.symlink(b"nowhere", at + b"/link")
    os.setxattr(at + b"/link", b"trusted.link", b"value", follow_symlinks=False)


@row
def capability(at):
    value = struct.pack("<IIIII", 0x02000001, 0x400, 0, 0, 0)
    os.setxattr(write(at + b"/file"), b"security.capability", value)
    other = write(at + b"/setuid of another")
    os.chown(other, 1234, 4321)
    os.chmod(other, 0o4755)
    os.setxattr(other, b"security.capability", value)


@row
def access_acl(at):
    value = acl(((1, 6, ANYBODY), (2, 4, 1234), (4, 4, ANYBODY), (8, 6, 4321), (16, 6, ANYBODY),
                 (32, 0, ANYBODY)))
    os.setxattr(write(at + b"/file"), b"system.posix_acl_access", value)
    os.mkdir(at + b"/directory")
    os.setxattr(at + b"/directory", b"system.posix_acl_access", value)


@row
def default_acl(at):
    value = acl(((1, 7, ANYBODY), (2, 7, 1234), (4, 5, ANYBODY), (16, 7, ANYBODY),
                 (32, 0, ANYBODY)))
    os.mkdir(at + b"/directory")
    write(at + b"/directory/made before")
    os.setxattr(at + b"/directory", b"system.posix_acl_default", value)
    write(at + b"/directory/inherits")
    os.mkdir(at + b"/directory/inherits too")


@row
def name_bytes(at):
    for name in (b"\xff\xfe\x80", b"new\nline", b" ", b"-rf", b"back\\slash", b"\x01\x1b[31m",
                 b"caf\xc3\xa9", b"cafe\xcc\x81", b"..."):
        write(at + b"/" + name)


@row
def long_name(at):
    write(at + b"/" + b"n" * 255)
    os.mkdir(at + b"/" + b"\xf0\x9f\x8c\x8a" * 63)


@row
def long_path(at):
    fd = os.open(at, os.O_PATH)
    for _ in range(20):
        os.mkdir(b"d" * 250, dir_fd=fd)
        inner = os.open(b"d" * 250, os.O_PATH, dir_fd=fd)
        os.close(fd)
        fd = inner
    write(b"/proc/self/fd/%d/file" % fd)
    os.close(fd)


@row
def socket_(at):
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(at + b"/socket")


@row
def access_time(at):
    os.utime(write(at + b"/file"), ns=(1_000_000_000, 1_500_000_000_000_000_000))


@row
def birth_time(at):
    write(at + b"/file")


@row
def status_change_time(at):
    write(at + b"/file")


@row
def inode_flags(at):
    set_flags(write(at + b"/immutable"), IMMUTABLE)
    set_flags(write(at + b"/append only"), APPEND)
    set_flags(write(at + b"/no dump"), NODUMP)


def set_flags(path, flags):
    fd = os.open(path, os.O_RDONLY)
    try:
        before = struct.unpack("=i", fcntl.ioctl(fd, FS_IOC_GETFLAGS, b"\0" * 4))[0]
        fcntl.ioctl(fd, FS_IOC_SETFLAGS,
                    struct.pack("=i", before & ~(IMMUTABLE | APPEND | NODUMP) | flags))
    finally:
        os.close(fd)


@row
def project(at):
    fd = os.open(write(at + b"/file"), os.O_RDONLY)
    try:
        found = bytearray(fcntl.ioctl(fd, FS_IOC_FSGETXATTR, b"\0" * 28))
        struct.pack_into("=I", found, 12, 42)
        fcntl.ioctl(fd, FS_IOC_FSSETXATTR, bytes(found))
    finally:
        os.close(fd)


@row
def overlay_attribute(at):
    os.setxattr(write(at + b"/file"), b"trusted.overlay.opaque", b"y")


def make(folder):
    for name, function in ROWS:
        name = name.rstrip("-")
        at = folder + b"/" + name.encode("ascii")
        os.mkdir(at)
        try:
            function(at)
        except OSError as e:
            if e.errno not in (errno.EPERM, errno.EOPNOTSUPP, errno.ENOTTY, errno.EINVAL):
                raise
            print("left", name, os.strerror(e.errno))
        else:
            print("made", name)


def release(folder):
    for path, _, files in os.walk(folder):
        for name in files:
            file = os.path.join(path, name)
            if stat.S_ISREG(os.lstat(file).st_mode) and b"inode-flags" in path:
                set_flags(file, 0)


if __name__ == "__main__":
    if len(sys.argv) != 3 or sys.argv[1] not in ("make", "release"):
        sys.exit(__doc__)
    (make if sys.argv[1] == "make" else release)(os.fsencode(sys.argv[2]))
