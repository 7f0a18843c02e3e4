package dev.tidemark.apply;

import dev.tidemark.filesystem.linux.Descriptor;
import dev.tidemark.filesystem.linux.DirectoryEntry;
import dev.tidemark.schemas.change.Bytes;
import dev.tidemark.schemas.change.Node;
import dev.tidemark.schemas.change.NodePath;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A directory of the target while the plan is in it or files of it are being written. Whoever lets
 * go of it last gives it its metadata. The plan's thread owns all but the count.
 */
final class SyncDirectory {
  private final NodePath path;
  private final long id;
  private final @Nullable Descriptor descriptor;
  private final Node.@Nullable Directory node;
  private final Map<Bytes, DirectoryEntry> unseen;
  private final AtomicInteger holders = new AtomicInteger(1);

  /**
   * @param descriptor null if the directory could not be made: nothing below it can be put
   * @param node null if the tree has none for the root
   * @param unseen entries that stood there before
   */
  SyncDirectory(
      NodePath path,
      long id,
      @Nullable Descriptor descriptor,
      Node.@Nullable Directory node,
      Map<Bytes, DirectoryEntry> unseen) {
    this.path = path;
    this.id = id;
    this.descriptor = descriptor;
    this.node = node;
    this.unseen = unseen;
  }

  NodePath path() {
    return path;
  }

  long id() {
    return id;
  }

  boolean isUsable() {
    return descriptor != null;
  }

  Descriptor descriptor() {
    if (descriptor == null) {
      throw new IllegalStateException("directory %s could not be made".formatted(path));
    }
    return descriptor;
  }

  Node.@Nullable Directory node() {
    return node;
  }

  /** What stood at this name before the tree came, if anything; asked once for each name. */
  Optional<DirectoryEntry> takeExisting(byte[] name) {
    return unseen.isEmpty() ? Optional.empty() : Optional.ofNullable(unseen.remove(Bytes.of(name)));
  }

  /** Names that stood there and that the tree did not name. */
  Collection<DirectoryEntry> extras() {
    return unseen.values();
  }

  void hold() {
    holders.incrementAndGet();
  }

  /** True for the last holder. */
  boolean release() {
    return holders.decrementAndGet() == 0;
  }
}
