package dev.tidemark.cli.member;

import dev.tidemark.cli.process.DataFolderInUseException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * One member of a tree per data folder: taken before the role file or the socket of one that runs
 * is touched. The kernel lets go of it when the process ends, however it ends.
 */
public final class MemberLock implements AutoCloseable {
  private final FileChannel channel;

  private MemberLock(FileChannel channel) {
    this.channel = channel;
  }

  /**
   * Takes the lock of a member's folder, which is made.
   *
   * @throws DataFolderInUseException if another process has it
   */
  public static MemberLock acquire(Path folder) throws IOException {
    Files.createDirectories(folder);
    FileChannel channel =
        FileChannel.open(
            folder.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    if (tryLock(channel) == null) {
      channel.close();
      throw new DataFolderInUseException(
          ("Another `tidemark member` runs with %s. Stop that one first, or give this one a data"
                  + " folder of its own with --data.")
              .formatted(folder));
    }
    return new MemberLock(channel);
  }

  private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException heldByThisProcess) {
      return null;
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
