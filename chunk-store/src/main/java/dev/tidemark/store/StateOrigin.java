package dev.tidemark.store;

import dev.tidemark.log.LogTopics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/**
 * Remembers of which log the state folder holds state: the ids of its topics, one on a line.
 * Streams would find offsets of a log that is gone in files of the same names.
 */
final class StateOrigin {
  private static final String FILE = "topics";

  private StateOrigin() {}

  /** Whether what the folder holds is of another log than this; false if it holds nothing. */
  static boolean isOfAnotherLog(Path stateFolder, LogTopics topics) throws IOException {
    try {
      return !Files.readString(stateFolder.resolve(FILE)).equals(text(topics));
    } catch (NoSuchFileException first) {
      return false;
    }
  }

  /** From now on the folder's state is of this log; durable on return. */
  static void remember(Path stateFolder, LogTopics topics) throws IOException {
    Path file = stateFolder.resolve(FILE);
    Path temporary = file.resolveSibling(FILE + ".new");
    Files.writeString(
        temporary,
        text(topics),
        StandardOpenOption.CREATE,
        StandardOpenOption.WRITE,
        StandardOpenOption.TRUNCATE_EXISTING,
        StandardOpenOption.DSYNC);
    Files.move(
        temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  private static String text(LogTopics topics) {
    return "%s%n%s%n".formatted(topics.chunks().id(), topics.changes().id());
  }
}
