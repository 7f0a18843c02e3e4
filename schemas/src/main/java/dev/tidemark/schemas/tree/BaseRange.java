package dev.tidemark.schemas.tree;

import dev.tidemark.schemas.change.Bytes;
import dev.tidemark.schemas.change.NodePath;
import java.io.IOException;
import java.util.Optional;

/**
 * What a stream of the base still has at and below one path of it. Ranges of directories within one
 * another share one stream, with its one entry of look-ahead, which the outermost closes.
 */
final class BaseRange implements AutoCloseable {
  private final NodePath origin;
  private final LookAhead entries;
  private final boolean isOutermost;

  private BaseRange(NodePath origin, LookAhead entries, boolean isOutermost) {
    this.origin = origin;
    this.entries = entries;
    this.isOutermost = isOutermost;
  }

  /** Everything that {@code entries} has, which must be at or below {@code origin}. */
  static BaseRange of(NodePath origin, EntryStream entries) {
    return new BaseRange(origin, new LookAhead(entries), true);
  }

  /** The part at and below {@code origin}, which comes next. */
  BaseRange within(NodePath origin) {
    return new BaseRange(origin, entries, false);
  }

  NodePath origin() {
    return origin;
  }

  /** The next entry, if it lies in this range. */
  Optional<TreeEntry> peek() throws IOException {
    return entries.peek().filter(entry -> origin.contains(entry.path()));
  }

  /** Takes the entry of the origin itself, if that comes next. */
  Optional<TreeEntry> takeOrigin() throws IOException {
    Optional<TreeEntry> entry = peek().filter(found -> found.path().equals(origin));
    if (entry.isPresent()) {
      entries.skip();
    }
    return entry;
  }

  /** The name directly below the origin on the way to an entry of this range. */
  Bytes nameOf(TreeEntry entry) {
    return entry.path().nameBelow(origin);
  }

  /** Takes the entry that was looked at, as it stands once the origin has become {@code at}. */
  TreeEntry takeRebased(TreeEntry entry, NodePath at) {
    entries.skip();
    return origin.equals(at) ? entry : new TreeEntry(entry.path().rebase(origin, at), entry.node());
  }

  /** Reads past the whole range. */
  void skipAll() throws IOException {
    while (peek().isPresent()) {
      entries.skip();
    }
  }

  /** Closes the stream, if it is this range's own. */
  @Override
  public void close() throws IOException {
    if (isOutermost) {
      entries.stream.close();
    }
  }

  private static final class LookAhead {
    private final EntryStream stream;
    private Optional<TreeEntry> ahead = Optional.empty();
    private boolean isRead;

    LookAhead(EntryStream stream) {
      this.stream = stream;
    }

    Optional<TreeEntry> peek() throws IOException {
      if (!isRead) {
        ahead = stream.next();
        isRead = true;
      }
      return ahead;
    }

    void skip() {
      isRead = false;
    }
  }
}
