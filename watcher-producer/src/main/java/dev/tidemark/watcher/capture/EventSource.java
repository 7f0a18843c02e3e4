package dev.tidemark.watcher.capture;

import dev.tidemark.filesystem.linux.Descriptor;
import dev.tidemark.filesystem.linux.SystemCallException;
import java.util.List;
import java.util.OptionalInt;

/**
 * Tells what happens in directories that were asked for. One thread at a time reads; everything
 * else is safe from any thread.
 *
 * <p>What happens in a directory after {@link #watch} has returned is told, or that events were
 * lost. Events of one directory may be merged and come in another order than that of what happened.
 */
public interface EventSource extends AutoCloseable {
  /**
   * Asks for the events of the very directory that is open, wherever it stands; of what is below it
   * only its own entries. A directory that is watched already keeps its token.
   *
   * @return the token under which its events come; a token that has ended does not come again soon.
   *     Empty if this source tells of nothing, so that only comparing finds what has changed
   * @throws SystemCallException if the events of this directory cannot be had
   */
  OptionalInt watch(Descriptor directory) throws SystemCallException;

  /** No more events of that directory; does nothing if the watch has ended already. */
  void unwatch(int watch) throws SystemCallException;

  /**
   * Waits for events or {@link #wake}, and appends what there is, up to 1 MiB of it.
   *
   * @return how many were appended, perhaps none
   */
  int read(List<CaptureEvent> into) throws SystemCallException;

  /**
   * Appends what there is now, up to 1 MiB of it, and does not wait.
   *
   * @return whether there was anything, of use or not; if not, every event that had happened before
   *     the call was read
   */
  boolean readAvailable(List<CaptureEvent> into) throws SystemCallException;

  /** Makes the read under way return, or else the next one. */
  void wake() throws SystemCallException;

  @Override
  void close() throws SystemCallException;
}
