package dev.tidemark.cli.reading;

import dev.tidemark.schemas.change.DisplayText;
import dev.tidemark.schemas.change.Metadata;
import dev.tidemark.schemas.change.Node;
import dev.tidemark.schemas.change.NodePath;
import dev.tidemark.schemas.tree.TreeEntry;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;

/** Entries as {@code ls -l} shows them. */
public final class NodeText {
  private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss");
  private static final String BITS = "rwxrwxrwx";

  private NodeText() {}

  /** One line: mode, owner, size, time, name; of the directory that was listed its path. */
  public static String line(TreeEntry entry, ZoneId zone) {
    Metadata metadata = entry.node().metadata();
    String time = TIME.format(Instant.ofEpochSecond(metadata.mtime().seconds()).atZone(zone));
    NodePath path = entry.path();
    String name = path.isRoot() ? "." : DisplayText.of(path.name());
    return "%s %8s %8s %12s %s %s%s"
        .formatted(
            mode(entry.node()),
            owner(metadata.owner(), metadata.uid()),
            owner(metadata.group(), metadata.gid()),
            size(entry.node()),
            time,
            name,
            entry.node() instanceof Node.Symlink link ? " -> " + target(link) : "");
  }

  static String type(Node node) {
    return switch (node) {
      case Node.File _ -> "file";
      case Node.Directory _ -> "directory";
      case Node.Symlink _ -> "symlink";
      case Node.Fifo _ -> "fifo";
      case Node.Device device ->
          device.kind() == Node.DeviceKind.BLOCK ? "block-device" : "character-device";
    };
  }

  static String target(Node.Symlink link) {
    return DisplayText.of(link.target().toArray());
  }

  private static String mode(Node node) {
    int mode = node.metadata().mode();
    StringBuilder text = new StringBuilder();
    text.append(
        switch (node) {
          case Node.File _ -> '-';
          case Node.Directory _ -> 'd';
          case Node.Symlink _ -> 'l';
          case Node.Fifo _ -> 'p';
          case Node.Device device -> device.kind() == Node.DeviceKind.BLOCK ? 'b' : 'c';
        });
    for (int i = 0; i < BITS.length(); i++) {
      text.append((mode >> 8 - i & 1) == 1 ? BITS.charAt(i) : '-');
    }
    special(text, 3, (mode & 04000) != 0, 's');
    special(text, 6, (mode & 02000) != 0, 's');
    special(text, 9, (mode & 01000) != 0, 't');
    return text.toString();
  }

  /** Set-user, set-group and sticky stand where the execute bit does; upper case without it. */
  private static void special(StringBuilder text, int at, boolean set, char letter) {
    if (set) {
      text.setCharAt(at, text.charAt(at) == 'x' ? letter : Character.toUpperCase(letter));
    }
  }

  private static String owner(String name, long id) {
    return name.isEmpty() ? Long.toString(id) : name;
  }

  private static String size(Node node) {
    return switch (node) {
      case Node.File file -> Long.toString(file.content().size());
      case Node.Device device -> device.major() + ", " + device.minor();
      case Node.Directory _, Node.Symlink _, Node.Fifo _ -> "-";
    };
  }
}
