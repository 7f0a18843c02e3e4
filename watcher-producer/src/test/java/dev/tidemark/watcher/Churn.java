package dev.tidemark.watcher;

import dev.tidemark.filesystem.linux.Descriptor;
import dev.tidemark.filesystem.linux.FileStatus;
import dev.tidemark.filesystem.linux.FileType;
import dev.tidemark.filesystem.linux.LinuxFiles;
import dev.tidemark.filesystem.linux.NativePath;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.stream.Stream;

/** Does random things to a folder, as fast as it can. */
final class Churn {
  private final Path root;
  private final Path outside;
  private final Random random;
  private final Map<Object, Integer> mostLinks = new HashMap<>();
  private int made;

  Churn(Path root, Path outside, long seed) throws IOException {
    this.root = root;
    this.outside = Files.createDirectories(outside);
    this.random = new Random(seed);
  }

  void run(int steps) throws IOException {
    for (int i = 0; i < steps; i++) {
      step();
    }
    showInodesThatLostNames();
  }

  /**
   * A name of an inode that comes, is written through and goes before it is looked at tells nothing
   * of the inode it was: comparisons find such changes, events do not.
   */
  private void showInodesThatLostNames() throws IOException {
    Map<Object, List<Path>> names = new HashMap<>();
    for (Path path : all()) {
      names
          .computeIfAbsent(
              Files.getAttribute(path, "unix:ino", LinkOption.NOFOLLOW_LINKS),
              _ -> new ArrayList<>())
          .add(path);
    }
    for (var linked : mostLinks.entrySet()) {
      List<Path> left = names.getOrDefault(linked.getKey(), List.of());
      if (left.size() < linked.getValue()) {
        for (Path name : left) {
          try (Descriptor parent = openParent(name)) {
            // To whom it belongs already: without an owner the kernel tells nobody.
            FileStatus status = LinuxFiles.status(parent, name(name));
            LinuxFiles.changeOwner(parent, name(name), status.uid(), status.gid());
          }
        }
      }
    }
    mostLinks.clear();
  }

  private void step() throws IOException {
    switch (random.nextInt(29)) {
      case 0, 1, 2, 3 -> Files.write(any().resolve(newName()), bytes());
      case 4, 5 -> Files.createDirectories(any().resolve(newName()).resolve(newName()));
      case 6 -> {
        Path file = Files.createDirectories(any().resolve(newName())).resolve("at-once");
        Files.write(file, bytes());
      }
      case 7, 8 -> rewrite();
      case 9 -> append();
      case 10, 11 -> rename();
      case 12 -> replace();
      case 13 -> exchange();
      case 14 -> delete(anyEntry());
      case 15 -> moveOut();
      case 16 -> moveIn();
      case 17 -> attributes();
      case 18 -> Files.createSymbolicLink(any().resolve(newName()), Path.of("to-" + made));
      case 19 -> overwriteInPlace();
      case 20, 21, 22 -> link();
      case 23, 24 -> attribute();
      case 25 -> sparse();
      case 26 -> fifo();
      case 27 -> writeThroughALink();
      case 28 -> renameOverALink();
      default -> throw new AssertionError();
    }
  }

  private String newName() {
    // A few names come again and again.
    return random.nextBoolean() ? "n" + random.nextInt(12) : "e" + made++;
  }

  private byte[] bytes() {
    byte[] bytes = new byte[random.nextInt(random.nextInt(8) == 0 ? 60_000 : 2_000)];
    random.nextBytes(bytes);
    return bytes;
  }

  private List<Path> all() throws IOException {
    try (Stream<Path> walk = Files.walk(root)) {
      return walk.toList();
    }
  }

  /** A directory that can take a new entry under any name that is free. */
  private Path any() throws IOException {
    List<Path> directories =
        all().stream().filter(p -> Files.isDirectory(p, LinkOption.NOFOLLOW_LINKS)).toList();
    Path chosen = directories.get(random.nextInt(directories.size()));
    Path free = chosen;
    if (root.relativize(chosen).getNameCount() > 6) {
      free = root;
    }
    for (int i = 0; i < 12; i++) {
      Path name = free.resolve("n" + i);
      if (Files.exists(name, LinkOption.NOFOLLOW_LINKS) && random.nextInt(3) == 0) {
        delete(name);
      }
    }
    return clearNames(free);
  }

  /** Names that exist would make the caller fail: they are taken away. */
  private Path clearNames(Path directory) throws IOException {
    for (int i = 0; i < 12; i++) {
      delete(directory.resolve("n" + i));
    }
    return directory;
  }

  private Path anyEntry() throws IOException {
    List<Path> all = all();
    return all.size() == 1 ? root.resolve("nothing") : all.get(1 + random.nextInt(all.size() - 1));
  }

  private Path anyFile() throws IOException {
    List<Path> files =
        all().stream().filter(p -> Files.isRegularFile(p, LinkOption.NOFOLLOW_LINKS)).toList();
    return files.isEmpty()
        ? Files.write(root.resolve("file" + made++), bytes())
        : files.get(random.nextInt(files.size()));
  }

  private void rewrite() throws IOException {
    Files.write(anyFile(), bytes());
  }

  private void append() throws IOException {
    Files.write(anyFile(), bytes(), StandardOpenOption.APPEND);
  }

  private void overwriteInPlace() throws IOException {
    try (RandomAccessFile file = new RandomAccessFile(anyFile().toFile(), "rw")) {
      if (file.length() > 0) {
        file.seek(random.nextLong(file.length()));
        file.write(random.nextInt());
      }
    }
  }

  /** Another name of anything that may have one. */
  private void link() throws IOException {
    Path existing = anyEntry();
    if (Files.exists(existing, LinkOption.NOFOLLOW_LINKS)
        && !Files.isDirectory(existing, LinkOption.NOFOLLOW_LINKS)) {
      // Where names come and go, the existing one may go first.
      Path name = any().resolve(newName());
      if (Files.exists(existing, LinkOption.NOFOLLOW_LINKS)) {
        try (Descriptor one = openParent(existing);
            Descriptor other = openParent(name)) {
          LinuxFiles.link(one, name(existing), other, name(name));
          mostLinks.put(
              Files.getAttribute(name, "unix:ino", LinkOption.NOFOLLOW_LINKS),
              (int) Files.getAttribute(name, "unix:nlink", LinkOption.NOFOLLOW_LINKS));
        }
      }
    }
  }

  private Path anyLinked() throws IOException {
    List<Path> linked = new ArrayList<>();
    for (Path path : all()) {
      if (Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)
          && (int) Files.getAttribute(path, "unix:nlink") > 1) {
        linked.add(path);
      }
    }
    return linked.isEmpty() ? anyFile() : linked.get(random.nextInt(linked.size()));
  }

  private void writeThroughALink() throws IOException {
    Files.write(anyLinked(), bytes());
  }

  private void renameOverALink() throws IOException {
    Path target = anyLinked();
    Path from = anyLinked();
    if (!from.equals(target)) {
      // Does nothing between two names of one inode.
      rename(from, target);
    }
  }

  private void attribute() throws IOException {
    Path entry = random.nextBoolean() ? anyLinked() : anyEntry();
    if (!Files.isRegularFile(entry, LinkOption.NOFOLLOW_LINKS)
        && !Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    byte[] name = ("user.a" + random.nextInt(3)).getBytes(StandardCharsets.US_ASCII);
    try (Descriptor parent = openParent(entry);
        Descriptor handle = LinuxFiles.openHandle(parent, name(entry))) {
      switch (random.nextInt(4)) {
        case 0 -> LinuxFiles.removeAttribute(handle, name);
        case 1 ->
            LinuxFiles.setAttribute(
                handle,
                "system.posix_acl_access".getBytes(StandardCharsets.US_ASCII),
                NodeKindsTest.acl());
        default -> {
          byte[] value = new byte[random.nextInt(100)];
          random.nextBytes(value);
          LinuxFiles.setAttribute(handle, name, value);
        }
      }
    }
  }

  /** Makes a file with a hole, or one in a file that is there, or cuts or extends it. */
  private void sparse() throws IOException {
    try (RandomAccessFile file = new RandomAccessFile(anyFile().toFile(), "rw")) {
      if (random.nextBoolean()) {
        file.setLength(random.nextInt(300_000));
      }
      if (random.nextBoolean()) {
        file.seek(file.length() + random.nextInt(100_000));
        file.write(bytes());
      }
    }
  }

  private void fifo() throws IOException {
    Path name = any().resolve("fifo" + made++);
    try (Descriptor parent = openParent(name)) {
      LinuxFiles.makeNode(parent, name(name), FileType.FIFO, 0640, 0, 0);
    }
  }

  private void rename() throws IOException {
    Path from = anyEntry();
    Path to = root.resolve("moved" + made++);
    if (random.nextBoolean()) {
      List<Path> directories =
          all().stream()
              .filter(p -> Files.isDirectory(p, LinkOption.NOFOLLOW_LINKS))
              .filter(p -> !p.startsWith(from))
              .toList();
      to = directories.get(random.nextInt(directories.size())).resolve("moved" + made++);
    }
    if (Files.exists(from, LinkOption.NOFOLLOW_LINKS)) {
      Files.move(from, to);
    }
  }

  private void replace() throws IOException {
    Path target = anyFile();
    Path temporary = target.resolveSibling("tmp" + made++);
    Files.write(temporary, bytes());
    rename(temporary, target);
  }

  private static void rename(Path from, Path to) throws IOException {
    try (Descriptor one = openParent(from);
        Descriptor other = openParent(to)) {
      LinuxFiles.rename(one, name(from), other, name(to));
    }
  }

  private static Descriptor openParent(Path entry) throws IOException {
    return LinuxFiles.openRoot(NativePath.of(Objects.requireNonNull(entry.getParent())));
  }

  private static byte[] name(Path path) {
    return path.getFileName().toString().getBytes(StandardCharsets.UTF_8);
  }

  private void exchange() throws IOException {
    Path one = anyEntry();
    Path other = anyEntry();
    if (one.startsWith(other)
        || other.startsWith(one)
        || !Files.exists(one, LinkOption.NOFOLLOW_LINKS)
        || !Files.exists(other, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    try (Descriptor first = openParent(one);
        Descriptor second = openParent(other)) {
      LinuxFiles.exchange(first, name(one), second, name(other));
    }
  }

  private static void delete(Path path) throws IOException {
    WatchedTree.deleteTree(path);
  }

  private void moveOut() throws IOException {
    Path from = anyEntry();
    if (Files.exists(from, LinkOption.NOFOLLOW_LINKS)) {
      Path to = outside.resolve("out" + made++);
      Files.move(from, to);
      if (Files.isDirectory(to, LinkOption.NOFOLLOW_LINKS)) {
        Files.write(to.resolve("written-outside" + made++), bytes());
      }
    }
  }

  private void moveIn() throws IOException {
    try (Stream<Path> list = Files.list(outside)) {
      List<Path> there = list.toList();
      if (!there.isEmpty()) {
        Files.move(there.get(random.nextInt(there.size())), root.resolve("back" + made++));
      }
    }
  }

  private void attributes() throws IOException {
    Path entry = anyEntry();
    // To set the times of a FIFO the JDK opens it, which waits for a writer.
    if (!Files.isRegularFile(entry, LinkOption.NOFOLLOW_LINKS)
        && !Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    if (random.nextBoolean()) {
      String mode = Files.isDirectory(entry) ? "rwx" : "rw-";
      Files.setPosixFilePermissions(
          entry,
          PosixFilePermissions.fromString(mode + (random.nextBoolean() ? "r--r--" : "------")));
    } else {
      Files.setLastModifiedTime(entry, FileTime.fromMillis(random.nextInt(2_000_000_000)));
    }
  }
}
