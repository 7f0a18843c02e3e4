package dev.tidemark.cli.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Watches the room on a folder's filesystem. A process that stops while there is still some leaves
 * nothing half written; on a full disk the broker halts the process on the spot.
 */
public final class FreeSpace {
  /** Less than this to start with is refused. */
  public static final long LEAST_TO_START_BYTES = 192L << 20;

  /** Less than this while running stops the process. */
  public static final long LEAST_TO_RUN_BYTES = 32L << 20;

  private final Path folder;

  public FreeSpace(Path folder) {
    this.folder = folder;
  }

  /**
   * Checks before anything is written.
   *
   * @throws DiskFullException if there is too little
   */
  public void requireToStart() throws IOException {
    long usable = Files.getFileStore(folder).getUsableSpace();
    if (usable < LEAST_TO_START_BYTES) {
      throw new DiskFullException(
          ("Only %s are free on the disk of the data folder %s; at least %s are needed to start."
                  + " Make room there, or choose another folder with --data.")
              .formatted(Amounts.bytes(usable), folder, Amounts.bytes(LEAST_TO_START_BYTES)));
    }
  }

  /**
   * Checks while running.
   *
   * @throws DiskFullException if the process has to stop
   */
  public void requireToRun() throws IOException {
    long usable = Files.getFileStore(folder).getUsableSpace();
    if (usable < LEAST_TO_RUN_BYTES) {
      throw new DiskFullException(full(usable));
    }
  }

  /** What to tell of a write in the folder that failed. */
  public String describeFailure() {
    try {
      long usable = Files.getFileStore(folder).getUsableSpace();
      if (usable < LEAST_TO_RUN_BYTES) {
        return full(usable);
      }
    } catch (IOException e) {
      return broken(String.valueOf(e.getMessage()));
    }
    return broken("the lines above tell what failed");
  }

  private String full(long usable) {
    return ("The disk of the data folder %s is full: %s are free. Stopped, and nothing acknowledged"
            + " is lost; make room there and start again, it goes on where it was.")
        .formatted(folder, Amounts.bytes(usable));
  }

  private String broken(String reason) {
    return ("The disk of the data folder %s failed: %s. Stopped, and nothing acknowledged is lost;"
            + " mend the disk and start again, it goes on where it was.")
        .formatted(folder, reason);
  }

  /** Too little room; the message names the folder and what is free. */
  public static final class DiskFullException extends IOException {
    private static final long serialVersionUID = 1L;

    DiskFullException(String message) {
      super(message);
    }
  }
}
