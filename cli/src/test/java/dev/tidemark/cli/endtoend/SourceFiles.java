package dev.tidemark.cli.endtoend;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;

/** A source tree and what people do to one, from a seed. */
final class SourceFiles {
  private final Path root;
  private final Random random;

  SourceFiles(Path root, long seed) {
    this.root = root;
    this.random = new Random(seed);
  }

  /** Directories three deep, some hundred small files, one large, links, modes, times, owners. */
  void create(int files) throws IOException {
    Files.createDirectories(root);
    for (int i = 0; i < files; i++) {
      Path file = root.resolve("d%d/e%d/f%d".formatted(i % 7, i % 3, i));
      Files.createDirectories(file.getParent());
      write(file, text(random.nextInt(20_000)));
    }
    write(root.resolve("large.bin"), bytes(5_000_000));
    write(root.resolve("empty"), new byte[0]);
    Files.createSymbolicLink(root.resolve("link"), Path.of("d1/e1"));
    Files.createSymbolicLink(root.resolve("dangling"), Path.of("/no/such/place"));
    Files.createDirectories(root.resolve("größe/日本 語"));
    write(root.resolve("größe/日本 語/ü\n.txt"), text(100));
    chmod(root.resolve("d0"), "rwx------");
    chmod(root.resolve("empty"), "r--------");
    Files.setAttribute(root.resolve("large.bin"), "unix:mode", 04751);
    setTime(root.resolve("d1/e1/f1"), Instant.ofEpochSecond(981_173_106, 123_456_789));
    setTime(root.resolve("d2"), Instant.ofEpochSecond(-86_400, 1));
    if (isRoot()) {
      Files.setAttribute(root.resolve("d3/e0/f3"), "unix:uid", 1234, LinkOption.NOFOLLOW_LINKS);
      Files.setAttribute(root.resolve("link"), "unix:gid", 4321, LinkOption.NOFOLLOW_LINKS);
    }
    setTime(root, Instant.ofEpochSecond(1_000_000_000, 42));
  }

  /** Content: overwritten, appended, truncated, edited inside, replaced by rename. */
  void edit() throws IOException {
    write(root.resolve("d1/e1/f1"), text(5_000));
    Files.write(root.resolve("d2/e2/f2"), text(300), StandardOpenOption.APPEND);
    Files.write(root.resolve("d3/e0/f3"), new byte[0], StandardOpenOption.TRUNCATE_EXISTING);
    byte[] large = Files.readAllBytes(root.resolve("large.bin"));
    large[2_500_000] ^= 1;
    write(root.resolve("large.bin"), large);
    write(root.resolve("d4/.new"), text(700));
    Files.move(
        root.resolve("d4/.new"), root.resolve("d4/e1/f4"), StandardCopyOption.REPLACE_EXISTING);
  }

  /** Entries gone and come, at once: a new directory is full the moment it is there. */
  void replace() throws IOException {
    deleteRecursively(root.resolve("d5"));
    Files.delete(root.resolve("dangling"));
    Path deep = root.resolve("new/a/b/c");
    Files.createDirectories(deep);
    for (int i = 0; i < 20; i++) {
      write(deep.resolve("n" + i), text(200 + i));
    }
    Files.delete(root.resolve("link"));
    Files.createSymbolicLink(root.resolve("link"), Path.of("new/a"));
    Files.delete(root.resolve("empty"));
    Files.createDirectory(root.resolve("empty"));
  }

  /** A file, a directory with all below it, and one over another. */
  void rename() throws IOException {
    Files.move(root.resolve("d1/e1/f1"), root.resolve("d1/renamed"));
    Files.move(root.resolve("d6"), root.resolve("new/moved"));
    Files.move(
        root.resolve("d2/e2/f2"), root.resolve("d3/e0/f3"), StandardCopyOption.REPLACE_EXISTING);
    write(root.resolve("new/moved/after"), text(64));
  }

  /** Nothing but metadata, the root's own included. */
  void changeMetadata() throws IOException {
    chmod(root.resolve("d0"), "rwxr-x---");
    chmod(root.resolve("large.bin"), "rw-rw-rw-");
    setTime(root.resolve("d1/renamed"), Instant.ofEpochSecond(1_234_567_890, 987_654_321));
    chmod(root, "rwxr-x--x");
    setTime(root, Instant.ofEpochSecond(1_100_000_000, 7));
  }

  /** Files of all sizes up to some MiB with content that does not compress. */
  void copyIn(Path folder, long totalBytes) throws IOException {
    Files.createDirectories(folder);
    long left = totalBytes;
    for (int i = 0; left > 0; i++) {
      int size = (int) Math.min(left, random.nextInt(i % 10 == 0 ? 6_000_000 : 300_000) + 1);
      write(folder.resolve("c" + i), bytes(size));
      left -= size;
    }
  }

  byte[] bytes(int count) {
    byte[] bytes = new byte[count];
    random.nextBytes(bytes);
    return bytes;
  }

  private byte[] text(int count) {
    return random
        .ints(count, 0, 20)
        .collect(
            StringBuilder::new,
            (text, n) -> text.append(n < 15 ? (char) ('a' + n) : ' '),
            StringBuilder::append)
        .toString()
        .getBytes(UTF_8);
  }

  private static void write(Path file, byte[] content) throws IOException {
    Files.write(file, content);
  }

  private static void chmod(Path path, String permissions) throws IOException {
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(permissions));
  }

  private static void setTime(Path path, Instant time) throws IOException {
    Files.setLastModifiedTime(path, FileTime.from(time));
  }

  static boolean isRoot() {
    return System.getProperty("user.name").equals("root");
  }

  static void deleteRecursively(Path folder) throws IOException {
    List<Path> paths;
    try (Stream<Path> walk = Files.walk(folder)) {
      paths = walk.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path path : paths) {
      Files.delete(path);
    }
  }

  /** A copy with all metadata that the JDK can set. */
  static void copyTree(Path from, Path to) throws IOException {
    try (Stream<Path> walk = Files.walk(from)) {
      for (Path path : (Iterable<Path>) walk::iterator) {
        Path copy = to.resolve(from.relativize(path).toString());
        try {
          Files.copy(path, copy, LinkOption.NOFOLLOW_LINKS, StandardCopyOption.COPY_ATTRIBUTES);
        } catch (FileAlreadyExistsException root) {
          // The root of the copy is there already.
        }
      }
    }
  }
}
