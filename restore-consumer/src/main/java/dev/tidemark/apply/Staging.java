package dev.tidemark.apply;

import dev.tidemark.filesystem.linux.Descriptor;
import dev.tidemark.filesystem.linux.DirectoryEntry;
import dev.tidemark.filesystem.linux.Errno;
import dev.tidemark.filesystem.linux.FileType;
import dev.tidemark.filesystem.linux.LinuxFiles;
import dev.tidemark.filesystem.linux.SystemCallException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The folder in which entries are built before they take their names, and to which what loses its
 * name goes. Its own names are short numbers, since a name and a suffix need not fit 255 bytes.
 * Safe from several threads.
 */
final class Staging implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Staging.class);
  private static final int USER_ALL = 0700;
  private static final long CLOSE_SECONDS = 600;
  private static final int PROBE_MODE = 0600;
  private static final long PROBE_BYTES = 2 << 20;

  private final Descriptor folder;
  private long holeStep;
  private final AtomicLong lastName = new AtomicLong();
  private final ExecutorService remover;

  Staging(Descriptor folder) {
    this.folder = folder;
    this.remover =
        Executors.newSingleThreadExecutor(
            task -> {
              Thread thread = new Thread(task, "tidemark-staging-remover");
              thread.setDaemon(true);
              return thread;
            });
  }

  Descriptor folder() {
    return folder;
  }

  /** A name that nothing here has. */
  byte[] newName() {
    return Long.toString(lastName.incrementAndGet()).getBytes(StandardCharsets.US_ASCII);
  }

  /**
   * In which steps this filesystem keeps holes, in bytes; where it keeps none, more than any file
   * of a test for it has.
   */
  synchronized long holeStep() throws SystemCallException {
    if (holeStep == 0) {
      byte[] name = newName();
      try (Descriptor probe = LinuxFiles.createFile(folder, name, PROBE_MODE)) {
        LinuxFiles.writeFullyAt(probe, PROBE_BYTES - 1, new byte[] {1}, 0, 1);
        holeStep = PROBE_BYTES - LinuxFiles.findData(probe, 0).orElse(0);
      } finally {
        LinuxFiles.removeFile(folder, name);
      }
    }
    return holeStep;
  }

  /** Removes everything that an earlier process left, but for {@code kept}. */
  void emptyBut(byte[] kept) throws IOException {
    for (DirectoryEntry entry : LinuxFiles.list(folder)) {
      if (!Arrays.equals(entry.name(), kept)) {
        try {
          removeAll(entry.name(), entry.type());
        } catch (SystemCallException e) {
          if (e.errno() != Errno.EPERM) {
            throw e;
          }
          // Immutable, perhaps: it is in nobody's way here, unless its name is wanted.
          log.atWarn().setCause(e).log("left-over not removed from staging");
          passNames(entry.name());
        }
      }
    }
  }

  /** Names are numbers; none that is still taken is given again. */
  private void passNames(byte[] taken) {
    try {
      long number = Long.parseLong(new String(taken, StandardCharsets.US_ASCII));
      lastName.accumulateAndGet(number, Math::max);
    } catch (NumberFormatException notOurs) {
      // No number, so that it is never wanted.
    }
  }

  /** Removes what stands at one of this folder's names, directories in the background. */
  void discard(byte[] name) throws SystemCallException {
    try {
      LinuxFiles.removeFile(folder, name);
    } catch (SystemCallException e) {
      if (e.errno() != Errno.EISDIR) {
        throw e;
      }
      remover.execute(() -> removeInBackground(name));
    }
  }

  private void removeInBackground(byte[] name) {
    try {
      removeAll(name, FileType.DIRECTORY);
    } catch (IOException e) {
      // Nothing sees it here; the next start empties the folder again.
      log.atWarn().setCause(e).log("replaced directory not removed from staging");
    }
  }

  private void removeAll(byte[] name, FileType type) throws IOException {
    if (type != FileType.DIRECTORY) {
      try {
        LinuxFiles.removeFile(folder, name);
        return;
      } catch (SystemCallException e) {
        if (e.errno() != Errno.EISDIR) {
          throw e;
        }
      }
    }
    Deque<byte[]> directories = new ArrayDeque<>();
    directories.push(name);
    while (!directories.isEmpty()) {
      byte[] next = directories.pop();
      flatten(next, directories);
      LinuxFiles.removeDirectory(folder, next);
    }
  }

  /**
   * Empties one directory; those in it move up into this folder, so that no depth needs a stack.
   */
  private void flatten(byte[] name, Deque<byte[]> found) throws IOException {
    try (Descriptor directory = openToEmpty(name)) {
      for (DirectoryEntry entry : LinuxFiles.list(directory)) {
        if (entry.type() == FileType.DIRECTORY) {
          liftDirectory(directory, entry.name(), found);
          continue;
        }
        try {
          LinuxFiles.removeFile(directory, entry.name());
        } catch (SystemCallException e) {
          if (e.errno() != Errno.EISDIR) {
            throw e;
          }
          liftDirectory(directory, entry.name(), found);
        }
      }
    }
  }

  private void liftDirectory(Descriptor parent, byte[] name, Deque<byte[]> found)
      throws SystemCallException {
    byte[] lifted = newName();
    LinuxFiles.rename(parent, name, folder, lifted);
    found.push(lifted);
  }

  /** A directory that is not ours to write in, but ours to change, is made writable first. */
  private Descriptor openToEmpty(byte[] name) throws SystemCallException {
    try {
      LinuxFiles.changeMode(folder, name, USER_ALL);
    } catch (SystemCallException e) {
      if (e.errno() != Errno.EPERM) {
        throw e;
      }
    }
    return LinuxFiles.openDirectory(folder, name);
  }

  /** Waits for what is removed in the background. */
  @Override
  public void close() throws IOException {
    remover.shutdown();
    try {
      if (!remover.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS)) {
        log.warn("replaced directories are still being removed; the next start goes on with it");
        remover.shutdownNow();
      }
    } catch (InterruptedException e) {
      remover.shutdownNow();
      Thread.currentThread().interrupt();
    }
    folder.close();
  }
}
