package dev.tidemark.repository.blob;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.UUID;

/**
 * A temporary file that has no name from the moment it is open: its room is given back when it is
 * closed, or its process ends, however that may be.
 */
public final class UnnamedFile {
  private UnnamedFile() {}

  /** Opens one for reading and writing, in the folder for temporary files. */
  public static FileChannel open() throws IOException {
    return openIn(Path.of(System.getProperty("java.io.tmpdir")));
  }

  static FileChannel openIn(Path folder) throws IOException {
    // On Linux what is to be deleted on closing is unlinked as soon as it is open.
    return FileChannel.open(
        folder.resolve("tidemark-" + UUID.randomUUID()),
        Set.of(
            StandardOpenOption.CREATE_NEW,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE,
            StandardOpenOption.DELETE_ON_CLOSE),
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
  }
}
