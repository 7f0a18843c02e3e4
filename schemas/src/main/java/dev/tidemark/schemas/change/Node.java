package dev.tidemark.schemas.change;

/** What stands at a path, with all its metadata. */
public sealed interface Node {
  Metadata metadata();

  record File(Metadata metadata, Content content) implements Node {}

  record Directory(Metadata metadata) implements Node {}

  /**
   * @param target the link's text, as bytes, never resolved
   */
  record Symlink(Metadata metadata, Bytes target) implements Node {}

  record Fifo(Metadata metadata) implements Node {}

  record Device(Metadata metadata, DeviceKind kind, int major, int minor) implements Node {}

  enum DeviceKind {
    CHARACTER,
    BLOCK
  }
}
