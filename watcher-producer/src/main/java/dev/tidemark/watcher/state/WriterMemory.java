package dev.tidemark.watcher.state;

import java.io.IOException;
import java.io.StringReader;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Properties;
import java.util.UUID;

/**
 * Who this writer is, in a file of its own ({@code writer}, {@code key=value} lines), so that it
 * outlives a damaged or discarded state store.
 *
 * @param writer made once per state folder
 * @param term last term begun or about to begin; durable before its EPOCH_STARTED is sent
 * @param bootId the boot during which the state store was written
 * @param standing what the rest of the state folder is worth
 */
public record WriterMemory(UUID writer, long term, String bootId, Standing standing) {
  private static final String FILE = "writer";

  /** What the state store is worth at the next start. */
  public enum Standing {
    /** In use: good after a crash of the process, not after one of the machine. */
    IN_USE,
    /** Closed in order, all of it durable. */
    CLOSED,
    /** Could not be read: worth nothing. */
    DAMAGED,
    /** Holds changes that were rejected: worth nothing. */
    VOID
  }

  public WriterMemory withTerm(long newTerm) {
    return new WriterMemory(writer, newTerm, bootId, standing);
  }

  public WriterMemory with(String newBootId, Standing newStanding) {
    return new WriterMemory(writer, term, newBootId, newStanding);
  }

  /** Reads what was saved; a new writer without a term if nothing was. */
  public static WriterMemory load(Path folder, UUID ifNew) throws IOException {
    Path file = folder.resolve(FILE);
    if (!Files.exists(file)) {
      return new WriterMemory(ifNew, 0, "", Standing.CLOSED);
    }
    Properties lines = new Properties();
    lines.load(new StringReader(Files.readString(file)));
    try {
      return new WriterMemory(
          UUID.fromString(lines.getProperty("writer", "")),
          Long.parseLong(lines.getProperty("term", "")),
          lines.getProperty("boot", ""),
          Standing.valueOf(lines.getProperty("standing", "")));
    } catch (IllegalArgumentException e) {
      throw new IOException(
          ("%s is damaged (%s). Move the state folder away and start with --take-over: the tree"
                  + " is scanned in full.")
              .formatted(file, e.getMessage()),
          e);
    }
  }

  /** On return, this survives a power loss. */
  public void save(Path folder) throws IOException {
    Path temporary = folder.resolve(FILE + ".new");
    String text =
        "writer=%s\nterm=%d\nboot=%s\nstanding=%s\n".formatted(writer, term, bootId, standing);
    try (FileChannel out =
        FileChannel.open(
            temporary,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
      while (bytes.hasRemaining()) {
        out.write(bytes);
      }
      out.force(true);
    }
    Files.move(
        temporary,
        folder.resolve(FILE),
        StandardCopyOption.ATOMIC_MOVE,
        StandardCopyOption.REPLACE_EXISTING);
    try (FileChannel directory = FileChannel.open(folder, StandardOpenOption.READ)) {
      directory.force(true);
    }
  }
}
