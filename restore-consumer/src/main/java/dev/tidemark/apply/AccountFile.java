package dev.tidemark.apply;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;

/**
 * The numbers of names in a file like {@code /etc/passwd} or {@code /etc/group} (passwd(5),
 * group(5)). Looked at again when the file changes, at most every ten seconds. Safe from several
 * threads.
 */
final class AccountFile {
  private static final long LOOK_AGAIN_NANOS = 10_000_000_000L;
  private static final long MAX_ID = 0xffff_fffeL;

  private final Path file;
  private Map<String, Long> ids = Map.of();
  private FileTime readOf = FileTime.fromMillis(0);
  private long lookedAt = System.nanoTime() - LOOK_AGAIN_NANOS - 1;

  AccountFile(Path file) {
    this.file = file;
  }

  /** The number of a name; empty if this host has no such name. */
  synchronized OptionalLong find(String name) throws IOException {
    long now = System.nanoTime();
    if (now - lookedAt > LOOK_AGAIN_NANOS) {
      look();
      lookedAt = now;
    }
    Long id = ids.get(name);
    return id == null ? OptionalLong.empty() : OptionalLong.of(id);
  }

  /** Whether a text is a number that a user or group can have. */
  static boolean isNumber(String text) {
    return text.matches("[0-9]{1,10}") && Long.parseLong(text) <= MAX_ID;
  }

  private void look() throws IOException {
    try {
      FileTime modified = Files.getLastModifiedTime(file);
      if (!modified.equals(readOf)) {
        ids = parse(new String(Files.readAllBytes(file), StandardCharsets.UTF_8));
        readOf = modified;
      }
    } catch (NoSuchFileException noNames) {
      // A host without accounts, as small containers are: every owner is a number.
      ids = Map.of();
    }
  }

  private static Map<String, Long> parse(String text) {
    Map<String, Long> parsed = new HashMap<>();
    for (String line : text.split("\n", -1)) {
      String[] fields = line.split(":", 4);
      if (fields.length >= 3 && !fields[0].isEmpty() && isNumber(fields[2])) {
        // As the C library does, the first line of a name counts.
        parsed.putIfAbsent(fields[0], Long.parseLong(fields[2]));
      }
    }
    return parsed;
  }
}
