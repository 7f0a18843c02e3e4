#!/usr/bin/env python3
"""Does to a tree whatever can be done to one, at random, from a seed.

usage: churn_tree.py ROOT OUTSIDE SEED TRACE [WITHOUT,…]

OUTSIDE is a directory of the same filesystem, from which directories come and to which they go.
Each operation is noted in TRACE before it is done. Operations whose name is in WITHOUT are left
out. Commands come by standard input, one a line, and each is answered by one line:

  run COUNT RATE   does so many operations, at most RATE a second (0: as fast as it can)
  plain            removes what other tools cannot compare: paths past 4,096 bytes, files of 1 TiB,
                   sockets
  counts           tells how often each operation was done

The only writer of the tree: it knows what stands where without looking.
"""
import ctypes
import errno
import json
import mmap
import os
import random
import shutil
import socket
import stat
import struct
import sys
import time

LIBC = ctypes.CDLL(None, use_errno=True)
RENAME_EXCHANGE = 2
AT_FDCWD = -100
PUNCH_HOLE = 3  # FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE, linux/falloc.h
ENTRIES = 1_200
DEPTH = 12
TIB = 1 << 40
PRIVILEGED = os.geteuid() == 0
# Kept by ext4: seconds from 1901 to 2446.
TIMES = (-2_000_000_000, -1, 0, 1_000_000_000, 2_147_483_647, 2_147_483_648, 9_000_000_000,
         14_000_000_000)
ODD_NAMES = (b"with space", b"new\nline", b"\xff\xfe\x80", b"caf\xc3\xa9", b"cafe\xcc\x81",
             b"-rf", b"*", b"back\\slash", b"quo'\"te", b".hidden", b"\x01\x1b[31m", b"tail ",
             b"\xe6\x97\xa5\xe6\x9c\xac", b"L" * 255, b"\xc3" * 255, b"#x~", b"%41", b"..."
             )


def exchange(one, other):
    if LIBC.renameat2(AT_FDCWD, one, AT_FDCWD, other, RENAME_EXCHANGE) != 0:
        raise OSError(ctypes.get_errno(), "renameat2")


def punch(fd, start, length):
    if LIBC.fallocate(fd, PUNCH_HOLE, ctypes.c_long(start), ctypes.c_long(length)) != 0:
        raise OSError(ctypes.get_errno(), "fallocate")


def acl(entries):
    """The kernel's form of an ACL: version 2, then tag, permissions and id of each entry."""
    return struct.pack("<I", 2) + b"".join(struct.pack("<HHI", *entry) for entry in entries)


class Node:
    def __init__(self, parent, name, kind):
        self.parent, self.name, self.kind, self.alive = parent, name, kind, True
        self.children = {} if kind == "d" else None

    def path(self):
        names = []
        node = self
        while node.parent is not None:
            names.append(node.name)
            node = node.parent
        return b"/".join(reversed(names))

    def depth(self):
        depth = 0
        node = self
        while node.parent is not None:
            depth += 1
            node = node.parent
        return depth

    def is_at_or_below(self, other):
        node = self
        while node is not None:
            if node is other:
                return True
            node = node.parent
        return False


class Reach:
    """Short paths to entries of any depth, for as long as the operation takes."""

    def __init__(self, root):
        self.root, self.open = root, []

    def directory(self, node):
        names = []
        while node.parent is not None:
            names.append(node.name)
            node = node.parent
        fd = os.open(self.root, os.O_PATH | os.O_DIRECTORY)
        for name in reversed(names):
            inner = os.open(name, os.O_PATH | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=fd)
            os.close(fd)
            fd = inner
        self.open.append(fd)
        return b"/proc/self/fd/%d" % fd

    def of(self, node):
        if node.parent is None:
            return self.directory(node)
        return self.directory(node.parent) + b"/" + node.name

    def name(self, parent, name):
        return self.directory(parent) + b"/" + name

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for fd in self.open:
            os.close(fd)


class Churn:
    def __init__(self, root, outside, seed, trace, without):
        self.root, self.outside = root, outside
        self.random = random.Random(seed)
        self.trace, self.without = trace, without
        self.tree = Node(None, b"", "d")
        self.pools = {"d": [], "o": []}
        self.entries = 0
        self.linked = []
        self.held = []
        self.away = []
        self.serial = 0
        self.counts = {}
        self.load(self.tree)
        self.stores_show = self.probe_stores()
        self.operations = [
            (name[3:], getattr(self, name), weight)
            for name, weight in WEIGHTS.items() if name[3:] not in without
        ]
        self.weights = [weight for _, _, weight in self.operations]

    def probe_stores(self):
        """Whether a store through a mapping sets the time of the file (tmpfs: no)."""
        path = os.path.join(self.outside, b"probe")
        with open(path, "wb+") as file:
            file.write(b"x" * 100)
            file.flush()
            os.utime(path, (0, 0))
            with mmap.mmap(file.fileno(), 100) as mapped:
                mapped[0] = 1
        shows = os.stat(path).st_mtime_ns != 0
        os.unlink(path)
        return shows

    # What stands where.

    def load(self, node):
        with Reach(self.root) as reach:
            found = [(os.fsencode(e.name), e.stat(follow_symlinks=False).st_mode)
                     for e in sorted(os.scandir(reach.directory(node)), key=lambda e: e.name)]
        for name, mode in found:
            kind = {stat.S_IFDIR: "d", stat.S_IFREG: "f", stat.S_IFLNK: "l"}.get(
                stat.S_IFMT(mode), "s" if stat.S_ISSOCK(mode) else "x")
            child = self.add(node, name, kind)
            if kind == "d":
                self.load(child)

    def add(self, parent, name, kind):
        old = parent.children.get(name)
        if old is not None:
            self.drop(old)
        node = Node(parent, name, kind)
        parent.children[name] = node
        self.pools["d" if kind == "d" else "o"].append(node)
        self.entries += 1
        return node

    def drop(self, node):
        del node.parent.children[node.name]
        self.bury(node)

    def bury(self, node):
        node.alive = False
        self.entries -= 1
        for child in (node.children or {}).values():
            self.bury(child)

    def place(self, node, parent, name):
        """After a rename; what stood there is gone."""
        old = parent.children.get(name)
        if old is not None and old is not node:
            self.drop(old)
        del node.parent.children[node.name]
        node.parent, node.name = parent, name
        parent.children[name] = node

    # Choices.

    def pick(self, pool, wanted=lambda node: True):
        nodes = self.pools[pool]
        for _ in range(60):
            if not nodes:
                return None
            at = self.random.randrange(len(nodes))
            node = nodes[at]
            if not node.alive:
                nodes[at] = nodes[-1]
                nodes.pop()
            elif wanted(node):
                return node
        return None

    def directory(self):
        if self.random.random() < 0.1:
            return self.tree
        return self.pick("d", lambda node: node.depth() < DEPTH) or self.tree

    def file(self):
        if self.linked and self.random.random() < 0.15:
            node = self.random.choice(self.linked)
            if node.alive:
                return node
            self.linked.remove(node)
        return self.pick("o", lambda node: node.kind == "f")

    def leaf(self):
        return self.pick("o", lambda node: node.kind != "s")

    def entry(self):
        return self.pick("d") if self.random.random() < 0.25 else self.leaf()

    def name(self):
        if self.random.random() < 0.08:
            return self.random.choice(ODD_NAMES)
        # Few names, so that they meet.
        return b"n%d" % self.random.randrange(60)

    def free_name(self, parent):
        name = self.name()
        while name in parent.children:
            self.serial += 1
            name = b"u%d" % self.serial
        return name

    def slot(self):
        """A directory and a name in it that is free, or holds no directory."""
        parent = self.directory()
        name = self.name()
        old = parent.children.get(name)
        if old is not None and old.kind == "d":
            name = self.free_name(parent)
        return parent, name

    def size(self):
        dice = self.random.random()
        if dice < 0.05:
            return 0
        if dice < 0.75:
            return self.random.randrange(2_000)
        if dice < 0.97:
            return self.random.randrange(40_000)
        if dice < 0.998:
            return self.random.randrange(300_000)
        return self.random.randrange(3_000_000)

    def bytes(self, size):
        # Half of it compresses.
        half = self.random.randbytes(size // 2)
        return half + (b"%d " % size * (size // 2))[: size - len(half)]

    def note(self, operation, *nodes):
        shown = " ".join(
            repr(node.path() if isinstance(node, Node) else node)[2:-1][:200] for node in nodes)
        self.trace.write("%.6f %s %s\n" % (time.time(), operation, shown))

    # Files.

    def do_create(self):
        parent, name = self.slot()
        self.note("create", parent, name)
        with Reach(self.root) as reach:
            path = reach.name(parent, name)
            if name in parent.children and self.random.random() < 0.5:
                os.unlink(path)
                self.drop(parent.children[name])
            old = parent.children.get(name)
            if old is not None and old.kind != "f":
                return
            self.write(path, self.bytes(self.size()), os.O_CREAT | os.O_TRUNC)
        if old is None:
            self.add(parent, name, "f")

    def write(self, path, data, flags, at=None):
        fd = os.open(path, os.O_WRONLY | os.O_NOFOLLOW | flags, 0o644)
        try:
            if at is None:
                os.write(fd, data)
            else:
                os.pwrite(fd, data, at)
        finally:
            os.close(fd)

    def do_overwrite(self):
        with Reach(self.root) as reach:
            if node := self.file():
                self.note("overwrite", node)
                self.write(reach.of(node), self.bytes(self.size()), os.O_TRUNC)

    def do_append(self):
        with Reach(self.root) as reach:
            if node := self.file():
                path = reach.of(node)
                if os.lstat(path).st_size < 4_000_000:
                    self.note("append", node)
                    self.write(path, self.bytes(self.random.randrange(5_000)), os.O_APPEND)

    def do_edit(self):
        with Reach(self.root) as reach:
            if node := self.file():
                path = reach.of(node)
                size = min(os.lstat(path).st_size, 4_000_000)
                self.note("edit", node)
                self.write(path, self.bytes(100), 0, self.random.randrange(size + 1))

    def do_truncate(self):
        with Reach(self.root) as reach:
            if node := self.file():
                path = reach.of(node)
                size = os.lstat(path).st_size
                if size < 4_000_000:
                    self.note("truncate", node)
                    os.truncate(path, self.random.randrange(size + 1))

    def do_sparse(self):
        parent, name = self.slot()
        if name in parent.children:
            return
        self.note("sparse", parent, name)
        with Reach(self.root) as reach:
            fd = os.open(reach.name(parent, name), os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
            try:
                os.ftruncate(fd, self.random.randrange(3_000_000))
                for _ in range(self.random.randrange(4)):
                    os.pwrite(fd, self.bytes(self.random.randrange(20_000)),
                              self.random.randrange(3_000_000))
            finally:
                os.close(fd)
        self.add(parent, name, "f")

    def do_punch(self):
        with Reach(self.root) as reach:
            if node := self.file():
                path = reach.of(node)
                size = os.lstat(path).st_size
                if 0 < size < 4_000_000:
                    self.note("punch", node)
                    fd = os.open(path, os.O_WRONLY)
                    try:
                        punch(fd, self.random.randrange(size), self.random.randrange(1, 200_000))
                    finally:
                        os.close(fd)

    def do_huge(self):
        if b"huge" in self.tree.children:
            self.note("huge, removed")
            with Reach(self.root) as reach:
                os.unlink(reach.name(self.tree, b"huge"))
            self.drop(self.tree.children[b"huge"])
            return
        self.note("huge")
        with Reach(self.root) as reach:
            fd = os.open(reach.name(self.tree, b"huge"), os.O_CREAT | os.O_WRONLY, 0o644)
            try:
                os.ftruncate(fd, TIB)
                for at in (0, TIB // 2, TIB - 5_000):
                    os.pwrite(fd, self.bytes(5_000), at)
            finally:
                os.close(fd)
        # Not among those that other operations choose: a copy of it would fill a disk.
        self.tree.children[b"huge"] = Node(self.tree, b"huge", "huge")
        self.entries += 1

    def do_save(self):
        """As editors do: beside, then over it, with or without a backup."""
        with Reach(self.root) as reach:
            if node := self.file():
                self.note("save", node)
                path = reach.of(node)
                directory = reach.directory(node.parent)
                data = self.bytes(self.size())
                self.serial += 1
                temporary = directory + b"/.save-%d.tmp" % self.serial
                if self.random.random() < 0.5:
                    backup = node.name[:250] + b"~"
                    if backup in node.parent.children:
                        return
                    os.rename(path, directory + b"/" + backup)
                    self.write(path, data, os.O_CREAT | os.O_EXCL)
                    if self.random.random() < 0.7:
                        os.unlink(directory + b"/" + backup)
                    else:
                        self.add(node.parent, backup, "f")
                else:
                    self.write(temporary, data, os.O_CREAT | os.O_EXCL)
                    os.chmod(temporary, stat.S_IMODE(os.lstat(path).st_mode))
                    os.rename(temporary, path)

    def do_hold(self):
        """Writes with no close; a few stay open over quiet times."""
        if len(self.held) >= 4 or (self.held and self.random.random() < 0.3):
            os.close(self.held.pop(self.random.randrange(len(self.held))))
        if self.held and self.random.random() < 0.6:
            self.note("write to a held file")
            os.write(self.random.choice(self.held), self.bytes(self.random.randrange(3_000)))
            return
        with Reach(self.root) as reach:
            if node := self.file():
                self.note("hold", node)
                fd = os.open(reach.of(node), os.O_WRONLY | os.O_APPEND)
                os.write(fd, self.bytes(500))
                self.held.append(fd)

    def do_map(self):
        with Reach(self.root) as reach:
            if node := self.file():
                path = reach.of(node)
                size = os.lstat(path).st_size
                if 0 < size < 4_000_000:
                    self.note("map", node)
                    with open(path, "rb+", buffering=0) as file:
                        with mmap.mmap(file.fileno(), 0) as mapped:
                            for _ in range(3):
                                mapped[self.random.randrange(size)] = self.random.randrange(256)
                    if not self.stores_show:
                        os.utime(path)

    def do_unnamed(self):
        """Written while it has no name, then linked."""
        parent = self.directory()
        name = self.free_name(parent)
        self.note("unnamed", parent, name)
        with Reach(self.root) as reach:
            directory = reach.directory(parent)
            fd = os.open(directory, os.O_TMPFILE | os.O_WRONLY, 0o640)
            try:
                os.write(fd, self.bytes(self.size()))
                os.link(b"/proc/self/fd/%d" % fd, directory + b"/" + name,
                        src_dir_fd=fd, follow_symlinks=True)
                if self.random.random() < 0.5:
                    os.write(fd, self.bytes(100))
            finally:
                os.close(fd)
        self.add(parent, name, "f")

    def do_delete(self):
        with Reach(self.root) as reach:
            for _ in range(3 if self.entries > ENTRIES else 1):
                if node := self.pick("o"):
                    self.note("delete", node)
                    os.unlink(reach.of(node))
                    self.drop(node)

    def do_again(self):
        """Gone and there again within a millisecond, under one name, as whatever."""
        with Reach(self.root) as reach:
            if node := self.leaf():
                self.note("again", node)
                path = reach.of(node)
                data = self.bytes(self.random.randrange(3_000))
                kind = self.random.choice("fffld")
                os.unlink(path)
                if kind == "f":
                    self.write(path, data, os.O_CREAT | os.O_EXCL)
                elif kind == "l":
                    os.symlink(b"again", path)
                else:
                    os.mkdir(path)
                self.add(node.parent, node.name, kind)

    def do_unlinked_write(self):
        with Reach(self.root) as reach:
            if node := self.file():
                self.note("write, unlink, write", node)
                path = reach.of(node)
                fd = os.open(path, os.O_WRONLY)
                os.write(fd, b"before")
                os.unlink(path)
                os.write(fd, b"after")
                os.close(fd)
                self.drop(node)

    def do_moved_write(self):
        with Reach(self.root) as reach:
            if node := self.file():
                parent = self.directory()
                name = self.free_name(parent)
                self.note("write, rename, write", node, parent, name)
                path = reach.of(node)
                fd = os.open(path, os.O_WRONLY)
                os.write(fd, b"before")
                os.rename(path, reach.name(parent, name))
                os.write(fd, b"after")
                os.close(fd)
                self.place(node, parent, name)

    # Directories and names.

    def do_mkdir(self):
        """Several at once, and full the moment they are there."""
        parent = self.directory()
        name = self.free_name(parent)
        self.note("mkdir", parent, name)
        with Reach(self.root) as reach:
            path = reach.name(parent, name)
            os.mkdir(path)
            node = self.add(parent, name, "d")
            for level in range(self.random.randrange(4)):
                inner = b"s%d" % level
                path += b"/" + inner
                os.mkdir(path)
                node = self.add(node, inner, "d")
            for i in range(self.random.randrange(4)):
                self.write(path + b"/w%d" % i, self.bytes(self.random.randrange(900)), os.O_CREAT)
                self.add(node, b"w%d" % i, "f")

    def do_deep(self):
        """A path of more than 4,096 bytes, and something at its end."""
        parent = self.tree.children.get(b"deep")
        if parent is not None and parent.kind != "d":
            return
        self.note("deep")
        with Reach(self.root) as reach:
            if parent is not None and self.random.random() < 0.3:
                shutil.rmtree(reach.of(parent))
                self.drop(parent)
                return
            if parent is None:
                os.mkdir(reach.name(self.tree, b"deep"))
                parent = self.add(self.tree, b"deep", "d")
            for level in range(18):
                name = b"%02d-" % level + b"d" * 240
                if name not in parent.children:
                    os.mkdir(reach.name(parent, name))
                    self.add(parent, name, "d")
                parent = parent.children[name]
                if parent.kind != "d":
                    return
            name = self.free_name(parent)
            self.write(reach.name(parent, name), self.bytes(2_000), os.O_CREAT)
            self.add(parent, name, "f")

    def do_rmtree(self):
        with Reach(self.root) as reach:
            if node := self.pick("d"):
                if self.entries > ENTRIES // 2 or self.size_of(node) < 20:
                    self.note("rmtree", node)
                    shutil.rmtree(reach.of(node))
                    self.drop(node)

    def size_of(self, node):
        return 1 + sum(self.size_of(child) for child in (node.children or {}).values())

    def do_rename(self):
        """Of a leaf, over whatever leaf stands there."""
        with Reach(self.root) as reach:
            if node := self.leaf():
                self.move(reach, node, *self.slot())

    def do_rename_over(self):
        with Reach(self.root) as reach:
            node, other = self.leaf(), self.leaf()
            if node and other:
                self.move(reach, node, other.parent, other.name)

    def move(self, reach, node, parent, name):
        one, other = reach.of(node), reach.name(parent, name)
        self.note("rename", node, parent, name)
        try:
            found = os.lstat(other)
            same = (found.st_dev, found.st_ino) == (os.lstat(one).st_dev, os.lstat(one).st_ino)
        except FileNotFoundError:
            same = False
        os.rename(one, other)
        if not same:  # Two names of one inode both stay.
            self.place(node, parent, name)

    def do_rename_directory(self):
        with Reach(self.root) as reach:
            node, parent = self.pick("d"), self.directory()
            if node and not parent.is_at_or_below(node):
                self.move(reach, node, parent, self.free_name(parent))

    def do_chain(self):
        """a to b, and what was b to c, and what was c to d, at once."""
        with Reach(self.root) as reach:
            nodes = [self.leaf() for _ in range(4)]
            if None in nodes or len({id(node) for node in nodes}) < 4:
                return
            if len({os.lstat(reach.of(node)).st_ino for node in nodes}) < 4:
                return
            places = [(node.parent, node.name) for node in nodes]
            self.note("chain", *nodes)
            for node, (parent, name) in reversed(list(zip(nodes, places[1:]))):
                os.rename(reach.of(node), reach.name(parent, name))
                self.place(node, parent, name)

    def do_swap(self):
        """By a third name, twice or once, files or directories."""
        with Reach(self.root) as reach:
            pool = self.random.choice("do")
            one, other = self.pick(pool), self.pick(pool)
            if not self.can_swap(reach, one, other) or "s" in (one.kind, other.kind):
                return
            self.serial += 1
            third = reach.name(self.tree, b"third-%d" % self.serial)
            self.note("swap", one, other)
            for _ in range(self.random.choice((1, 1, 2))):
                a, b = reach.of(one), reach.of(other)
                os.rename(a, third)
                os.rename(b, a)
                os.rename(third, b)
                self.change_places(one, other)

    def do_exchange(self):
        with Reach(self.root) as reach:
            one, other = self.entry(), self.entry()
            if self.can_swap(reach, one, other):
                self.note("exchange", one, other)
                exchange(reach.of(one), reach.of(other))
                self.change_places(one, other)

    def can_swap(self, reach, one, other):
        return (one is not None and other is not None
                and not one.is_at_or_below(other) and not other.is_at_or_below(one)
                and os.lstat(reach.of(one)).st_ino != os.lstat(reach.of(other)).st_ino)

    def change_places(self, one, other):
        del one.parent.children[one.name]
        del other.parent.children[other.name]
        one.parent, other.parent = other.parent, one.parent
        one.name, other.name = other.name, one.name
        one.parent.children[one.name] = one
        other.parent.children[other.name] = other

    def do_to_file_and_back(self):
        with Reach(self.root) as reach:
            node = self.pick("d")
            if node is None or self.size_of(node) > 20:
                return
            self.note("directory to file", node)
            path = reach.of(node)
            shutil.rmtree(path)
            self.write(path, self.bytes(300), os.O_CREAT)
            if self.random.random() < 0.5:
                self.add(node.parent, node.name, "f")
                return
            os.unlink(path)
            os.mkdir(path)
            self.write(path + b"/back", b"back", os.O_CREAT)
            self.add(self.add(node.parent, node.name, "d"), b"back", "f")

    def do_move_out(self):
        with Reach(self.root) as reach:
            node = self.pick("d")
            if node is None or self.size_of(node) > 100:
                return
            self.serial += 1
            place = os.path.join(self.outside, b"away-%d" % self.serial)
            self.note("move out", node, place)
            os.rename(reach.of(node), place)
            self.drop(node)
            # What is written there is none of the tree's business.
            self.write(place + b"/outside %d" % self.serial, b"outside", os.O_CREAT | os.O_EXCL)
            self.away.append(place)
            if len(self.away) > 5:
                shutil.rmtree(self.away.pop(0))

    def do_move_in(self):
        with Reach(self.root) as reach:
            parent = self.directory()
            name = self.free_name(parent)
            if self.away and self.random.random() < 0.6:
                place = self.away.pop(self.random.randrange(len(self.away)))
            else:
                self.serial += 1
                place = os.path.join(self.outside, b"new-%d" % self.serial)
                os.makedirs(place + b"/a/b")
                for i in range(self.random.randrange(6)):
                    self.write(place + b"/a/b/m%d" % i, self.bytes(400), os.O_CREAT)
            self.note("move in", parent, name, place)
            path = reach.name(parent, name)
            os.rename(place, path)
            if self.random.random() < 0.5:
                self.serial += 1
                self.write(path + b"/at once %d" % self.serial, self.bytes(50),
                           os.O_CREAT | os.O_EXCL)
            node = self.add(parent, name, "d")
            self.load(node)

    # Links.

    def do_link(self):
        with Reach(self.root) as reach:
            if node := self.leaf():
                parent = self.directory()
                name = self.free_name(parent)
                self.note("link", node, parent, name)
                os.link(reach.of(node), reach.name(parent, name),
                        follow_symlinks=False)
                other = self.add(parent, name, node.kind)
                if node.kind == "f":
                    self.linked += [node, other]

    def do_break_link(self):
        """A name gets an inode of its own with the same content, and now and then the old again."""
        with Reach(self.root) as reach:
            self.linked = [node for node in self.linked if node.alive][-200:]
            if not self.linked:
                return
            node = self.random.choice(self.linked)
            path = reach.of(node)
            directory = reach.directory(node.parent)
            if os.lstat(path).st_size > 4_000_000:
                return
            self.note("break link", node)
            self.serial += 1
            temporary = directory + b"/.broken-%d" % self.serial
            shutil.copy2(path, temporary)
            if self.random.random() < 0.3:
                kept = directory + b"/.kept-%d" % self.serial
                os.rename(path, kept)
                os.rename(temporary, path)
                os.unlink(path)
                os.link(kept, path)
                os.unlink(kept)
            else:
                os.rename(temporary, path)

    def do_symlink(self):
        parent, name = self.slot()
        if name in parent.children:
            return
        target = self.random.choice(
            (b"/no/such", b"..", b"n1", b"\xff\n", b"t" * 1_000, b"a/../b", b"n2/n3"))
        self.note("symlink", parent, name)
        with Reach(self.root) as reach:
            path = reach.name(parent, name)
            os.symlink(target, path)
            if self.random.random() < 0.5:
                os.utime(path, ns=(0, self.time()), follow_symlinks=False)
        self.add(parent, name, "l")

    def do_fifo(self):
        self.special("fifo", lambda path: os.mkfifo(path, 0o620), "x")

    def do_device(self):
        kind = self.random.choice((stat.S_IFCHR, stat.S_IFBLK))
        number = os.makedev(self.random.randrange(256), self.random.randrange(70_000))
        self.special("device", lambda path: os.mknod(path, kind | 0o640, number), "x")

    def do_socket(self):
        self.serial += 1
        self.special("socket", self.bind, "s", b"sock-%d" % self.serial)

    @staticmethod
    def bind(path):
        with socket.socket(socket.AF_UNIX) as server:
            server.bind(path)

    def special(self, operation, make, kind, name=None):
        parent = self.directory()
        name = name or self.free_name(parent)
        self.note(operation, parent, name)
        with Reach(self.root) as reach:
            make(reach.name(parent, name))
        self.add(parent, name, kind)

    # Metadata.

    def time(self):
        return self.random.choice(TIMES) * 1_000_000_000 + self.random.randrange(1_000_000_000)

    def do_chmod(self):
        with Reach(self.root) as reach:
            node = self.entry()
            if node and node.kind != "l":
                mode = self.random.choice(
                    (0o644, 0o600, 0o755, 0o700, 0o4755, 0o2755, 0o1777, 0o6711, 0o000, 0o444))
                if not PRIVILEGED:
                    mode |= 0o700
                self.note("chmod %o" % mode, node)
                os.chmod(reach.of(node), mode)

    def do_chmod_all(self):
        with Reach(self.root) as reach:
            node = self.pick("d")
            if node and self.size_of(node) < 200:
                self.note("chmod all", node)
                self.chmod_below(reach.of(node), node, self.random.choice((0o755, 0o2750, 0o700)))

    def chmod_below(self, path, node, mode):
        os.chmod(path, mode)
        for child in node.children.values():
            if child.kind == "d":
                if node.depth() < DEPTH:
                    self.chmod_below(path + b"/" + child.name, child, mode)
            elif child.kind != "l":
                os.chmod(path + b"/" + child.name, mode & 0o666)

    def do_chown(self):
        with Reach(self.root) as reach:
            if node := self.entry():
                self.note("chown", node)
                os.chown(reach.of(node), self.random.choice((0, 1, 33, 1234, 70_000)),
                         self.random.choice((0, 1, 33, 4321)), follow_symlinks=False)

    def do_touch(self):
        with Reach(self.root) as reach:
            if node := self.entry():
                self.note("touch", node)
                os.utime(reach.of(node), ns=(self.time(), self.time()), follow_symlinks=False)

    def do_root(self):
        self.note("root")
        with Reach(self.root) as reach:
            path = reach.directory(self.tree)
            os.chmod(path, self.random.choice((0o755, 0o750, 0o1777)))
            os.utime(path, ns=(0, self.time()))
            if "attribute" not in self.without:
                os.setxattr(path, b"user.root", b"%d" % self.random.randrange(100))

    def do_attribute(self):
        with Reach(self.root) as reach:
            if node := self.entry():
                spaces = ["trusted."] if PRIVILEGED else []
                if node.kind in "fd":
                    spaces += ["user.", "user."]
                if not spaces:
                    return
                name = self.random.choice(spaces) + self.random.choice("abcd")
                self.set(reach, node, name,
                         self.random.randbytes(self.random.choice((0, 1, 20, 300))))

    def set(self, reach, node, name, value):
        self.note("set " + name, node)
        try:
            os.setxattr(reach.of(node), name, value, follow_symlinks=False)
        except OSError as e:
            if e.errno != errno.ENOSPC:  # An inode holds only so many.
                raise

    def do_remove_attribute(self):
        with Reach(self.root) as reach:
            if node := self.entry():
                path = reach.of(node)
                for name in os.listxattr(path, follow_symlinks=False):
                    if name.startswith(("user.", "trusted.", "system.", "security.cap")):
                        self.note("remove " + name, node)
                        os.removexattr(path, name, follow_symlinks=False)
                        return

    def do_acl(self):
        with Reach(self.root) as reach:
            node = self.entry()
            if node and node.kind in "fd":
                own = 7 if node.kind == "d" else 6
                value = acl(((1, own, 0xFFFFFFFF), (2, self.random.randrange(8), 1234),
                             (4, 5, 0xFFFFFFFF), (8, 4, 33), (16, self.random.randrange(8),
                                                              0xFFFFFFFF), (32, 0, 0xFFFFFFFF)))
                self.set(reach, node, "system.posix_acl_access", value)

    def do_default_acl(self):
        with Reach(self.root) as reach:
            if node := self.pick("d"):
                value = acl(((1, 7, 0xFFFFFFFF), (2, self.random.randrange(8), 1234),
                             (4, 5, 0xFFFFFFFF), (16, 7, 0xFFFFFFFF), (32, 0, 0xFFFFFFFF)))
                self.set(reach, node, "system.posix_acl_default", value)

    def do_capability(self):
        with Reach(self.root) as reach:
            if node := self.file():
                # Version 2, effective: cap_net_bind_service and others, linux/capability.h.
                value = struct.pack("<IIIII", 0x02000001, self.random.randrange(1, 1 << 20), 0, 0, 0)
                self.set(reach, node, "security.capability", value)

    # Commands.

    def run(self, count, rate):
        start = time.monotonic()
        for done in range(count):
            if rate:
                wait = start + done / rate - time.monotonic()
                if wait > 0:
                    time.sleep(wait)
            name, operation, _ = self.random.choices(self.operations, self.weights)[0]
            if self.entries > ENTRIES and self.random.random() < 0.5:
                name, operation = "delete", self.do_delete
            operation()
            self.counts[name] = self.counts.get(name, 0) + 1
        self.trace.flush()
        return "done %d operations, %d entries" % (count, self.entries)

    def plain(self):
        with Reach(self.root) as reach:
            if b"huge" in self.tree.children:
                os.unlink(reach.name(self.tree, b"huge"))
                self.drop(self.tree.children[b"huge"])
            self.simplify(reach, self.tree, 0)
        return "done"

    def simplify(self, reach, node, length):
        for child in list(node.children.values()):
            below = length + 1 + len(child.name)
            if below > 3_000 or child.kind == "s":
                path = reach.of(child)
                self.note("plain", child)
                if child.kind == "d":
                    shutil.rmtree(path)
                else:
                    os.unlink(path)
                self.drop(child)
            elif child.kind == "d":
                self.simplify(reach, child, below)


WEIGHTS = {
    "do_create": 20, "do_overwrite": 7, "do_append": 8, "do_edit": 5, "do_truncate": 3,
    "do_sparse": 1.5, "do_punch": 1.5, "do_huge": 0.08, "do_save": 5, "do_hold": 2, "do_map": 1.5,
    "do_unnamed": 1.5, "do_delete": 7, "do_again": 3, "do_unlinked_write": 0.7,
    "do_moved_write": 1, "do_mkdir": 3, "do_deep": 0.2, "do_rmtree": 0.8, "do_rename": 6,
    "do_rename_over": 3, "do_rename_directory": 2, "do_chain": 1, "do_swap": 1.5,
    "do_exchange": 2, "do_to_file_and_back": 0.6, "do_move_out": 0.8, "do_move_in": 1,
    "do_link": 3, "do_break_link": 1, "do_symlink": 2, "do_fifo": 0.5, "do_device": 0.5,
    "do_socket": 0.3, "do_chmod": 4, "do_chmod_all": 0.3, "do_chown": 2, "do_touch": 3,
    "do_root": 0.1, "do_attribute": 4, "do_remove_attribute": 1, "do_acl": 1,
    "do_default_acl": 0.3, "do_capability": 0.7,
}


def main(arguments):
    root, outside = os.fsencode(arguments[0]), os.fsencode(arguments[1])
    without = set(arguments[4].split(",")) if arguments[4:] else set()
    if not PRIVILEGED:
        without |= {"device", "capability", "chown"}
    os.umask(0o022)
    with open(arguments[3], "w", encoding="ascii", errors="backslashreplace") as trace:
        churn = Churn(root, outside, int(arguments[2]), trace, without)
        for line in sys.stdin:
            words = line.split()
            if words[0] == "run":
                answer = churn.run(int(words[1]), float(words[2]))
            elif words[0] == "plain":
                answer = churn.plain()
                trace.flush()
            else:
                answer = json.dumps(churn.counts, sort_keys=True)
            print(answer, flush=True)


if __name__ == "__main__":
    if len(sys.argv) not in (5, 6):
        sys.exit(__doc__)
    sys.setrecursionlimit(10_000)
    main(sys.argv[1:])
