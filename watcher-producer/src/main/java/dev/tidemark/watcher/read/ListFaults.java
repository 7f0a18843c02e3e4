package dev.tidemark.watcher.read;

import dev.tidemark.filesystem.linux.SystemCallException;
import java.util.Optional;

/** Makes listings of directories fail, where the kernel cannot be made to refuse them. */
public interface ListFaults {
  ListFaults NONE = _ -> Optional.empty();

  /**
   * @param path of the directory, relative to the root
   */
  Optional<SystemCallException> onList(byte[] path);
}
