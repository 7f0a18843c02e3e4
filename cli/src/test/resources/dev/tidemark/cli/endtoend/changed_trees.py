#!/usr/bin/env python3
"""Makes a tree and, beside it, one for each way to differ from it.

usage: changed_trees.py FOLDER

Makes FOLDER/original, FOLDER/same, and FOLDER/ASPECT-n for each difference in that aspect. Prints
the names of the latter.
"""
import os
import sys

TIME = 1_500_000_000_123_456_789


def make(at):
    os.makedirs(at + "/directory/below")
    for name, data in (("file", b"content"), ("directory/other", b"other"), ("empty", b"")):
        with open(at + "/" + name, "wb") as file:
            file.write(data)
    with open(at + "/sparse", "wb") as file:
        file.truncate(1_000_000)
        file.seek(500_000)
        file.write(b"island")
    os.link(at + "/file", at + "/directory/same")
    os.symlink("target", at + "/link")
    os.mkfifo(at + "/fifo")
    os.setxattr(at + "/file", "user.name", b"value")
    os.setxattr(at + "/directory", "user.name", b"value")


def settle(at):
    """The same times everywhere, but for those that a change has set."""
    for path, directories, files in os.walk(at, topdown=False):
        for name in files + directories:
            entry = os.path.join(path, name)
            if os.lstat(entry).st_mtime_ns % 1_000_000_000 != 5:
                os.utime(entry, ns=(0, TIME), follow_symlinks=False)
    if os.lstat(at).st_mtime_ns % 1_000_000_000 != 5:
        os.utime(at, ns=(0, TIME))


def write(path, data, place=0):
    with open(path, "r+b") as file:
        file.seek(place)
        file.write(data)


def fill(path):
    write(path, b"\0" * 4096, 100_000 // 4096 * 4096)


def part(at):
    with open(at + "/file", "rb") as file:
        data = file.read()
    os.unlink(at + "/directory/same")
    with open(at + "/directory/same", "wb") as file:
        file.write(data)
    os.setxattr(at + "/directory/same", "user.name", b"value")


def replace(path, make_other):
    os.unlink(path)
    make_other(path)


CHANGES = (
    ("only", lambda at: os.unlink(at + "/empty")),
    ("only", lambda at: os.mkdir(at + "/directory/below/more")),
    ("kind", lambda at: replace(at + "/empty", os.mkfifo)),
    ("mode", lambda at: os.chmod(at + "/file", 0o4644)),
    ("mode", lambda at: os.chmod(at, 0o1755)),
    ("mtime", lambda at: os.utime(at + "/file", ns=(0, TIME // 10**9 * 10**9 + 5))),
    ("mtime", lambda at: os.utime(at + "/link", ns=(0, 5), follow_symlinks=False)),
    ("mtime", lambda at: os.utime(at, ns=(0, 5))),
    ("content", lambda at: write(at + "/file", b"C")),
    ("size", lambda at: os.truncate(at + "/sparse", 1_000_001)),
    ("data", lambda at: fill(at + "/sparse")),
    ("target", lambda at: replace(at + "/link", lambda path: os.symlink("Target", path))),
    ("attributes", lambda at: os.setxattr(at + "/file", "user.name", b"VALUE")),
    ("attributes", lambda at: os.setxattr(at + "/directory", "user.more", b"")),
    ("attributes", lambda at: os.removexattr(at + "/file", "user.name")),
    ("one", part),
)
AS_ROOT = (
    ("owner", lambda at: os.chown(at + "/link", 1, 0, follow_symlinks=False)),
    ("group", lambda at: os.chown(at + "/fifo", 0, 1)),
    ("attributes", lambda at: os.setxattr(at + "/link", "trusted.x", b"", follow_symlinks=False)),
)


def main(folder):
    for name in ("original", "same"):
        make(folder + "/" + name)
        settle(folder + "/" + name)
    for number, (aspect, change) in enumerate(CHANGES + (AS_ROOT if os.geteuid() == 0 else ())):
        name = "%s-%d" % (aspect, number)
        make(folder + "/" + name)
        change(folder + "/" + name)
        settle(folder + "/" + name)
        print(name)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
