package dev.tidemark.apply;

import dev.tidemark.filesystem.linux.Descriptor;
import dev.tidemark.filesystem.linux.DirectoryEntry;
import dev.tidemark.filesystem.linux.FileStatus;
import dev.tidemark.filesystem.linux.FileType;
import dev.tidemark.filesystem.linux.LinuxFiles;
import dev.tidemark.filesystem.linux.NativePath;
import dev.tidemark.schemas.change.Bytes;
import dev.tidemark.schemas.change.DisplayText;
import dev.tidemark.schemas.change.Metadata;
import dev.tidemark.schemas.change.Node;
import dev.tidemark.schemas.change.NodePath;
import dev.tidemark.schemas.tree.EntryStream;
import dev.tidemark.schemas.tree.TreeBase;
import dev.tidemark.schemas.tree.TreeEntry;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Describes trees and directories line by line, so that two can be compared and their difference
 * read.
 */
public final class TargetCompare {
  private TargetCompare() {}

  /** One line for each entry, by its path. */
  public static Map<NodePath, String> describe(TreeBase tree, TestFrames frames) throws Exception {
    Map<NodePath, String> lines = new TreeMap<>();
    Map<Object, NodePath> inodes = new HashMap<>();
    try (EntryStream entries = tree.subtree(NodePath.ROOT)) {
      for (Optional<TreeEntry> next = entries.next(); next.isPresent(); next = entries.next()) {
        Node node = next.get().node();
        NodePath path = next.get().path();
        String links =
            LinkIdentity.isShared(node)
                ? sameAs(inodes.putIfAbsent(LinkIdentity.of(node), path))
                : "";
        lines.put(path, describe(node, frames) + links);
      }
    }
    return lines;
  }

  private static String sameAs(@Nullable NodePath first) {
    return first == null ? "" : " same as " + first;
  }

  private static String describe(Node node, TestFrames frames) throws Exception {
    Metadata metadata = node.metadata();
    String kind =
        switch (node) {
          case Node.File file ->
              "file " + file.content().size() + " " + digest(frames.plain(file.content()));
          case Node.Directory _ -> "directory";
          case Node.Symlink link -> "symlink " + link.target();
          case Node.Fifo _ -> "fifo";
          case Node.Device device ->
              "%s %d:%d".formatted(device.kind(), device.major(), device.minor());
        };
    String mode = node instanceof Node.Symlink ? "-" : Integer.toOctalString(metadata.mode());
    return "%s mode %s owner %d:%d time %d.%09d%s"
        .formatted(
            kind,
            mode,
            metadata.uid(),
            metadata.gid(),
            metadata.mtime().seconds(),
            metadata.mtime().nanos(),
            metadata.attributes().stream()
                .map(attribute -> " " + attribute.name() + "=" + attribute.value())
                .collect(Collectors.joining()));
  }

  /** One line for each entry at and below a directory; Tidemark's own folder left out. */
  public static Map<NodePath, String> describe(Path directory) throws Exception {
    Map<NodePath, String> lines = new TreeMap<>();
    try (Descriptor root = LinuxFiles.openRoot(NativePath.of(directory))) {
      lines.put(NodePath.ROOT, describe(root, new byte[0], LinuxFiles.status(root)));
      walk(root, NodePath.ROOT, lines, new HashMap<>());
    }
    return lines;
  }

  /** In path order, so that of the names of one inode the first is known first. */
  private static void walk(
      Descriptor directory,
      NodePath path,
      Map<NodePath, String> lines,
      Map<Object, NodePath> inodes)
      throws Exception {
    List<DirectoryEntry> entries = new ArrayList<>(LinuxFiles.list(directory));
    entries.sort(Comparator.comparing(entry -> path.child(entry.name())));
    for (DirectoryEntry entry : entries) {
      if (path.isRoot() && DisplayText.of(entry.name()).startsWith(".tidemark-")) {
        continue;
      }
      NodePath child = path.child(entry.name());
      FileStatus status = LinuxFiles.status(directory, entry.name());
      String links =
          status.type() != FileType.DIRECTORY
              ? sameAs(inodes.putIfAbsent(status.inode(), child))
              : "";
      lines.put(child, describe(directory, entry.name(), status) + links);
      if (status.type() == FileType.DIRECTORY) {
        try (Descriptor below = LinuxFiles.openDirectory(directory, entry.name())) {
          walk(below, child, lines, inodes);
        }
      }
    }
  }

  private static String describe(Descriptor parent, byte[] name, FileStatus status)
      throws Exception {
    String kind =
        switch (status.type()) {
          case REGULAR -> "file " + status.size() + " " + digest(read(parent, name));
          case DIRECTORY -> "directory";
          case SYMLINK -> "symlink " + DisplayText.of(LinuxFiles.readSymlink(parent, name));
          case FIFO -> "fifo";
          case CHARACTER_DEVICE -> "CHARACTER " + status.rdevMajor() + ":" + status.rdevMinor();
          case BLOCK_DEVICE -> "BLOCK " + status.rdevMajor() + ":" + status.rdevMinor();
          case SOCKET -> "socket";
          case UNKNOWN -> "unknown";
        };
    String mode =
        status.type() == FileType.SYMLINK ? "-" : Integer.toOctalString(status.permissions());
    return "%s mode %s owner %d:%d time %d.%09d%s"
        .formatted(
            kind,
            mode,
            status.uid(),
            status.gid(),
            status.mtimeSeconds(),
            status.mtimeNanos(),
            attributes(parent, name));
  }

  private static String attributes(Descriptor parent, byte[] name) throws Exception {
    try (Descriptor handle =
        name.length == 0
            ? LinuxFiles.openDirectory(parent, name)
            : LinuxFiles.openHandle(parent, name)) {
      Map<Bytes, String> values = new TreeMap<>();
      for (byte[] listed : LinuxFiles.listAttributes(handle)) {
        byte[] value = LinuxFiles.findAttribute(handle, listed).orElseThrow();
        values.put(Bytes.of(listed), " " + Bytes.of(listed) + "=" + Bytes.of(value));
      }
      return String.join("", values.values());
    }
  }

  private static String digest(byte[] bytes) {
    return Integer.toHexString(Arrays.hashCode(bytes));
  }

  private static byte[] read(Descriptor parent, byte[] name) throws Exception {
    try (Descriptor file = LinuxFiles.openForReading(parent, name)) {
      byte[] bytes = new byte[Math.toIntExact(LinuxFiles.status(file).size())];
      int at = 0;
      while (at < bytes.length) {
        int read = LinuxFiles.read(file, bytes, at, bytes.length - at);
        if (read == 0) {
          break;
        }
        at += read;
      }
      return bytes;
    }
  }
}
