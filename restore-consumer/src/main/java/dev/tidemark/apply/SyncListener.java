package dev.tidemark.apply;

import dev.tidemark.filesystem.linux.Descriptor;
import dev.tidemark.filesystem.linux.FileStatus;
import dev.tidemark.schemas.change.Node;
import dev.tidemark.schemas.change.NodePath;
import java.io.IOException;

/**
 * Hears what {@link TreeSync} does. {@link #directory} comes from the planning thread, in tree
 * order and before anything below it; the others from any of its threads.
 */
public interface SyncListener {
  SyncListener NONE = new SyncListener() {};

  /**
   * A directory of the tree stands in the target.
   *
   * @param parent what this method answered for its parent; −1 for the root
   * @param name empty for the root
   * @return an id of the caller's, handed to the calls for what is in it
   */
  default long directory(long parent, byte[] name, Node.Directory node) throws IOException {
    return 0;
  }

  /** An entry that is no directory is complete, or was right before. */
  default void entry(long directory, byte[] name, Node node, FileStatus left) throws IOException {}

  /**
   * Whether a file with the right size and time may be taken for right without reading it. A caller
   * that knows the signature which it left may know better.
   */
  default boolean trusts(long directory, byte[] name, FileStatus is) throws IOException {
    return true;
  }

  /** Something of the target that differs from the tree is about to be replaced or removed. */
  default void displacing(Descriptor parent, byte[] name, NodePath path) throws IOException {}

  /** An entry of the tree was dealt with, by whatever outcome; once for each. */
  default void passed(NodePath path, Node node) {}
}
