package dev.tidemark.repository.blob;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/** Writes a new file and makes its bytes durable. */
interface TempWriter {
  /** Files of a backup are for their owner's eyes, as the backed-up files may be. */
  TempWriter DURABLE = TempWriter::writeDurably;

  void write(Path file, ByteBuffer bytes) throws IOException;

  private static void writeDurably(Path file, ByteBuffer bytes) throws IOException {
    // Java keeps a direct buffer per thread as large as the largest heap buffer ever written.
    final int sliceBytes = 1 << 20;
    ByteBuffer rest = bytes.duplicate();
    int end = rest.limit();
    try (FileChannel channel =
        FileChannel.open(
            file,
            Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
      while (rest.position() < end) {
        rest.limit(Math.min(end, rest.position() + sliceBytes));
        channel.write(rest);
      }
      channel.force(true);
    }
  }
}
