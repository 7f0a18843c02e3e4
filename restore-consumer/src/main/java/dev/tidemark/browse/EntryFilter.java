package dev.tidemark.browse;

import dev.tidemark.schemas.change.Metadata.FileTime;
import dev.tidemark.schemas.change.Node;
import dev.tidemark.schemas.tree.EntryStream;
import dev.tidemark.schemas.tree.TreeEntry;
import java.io.IOException;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/**
 * Which entries of a tree are looked for.
 *
 * @param types any of these
 * @param largerThan a file of more bytes; −1 for entries of any size and type
 * @param newerThan modified after that
 */
public record EntryFilter(Glob pattern, Set<Type> types, long largerThan, FileTime newerThan) {
  /** What stands at a path. */
  public enum Type {
    FILE,
    DIRECTORY,
    SYMLINK,
    FIFO,
    DEVICE;

    static Type of(Node node) {
      return switch (node) {
        case Node.File _ -> FILE;
        case Node.Directory _ -> DIRECTORY;
        case Node.Symlink _ -> SYMLINK;
        case Node.Fifo _ -> FIFO;
        case Node.Device _ -> DEVICE;
      };
    }
  }

  /** Earlier than any file. */
  public static final FileTime EVER = new FileTime(Long.MIN_VALUE, 0);

  public EntryFilter {
    types = Collections.unmodifiableSet(EnumSet.copyOf(types));
  }

  /** Hears of each entry, in path order. */
  public interface Listener {
    void found(TreeEntry entry) throws IOException;
  }

  /** Goes through the part of a tree in which the pattern can match, holding one entry. */
  public void find(OpenTree tree, Listener listener) throws IOException {
    try (EntryStream entries = tree.tree().subtree(pattern.start())) {
      for (Optional<TreeEntry> next = entries.next(); next.isPresent(); next = entries.next()) {
        if (matches(next.get())) {
          listener.found(next.get());
        }
      }
    }
  }

  boolean matches(TreeEntry entry) {
    Node node = entry.node();
    return types.contains(Type.of(node))
        && node.metadata().mtime().compareTo(newerThan) > 0
        && (largerThan < 0 || node instanceof Node.File file && file.content().size() > largerThan)
        && pattern.matches(entry.path());
  }
}
