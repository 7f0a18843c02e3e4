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
import org.jspecify.annotations.Nullable;

/**
 * The right to run a broker on a folder: a lock of the operating system on {@code broker.lock},
 * which a crash of the process gives back. The file holds the process id of the owner, for
 * messages.
 */
final class FolderLock implements AutoCloseable {
  private static final String FILE = "broker.lock";

  private final FileChannel channel;

  private FolderLock(FileChannel channel) {
    this.channel = channel;
  }

  /**
   * @throws BrokerFolderInUseException if another broker holds the folder
   */
  static FolderLock acquire(Path folder) throws IOException {
    Path file = folder.resolve(FILE);
    FileChannel channel =
        FileChannel.open(
            file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    try {
      if (tryLock(channel) == null) {
        throw new BrokerFolderInUseException(folder, holder(file));
      }
      channel.truncate(0);
      channel.write(
          ByteBuffer.wrap(Long.toString(ProcessHandle.current().pid()).getBytes(US_ASCII)), 0);
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

  private static String holder(Path file) throws IOException {
    String pid = Files.readString(file, US_ASCII);
    if (pid.isEmpty()) {
      return "another process";
    }
    return pid.equals(Long.toString(ProcessHandle.current().pid()))
        ? "another broker in this process"
        : "process " + pid;
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
