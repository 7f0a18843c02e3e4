package dev.tidemark.cli.endtoend;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * What stands in a directory, by nothing but the JDK: per path, the root's included, its kind,
 * mode, owner, group, modification time in nanoseconds, content and link target.
 */
record TreeOracle(Map<String, String> entries) {
  static TreeOracle of(Path root) throws IOException {
    Map<String, String> entries = new TreeMap<>();
    try (Stream<Path> walk = Files.walk(root)) {
      for (Path path : (Iterable<Path>) walk::iterator) {
        entries.put(root.relativize(path).toString(), describe(path));
      }
    }
    return new TreeOracle(entries);
  }

  /** The same where the tree may change under the walk: empty if it did. */
  static java.util.Optional<TreeOracle> tryOf(Path root) throws IOException {
    try {
      return java.util.Optional.of(of(root));
    } catch (NoSuchFileException changing) {
      return java.util.Optional.empty();
    } catch (UncheckedIOException e) {
      if (e.getCause() instanceof NoSuchFileException) {
        return java.util.Optional.empty();
      }
      throw e;
    }
  }

  /** A line for each difference, at most 20. */
  List<String> differences(TreeOracle other) {
    List<String> lines = new ArrayList<>();
    Map<String, String> all = new TreeMap<>(entries);
    other.entries.forEach(all::putIfAbsent);
    for (String path : all.keySet()) {
      String here = entries.getOrDefault(path, "absent");
      String there = other.entries.getOrDefault(path, "absent");
      if (!here.equals(there) && lines.size() < 20) {
        lines.add("%s: %s, but %s".formatted(path.isEmpty() ? "." : path, here, there));
      }
    }
    return lines;
  }

  private static String describe(Path path) throws IOException {
    Map<String, Object> attributes =
        Files.readAttributes(path, "unix:*", LinkOption.NOFOLLOW_LINKS);
    FileTime mtime = (FileTime) attributes.get("lastModifiedTime");
    int mode = (Integer) attributes.get("mode");
    String common =
        "mode %o, owner %s:%s, mtime %d"
            .formatted(
                mode, attributes.get("uid"), attributes.get("gid"), mtime.to(TimeUnit.NANOSECONDS));
    if (Files.isSymbolicLink(path)) {
      return common + ", link to " + Files.readSymbolicLink(path);
    }
    return Files.isRegularFile(path) ? common + ", content " + hash(path) : common;
  }

  private static String hash(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      byte[] buffer = new byte[1 << 16];
      for (int n = in.read(buffer); n > 0; n = in.read(buffer)) {
        digest.update(buffer, 0, n);
      }
      return HexFormat.of().formatHex(digest.digest(), 0, 8);
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }
}
