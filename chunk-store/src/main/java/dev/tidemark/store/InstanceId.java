package dev.tidemark.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.UUID;

/**
 * The name by which the group knows this process again: file {@code instance-id} of the state
 * folder. A process that was killed and started again takes its own place in the group at once
 * instead of waiting until its ghost's session is over.
 */
final class InstanceId {
  private static final String FILE = "instance-id";

  private InstanceId() {}

  static String require(Path stateFolder) throws IOException {
    Files.createDirectories(stateFolder);
    Path file = stateFolder.resolve(FILE);
    try {
      String kept = Files.readString(file).strip();
      return UUID.fromString(kept).toString();
    } catch (NoSuchFileException first) {
      return create(file);
    } catch (IllegalArgumentException damaged) {
      return create(file);
    }
  }

  private static String create(Path file) throws IOException {
    String id = UUID.randomUUID().toString();
    Path temporary = file.resolveSibling(FILE + ".new");
    Files.writeString(
        temporary,
        id,
        StandardOpenOption.CREATE,
        StandardOpenOption.WRITE,
        StandardOpenOption.TRUNCATE_EXISTING,
        StandardOpenOption.DSYNC);
    Files.move(
        temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    return id;
  }
}
