package dev.tidemark.watcher.state;

import dev.tidemark.schemas.change.Content;
import dev.tidemark.schemas.change.Metadata.FileTime;
import dev.tidemark.schemas.change.Node;
import java.io.IOException;
import java.time.InstantSource;
import java.util.List;

/**
 * Fills an empty state store with a tree that another writer has published and that this host has
 * applied. Each entry gets the signature that applying left it with: what was changed since is
 * found as what was changed while a watcher was down.
 *
 * <p>Where the frames of the nodes are is not taken over, since they may lie in a topic of before:
 * the entries are of no generation of chunks, so that a file is sent anew when it first changes.
 *
 * <p>For one thread; closing it writes what is pending.
 */
public final class InheritedTree implements AutoCloseable {
  /** Of before any topic that the store has seen. */
  private static final int NO_GENERATION = 0;

  /** An entry changed so shortly before may have been changed again without another signature. */
  private static final long RACY_MILLIS = 2_000;

  private static final int COMMIT_AT = 1_000;
  private static final int IDS_AT_ONCE = 1_000;

  private final StateStore store;
  private final PublishedTree published;
  private final long nowMillis;
  private long nextDirectory;
  private long lastDirectory;
  private int pending;

  public InheritedTree(StateStore store, InstantSource clock) {
    this.store = store;
    this.published = new PublishedTree(store);
    this.nowMillis = clock.millis();
  }

  /**
   * The root of the tree.
   *
   * @return the id by which entries name the directory that they are in
   */
  public long root(Node.Directory node, long inode) throws IOException {
    put(EntryKey.ROOT, ofDirectory(StateStore.ROOT_DIRECTORY, node, inode));
    return StateStore.ROOT_DIRECTORY;
  }

  /**
   * A directory that is not the root. Its metadata is compared when the watcher starts.
   *
   * @param parent what was answered for the directory that it is in
   * @param inode of what stands there; 0 if no directory does
   * @return its own id
   */
  public long directory(long parent, byte[] name, Node.Directory node, long inode)
      throws IOException {
    long id = newDirectoryId();
    put(new EntryKey(parent, new Name(name)), ofDirectory(id, node, inode));
    return id;
  }

  private static EntryRecord ofDirectory(long id, Node.Directory node, long inode) {
    FileTime time = node.metadata().mtime();
    return EntryRecord.ofDirectory(
        id, new Signature(0, time.seconds(), time.nanos(), 0, 0, inode), node);
  }

  private long newDirectoryId() throws IOException {
    if (nextDirectory == lastDirectory) {
      nextDirectory = store.reserveDirectoryIds(IDS_AT_ONCE);
      lastDirectory = nextDirectory + IDS_AT_ONCE;
    }
    long id = nextDirectory++;
    return id == StateStore.ROOT_DIRECTORY ? newDirectoryId() : id;
  }

  /**
   * Anything else.
   *
   * @param inode with {@code changed} the signature with which it was left, which need not be that
   *     of what stands there now
   */
  public void entry(long parent, byte[] name, Node node, long inode, FileTime changed)
      throws IOException {
    FileTime time = node.metadata().mtime();
    Signature left =
        new Signature(
            size(node), time.seconds(), time.nanos(), changed.seconds(), changed.nanos(), inode);
    put(
        new EntryKey(parent, new Name(name)),
        EntryRecord.of(
            left, left.isRacyAt(nowMillis, RACY_MILLIS), NO_GENERATION, List.of(), node));
  }

  /** As stat(2) tells it. */
  private static long size(Node node) {
    return switch (node) {
      case Node.File(_, Content content) -> content.size();
      case Node.Symlink symlink -> symlink.target().length();
      case Node.Directory _, Node.Fifo _, Node.Device _ -> 0;
    };
  }

  private void put(EntryKey key, EntryRecord record) throws IOException {
    published.settle(published.put(key, record));
    if (++pending == COMMIT_AT) {
      published.commit();
      pending = 0;
    }
  }

  @Override
  public void close() throws IOException {
    try (published) {
      published.commit();
    }
  }
}
