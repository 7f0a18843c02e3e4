package dev.tidemark.cli.process;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * One {@code up} per data folder. The kernel lets go of the lock when the process ends, however it
 * ends; the process id in the file is for people and for commands that only read.
 */
public final class UpLock implements AutoCloseable {
  private final FileChannel channel;

  private UpLock(FileChannel channel) {
    this.channel = channel;
  }

  /**
   * Takes the lock.
   *
   * @throws DataFolderInUseException if another process has it
   */
  public static UpLock acquire(DataFolder data) throws IOException {
    FileChannel channel =
        FileChannel.open(
            data.lock(),
            StandardOpenOption.CREATE,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE);
    if (tryLock(channel) == null) {
      channel.close();
      throw new DataFolderInUseException(
          ("Another `tidemark up` (process %s) runs on the data folder %s. Stop that one first, or"
                  + " give this one a folder of its own with --data.")
              .formatted(readHolder(data.lock()), data.root()));
    }
    channel.truncate(0);
    channel.write(ByteBuffer.wrap((ProcessHandle.current().pid() + "\n").getBytes(US_ASCII)), 0);
    return new UpLock(channel);
  }

  private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException heldByThisProcess) {
      return null;
    }
  }

  /**
   * Whether the process named in the lock file lives. Looks without touching the lock, so that a
   * reader never makes a starting {@code up} fail.
   */
  static boolean isHeldByLiveProcess(DataFolder data) throws IOException {
    if (!Files.exists(data.lock())) {
      return false;
    }
    String holder = readHolder(data.lock());
    return holder.matches("\\d{1,9}")
        && ProcessHandle.of(Long.parseLong(holder)).map(ProcessHandle::isAlive).orElse(false);
  }

  private static String readHolder(Path lock) throws IOException {
    return Files.readString(lock, US_ASCII).strip();
  }

  /** Leaves the file: to remove it could remove the lock that another has just taken. */
  @Override
  public void close() throws IOException {
    channel.truncate(0);
    channel.close();
  }
}
