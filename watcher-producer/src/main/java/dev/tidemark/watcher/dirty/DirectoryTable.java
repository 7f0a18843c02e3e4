package dev.tidemark.watcher.dirty;

import dev.tidemark.schemas.change.NodePath;
import dev.tidemark.watcher.state.Name;
import java.io.ByteArrayOutputStream;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The directories of a tree as published, by id and by watch. */
public final class DirectoryTable {
  private final Map<Long, Directory> byId = new HashMap<>();
  private final Map<Integer, Directory> byWatch = new HashMap<>();
  private final Directory root;

  /**
   * @param rootInode inode of the tree's root
   */
  public DirectoryTable(long rootId, long rootInode) {
    root = new Directory(rootId, rootInode, null, Name.ROOT);
    byId.put(rootId, root);
  }

  public Directory root() {
    return root;
  }

  public Optional<Directory> find(long id) {
    return Optional.ofNullable(byId.get(id));
  }

  public Optional<Directory> findWatched(int watch) {
    return Optional.ofNullable(byWatch.get(watch));
  }

  public boolean contains(long id) {
    return byId.containsKey(id);
  }

  public Collection<Directory> all() {
    return byId.values();
  }

  public int size() {
    return byId.size();
  }

  public int watched() {
    return byWatch.size();
  }

  /** Takes up a directory that is published under this name. */
  public Directory add(long id, long inode, Directory parent, Name name) {
    Directory directory = new Directory(id, inode, parent, name);
    directory.attach(parent, name);
    byId.put(id, directory);
    return directory;
  }

  /**
   * Notes by which watch a directory's events come.
   *
   * @return the directory that had this watch before: the two are one inode, so that one is no
   *     longer where it was
   */
  public Optional<Directory> watch(Directory directory, int watch) {
    Directory before = byWatch.put(watch, directory);
    if (directory.isWatched() && directory.watch() != watch) {
      byWatch.remove(directory.watch(), directory);
    }
    directory.watch(watch);
    if (before == null || before == directory) {
      return Optional.empty();
    }
    before.watch(Directory.NO_WATCH);
    return Optional.of(before);
  }

  /** The watch is gone. */
  public Optional<Directory> unwatch(int watch) {
    Directory directory = byWatch.remove(watch);
    if (directory != null && directory.watch() == watch) {
      directory.watch(Directory.NO_WATCH);
    }
    return Optional.ofNullable(directory);
  }

  /** A directory is renamed: one step, whatever is below it. */
  public void move(Directory directory, Directory newParent, Name newName) {
    directory.leaveParent();
    directory.attach(newParent, newName);
  }

  /** Two entries change places, each of them a directory or not. */
  public void exchange(Directory one, Name oneName, Directory other, Name otherName) {
    Optional<Directory> first = one.child(oneName);
    Optional<Directory> second = other.child(otherName);
    first.ifPresent(Directory::leaveParent);
    second.ifPresent(Directory::leaveParent);
    first.ifPresent(directory -> directory.attach(other, otherName));
    second.ifPresent(directory -> directory.attach(one, oneName));
  }

  /** The directory and all below it, itself first. */
  public List<Directory> subtree(Directory directory) {
    List<Directory> all = new ArrayList<>();
    Deque<Directory> left = new ArrayDeque<>();
    left.push(directory);
    while (!left.isEmpty()) {
      Directory next = left.pop();
      all.add(next);
      next.children().forEach(left::push);
    }
    return all;
  }

  /** Takes a directory out, but not what is below it. Its watch is the caller's to remove. */
  void remove(Directory directory) {
    directory.leaveParent();
    byId.remove(directory.id());
    if (directory.isWatched()) {
      byWatch.remove(directory.watch(), directory);
    }
    directory.gone();
  }

  /** Whether {@code ancestor} is {@code directory} or above it. */
  public boolean isBelow(Directory directory, Directory ancestor) {
    for (Directory d = directory; d != null; d = d.parentOrNull()) {
      if (d == ancestor) {
        return true;
      }
    }
    return false;
  }

  /** The bytes of a directory's path, empty for the root. */
  public static byte[] pathOf(Directory directory) {
    if (directory.isRoot()) {
      return new byte[0];
    }
    Deque<byte[]> names = new ArrayDeque<>();
    Directory at = directory;
    while (!at.isRoot()) {
      names.push(at.name().bytes());
      at = at.parent();
    }
    ByteArrayOutputStream path = new ByteArrayOutputStream(64);
    for (byte[] name : names) {
      if (path.size() > 0) {
        path.write('/');
      }
      path.writeBytes(name);
    }
    return path.toByteArray();
  }

  /** The path of an entry; of the root for the root's own name. */
  public static NodePath pathOf(Directory directory, Name name) {
    NodePath path = NodePath.of(pathOf(directory));
    return name.bytes().length == 0 ? path : path.child(name.bytes());
  }

  /** The directory that stands at a path, as published. */
  public Optional<Directory> findPath(NodePath path) {
    if (path.isRoot()) {
      return Optional.of(root);
    }
    return findPath(path.parent()).flatMap(d -> d.child(new Name(path.name())));
  }
}
