package dev.tidemark.broker;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The right of one process to a folder: a lock of the operating system on a file in it, which the
 * end of the process gives back, however it ends. The file holds the owner's process id, for
 * messages and for who only looks.
 */
public final class FolderLock implements AutoCloseable {
  private final FileChannel channel;

  private FolderLock(FileChannel channel) {
    this.channel = channel;
  }

  /**
   * Takes the lock.
   *
   * @param file made if missing, in a folder that is there
   * @param inUse makes the failure, of who has it: "process 12"
   * @throws E if another has the lock
   */
  public static <E extends IOException> FolderLock acquire(Path file, Function<String, E> inUse)
      throws IOException {
    FileChannel channel =
        FileChannel.open(
            file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    try {
      if (tryLock(channel) == null) {
        throw inUse.apply(holder(file));
      }
      channel.truncate(0);
      channel.write(ByteBuffer.wrap((ProcessHandle.current().pid() + "\n").getBytes(US_ASCII)), 0);
      return new FolderLock(channel);
    } catch (IOException e) {
      channel.close();
      throw e;
    }
  }

  private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException heldInThisProcess) {
      return null;
    }
  }

  /**
   * Whether the process named in the lock file lives. Looks without touching the lock, so that a
   * reader never makes one fail that starts.
   */
  public static boolean isHeldByLiveProcess(Path file) throws IOException {
    if (!Files.exists(file)) {
      return false;
    }
    String pid = pid(file);
    return pid.matches("\\d{1,9}")
        && ProcessHandle.of(Long.parseLong(pid)).map(ProcessHandle::isAlive).orElse(false);
  }

  private static String holder(Path file) throws IOException {
    String pid = pid(file);
    return pid.isEmpty() ? "another process" : "process " + pid;
  }

  private static String pid(Path file) throws IOException {
    return Files.readString(file, US_ASCII).strip();
  }

  /** Leaves the file: to remove it could remove the lock that another has just taken. */
  @Override
  public void close() throws IOException {
    if (channel.isOpen()) {
      channel.truncate(0);
      channel.close();
    }
  }
}
