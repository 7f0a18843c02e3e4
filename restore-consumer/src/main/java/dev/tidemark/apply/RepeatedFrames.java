package dev.tidemark.apply;

import dev.tidemark.filesystem.linux.Descriptor;
import dev.tidemark.filesystem.linux.LinuxFiles;
import dev.tidemark.filesystem.linux.SystemCallException;
import dev.tidemark.schemas.chunk.ChunkId;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Frames that later files need again, in a file without a name beside the target: so they are not
 * fetched a second time. Where the space for them ends no more are kept. Whoever calls sees to it
 * that one thread does at a time.
 */
final class RepeatedFrames implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(RepeatedFrames.class);
  private static final int MODE = 0600;
  private static final int MAX_FRAMES = 1 << 18;
  private static final long MAX_BYTES = 1L << 30;

  private final Staging staging;
  private final Predicate<ChunkId> isRepeated;
  private final Map<ChunkId, Place> places = new HashMap<>();
  private @Nullable Descriptor file;
  private long end;
  private boolean isFull;

  private record Place(long position, int length) {}

  /**
   * @param isRepeated whether more than one file may need a chunk
   */
  RepeatedFrames(Staging staging, Predicate<ChunkId> isRepeated) {
    this.staging = staging;
    this.isRepeated = isRepeated;
  }

  void keep(ChunkId id, byte[] frame) {
    if (isFull || !isRepeated.test(id) || places.containsKey(id)) {
      return;
    }
    if (end + frame.length > MAX_BYTES || places.size() == MAX_FRAMES) {
      isFull = true;
      return;
    }
    try {
      LinuxFiles.writeFullyAt(file(), end, frame, 0, frame.length);
    } catch (SystemCallException e) {
      isFull = true;
      log.atInfo().setCause(e).log("no more frames are kept for later files, they are read again");
      return;
    }
    places.put(id, new Place(end, frame.length));
    end += frame.length;
  }

  private Descriptor file() throws SystemCallException {
    if (file == null) {
      byte[] name = staging.newName();
      file = LinuxFiles.createFile(staging.folder(), name, MODE);
      LinuxFiles.removeFile(staging.folder(), name);
    }
    return file;
  }

  /** A frame that was kept; null if it was not. */
  byte @Nullable [] find(ChunkId id) {
    Place place = places.get(id);
    if (place == null || file == null) {
      return null;
    }
    byte[] frame = new byte[place.length()];
    try {
      return ExistingCheck.readFully(file, place.position(), frame, frame.length) ? frame : null;
    } catch (IOException e) {
      log.atWarn().setCause(e).log("a frame that was kept cannot be read, it is fetched again");
      return null;
    }
  }

  @Override
  public void close() throws SystemCallException {
    if (file != null) {
      file.close();
    }
  }
}
