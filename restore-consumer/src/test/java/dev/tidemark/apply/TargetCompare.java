package dev.tidemark.apply;

import dev.tidemark.filesystem.linux.Descriptor;
import dev.tidemark.filesystem.linux.DirectoryEntry;
import dev.tidemark.filesystem.linux.FileStatus;
import dev.tidemark.filesystem.linux.FileType;
import dev.tidemark.filesystem.linux.LinuxFiles;
import dev.tidemark.filesystem.linux.NativePath;
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
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Describes trees and directories line by line, so that two can be compared and their difference
 * read.
 */
public final class TargetCompare {
  private TargetCompare() {}

  /** One line for each entry, by its path. */
  public static Map<NodePath, String> describe(TreeBase tree, TestFrames frames) throws Exception {
    Map<NodePath, String> lines = new TreeMap<>();
    try (EntryStream entries = tree.subtree(NodePath.ROOT)) {
      for (Optional<TreeEntry> next = entries.next(); next.isPresent(); next = entries.next()) {
        lines.put(next.get().path(), describe(next.get().node(), frames));
      }
    }
    return lines;
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
    return "%s mode %s owner %d:%d time %d.%09d"
        .formatted(
            kind,
            mode,
            metadata.uid(),
            metadata.gid(),
            metadata.mtime().seconds(),
            metadata.mtime().nanos());
  }

  /** One line for each entry at and below a directory; Tidemark's own folder left out. */
  public static Map<NodePath, String> describe(Path directory) throws Exception {
    Map<NodePath, String> lines = new TreeMap<>();
    try (Descriptor root = LinuxFiles.openRoot(NativePath.of(directory))) {
      lines.put(NodePath.ROOT, describe(root, new byte[0], LinuxFiles.status(root)));
      walk(root, NodePath.ROOT, lines);
    }
    return lines;
  }

  private static void walk(Descriptor directory, NodePath path, Map<NodePath, String> lines)
      throws Exception {
    List<DirectoryEntry> entries = new ArrayList<>(LinuxFiles.list(directory));
    for (DirectoryEntry entry : entries) {
      if (path.isRoot() && DisplayText.of(entry.name()).startsWith(".tidemark-")) {
        continue;
      }
      NodePath child = path.child(entry.name());
      FileStatus status = LinuxFiles.status(directory, entry.name());
      lines.put(child, describe(directory, entry.name(), status));
      if (status.type() == FileType.DIRECTORY) {
        try (Descriptor below = LinuxFiles.openDirectory(directory, entry.name())) {
          walk(below, child, lines);
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
    return "%s mode %s owner %d:%d time %d.%09d"
        .formatted(
            kind, mode, status.uid(), status.gid(), status.mtimeSeconds(), status.mtimeNanos());
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
