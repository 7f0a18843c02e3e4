package dev.tidemark.watcher.dirty;

import dev.tidemark.watcher.state.EntryKey;
import dev.tidemark.watcher.state.Name;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A published directory. Its id never changes; its parent and name do when it is renamed. */
public final class Directory {
  /** Stands for a directory whose events do not reach us. */
  public static final int NO_WATCH = -1;

  private final long id;
  private final long inode;
  private @Nullable Directory parent;
  private Name name;
  private int watch = NO_WATCH;
  private boolean gone;
  private boolean detached;
  private boolean announced = true;
  private @Nullable Map<Name, Directory> children;
  private @Nullable Map<Name, Mark> marks;

  Directory(long id, long inode, @Nullable Directory parent, Name name) {
    this.id = id;
    this.inode = inode;
    this.parent = parent;
    this.name = name;
  }

  public long id() {
    return id;
  }

  public long inode() {
    return inode;
  }

  public boolean isRoot() {
    return parent == null;
  }

  /** The directory that holds it; the root has none. */
  public Directory parent() {
    if (parent == null) {
      throw new IllegalStateException("the root of a tree has no parent");
    }
    return parent;
  }

  @Nullable Directory parentOrNull() {
    return parent;
  }

  public Name name() {
    return name;
  }

  /** The entry that this directory itself is. */
  public EntryKey key() {
    return parent == null ? EntryKey.ROOT : new EntryKey(parent.id, name);
  }

  public int watch() {
    return watch;
  }

  public boolean isWatched() {
    return watch != NO_WATCH;
  }

  void watch(int newWatch) {
    watch = newWatch;
  }

  /** No longer in the tree: whatever still arrives for it is dropped. */
  public boolean isGone() {
    return gone;
  }

  /**
   * It was moved out of the tree, as far as the events tell; what stands at its name now is another
   * one.
   */
  public boolean isDetached() {
    return detached;
  }

  public void detach() {
    detached = true;
  }

  /**
   * Whether a put of it has been handed over since the scan began, so that puts of what is in it
   * may follow.
   */
  public boolean isAnnounced() {
    return announced;
  }

  public void announced(boolean now) {
    announced = now;
  }

  public Collection<Directory> children() {
    return children == null ? List.of() : children.values();
  }

  public java.util.Optional<Directory> child(Name childName) {
    return children == null
        ? java.util.Optional.empty()
        : java.util.Optional.ofNullable(children.get(childName));
  }

  Map<Name, Mark> marks() {
    return marks == null ? Map.of() : marks;
  }

  Map<Name, Mark> marksForWriting() {
    if (marks == null) {
      marks = new HashMap<>(4);
    }
    return marks;
  }

  void dropMarks() {
    marks = null;
  }

  void attach(Directory newParent, Name newName) {
    parent = newParent;
    name = newName;
    if (newParent.children == null) {
      newParent.children = new HashMap<>(4);
    }
    newParent.children.put(newName, this);
  }

  void leaveParent() {
    if (parent != null && parent.children != null) {
      parent.children.remove(name, this);
      if (parent.children.isEmpty()) {
        parent.children = null;
      }
    }
  }

  void gone() {
    gone = true;
  }

  @Override
  public String toString() {
    return "directory %d %s".formatted(id, name);
  }
}
