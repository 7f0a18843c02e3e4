package dev.tidemark.cli.reading;

import dev.tidemark.schemas.change.DisplayText;
import dev.tidemark.schemas.change.Metadata;
import dev.tidemark.schemas.change.Node;
import dev.tidemark.schemas.tree.TreeEntry;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;

/** Entries as {@code ls -l} shows them. */
public final class NodeText {
  private static final String BITS = "rwxrwxrwx";

  private NodeText() {}

  /** One line: mode, owner, size, time, name; of the directory that was listed its path. */
  public static String line(TreeEntry entry, ZoneId zone) {
    return line(entry, TimeText.seconds(mtime(entry), zone), name(entry));
  }

  /** The same with the whole path. */
  public static String lineWithPath(TreeEntry entry, ZoneId zone) {
    return line(entry, TimeText.seconds(mtime(entry), zone), entry.path().toString());
  }

  /** The same to the nanosecond, with hard links and attributes. */
  public static String details(TreeEntry entry, ZoneId zone) {
    return line(entry, TimeText.nanos(mtime(entry), zone), name(entry)) + more(entry);
  }

  /** The same with the whole path. */
  public static String detailsWithPath(TreeEntry entry, ZoneId zone) {
    return line(entry, TimeText.nanos(mtime(entry), zone), entry.path().toString()) + more(entry);
  }

  private static Instant mtime(TreeEntry entry) {
    Metadata.FileTime time = entry.node().metadata().mtime();
    return Instant.ofEpochSecond(time.seconds(), time.nanos());
  }

  private static String name(TreeEntry entry) {
    return entry.path().isRoot() ? "." : DisplayText.of(entry.path().name());
  }

  private static String line(TreeEntry entry, String time, String name) {
    Metadata metadata = entry.node().metadata();
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

  private static String more(TreeEntry entry) {
    Metadata metadata = entry.node().metadata();
    String links = metadata.linkGroup() == 0 ? "" : "  links=" + metadata.linkGroup();
    return metadata.attributes().isEmpty()
        ? links
        : links + "  attributes=" + String.join(",", attributes(metadata));
  }

  /** The names of the extended attributes. */
  static List<String> attributes(Metadata metadata) {
    return metadata.attributes().stream()
        .map(attribute -> DisplayText.of(attribute.name().toArray()))
        .toList();
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
