package dev.tidemark.cli.process;

import dev.tidemark.broker.EmbeddedBroker;
import dev.tidemark.broker.FolderLock;
import dev.tidemark.log.LogConnection;
import java.io.IOException;
import java.nio.file.Files;

/** The log of a data folder on which no {@code up} runs, nor can begin to while this is open. */
public final class StoppedUp implements AutoCloseable {
  private final FolderLock lock;
  private final EmbeddedBroker broker;

  private StoppedUp(FolderLock lock, EmbeddedBroker broker) {
    this.lock = lock;
    this.broker = broker;
  }

  /** Whether the folder has a log. */
  public static boolean hasLog(DataFolder folder) {
    return Files.isDirectory(folder.broker());
  }

  /**
   * Starts the folder's broker.
   *
   * @throws DataFolderInUseException if another process runs on the folder
   */
  public static StoppedUp openLog(DataFolder folder) throws IOException {
    FolderLock lock = folder.lockForUp();
    try {
      return new StoppedUp(lock, EmbeddedBroker.start(folder.broker()));
    } catch (IOException | RuntimeException e) {
      lock.close();
      throw e;
    }
  }

  public LogConnection log() {
    return LogConnection.to(broker.bootstrapServers());
  }

  @Override
  public void close() throws IOException {
    try (lock) {
      broker.close();
    }
  }
}
