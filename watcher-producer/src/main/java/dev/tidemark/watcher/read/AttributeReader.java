package dev.tidemark.watcher.read;

import dev.tidemark.filesystem.linux.Descriptor;
import dev.tidemark.filesystem.linux.LinuxFiles;
import dev.tidemark.filesystem.linux.SystemCallException;
import dev.tidemark.schemas.change.Bytes;
import dev.tidemark.schemas.change.Metadata.ExtendedAttribute;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** Reads all extended attributes of what is open, POSIX ACLs and file capabilities among them. */
final class AttributeReader {
  /** How overlayfs keeps its own books in its layers: no part of what a user stored. */
  private static final byte[] OVERLAY = "trusted.overlay.".getBytes(StandardCharsets.US_ASCII);

  private AttributeReader() {}

  /**
   * What an inode has.
   *
   * @param attributes sorted by name
   * @param withheld why the others could not be read: this process may not
   */
  record Found(List<ExtendedAttribute> attributes, List<SystemCallException> withheld) {
    static final Found NONE = new Found(List.of(), List.of());
  }

  /**
   * @param file open, or a handle
   */
  static Found read(Descriptor file) throws SystemCallException {
    List<byte[]> names;
    try {
      names = LinuxFiles.listAttributes(file);
    } catch (SystemCallException e) {
      return new Found(List.of(), List.of(requireWithheld(e)));
    }
    if (names.isEmpty()) {
      return Found.NONE;
    }
    List<ExtendedAttribute> attributes = new ArrayList<>(names.size());
    List<SystemCallException> withheld = new ArrayList<>(0);
    for (byte[] name : names) {
      if (startsWith(name, OVERLAY)) {
        continue;
      }
      try {
        Optional<byte[]> value = LinuxFiles.findAttribute(file, name);
        value.ifPresent(
            bytes -> attributes.add(new ExtendedAttribute(Bytes.of(name), Bytes.of(bytes))));
      } catch (SystemCallException e) {
        withheld.add(requireWithheld(e));
      }
    }
    attributes.sort(Comparator.comparing(ExtendedAttribute::name));
    return new Found(List.copyOf(attributes), List.copyOf(withheld));
  }

  private static SystemCallException requireWithheld(SystemCallException e)
      throws SystemCallException {
    return switch (e.errno()) {
      case EACCES, EPERM -> e;
      default -> throw e;
    };
  }

  private static boolean startsWith(byte[] name, byte[] prefix) {
    return name.length >= prefix.length
        && Arrays.equals(name, 0, prefix.length, prefix, 0, prefix.length);
  }
}
