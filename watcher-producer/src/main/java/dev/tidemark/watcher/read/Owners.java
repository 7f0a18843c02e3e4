package dev.tidemark.watcher.read;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/**
 * Names of owners and groups on this host, from {@code /etc/passwd} and {@code /etc/group}
 * (passwd(5), group(5)). Looked at again when the files change, at most every ten seconds. Safe
 * from several threads.
 */
public final class Owners {
  private static final Duration LOOK_AGAIN = Duration.ofSeconds(10);

  private final NameFile users;
  private final NameFile groups;

  public Owners(Path passwd, Path group) {
    users = new NameFile(passwd);
    groups = new NameFile(group);
  }

  /** This host's own files. */
  public static Owners ofHost() {
    return new Owners(Path.of("/etc/passwd"), Path.of("/etc/group"));
  }

  /** The user's name, empty if it has none. */
  public String user(long uid) {
    return users.name(uid);
  }

  /** The group's name, empty if it has none. */
  public String group(long gid) {
    return groups.name(gid);
  }

  private static final class NameFile {
    private final Path file;
    private volatile Map<Long, String> names = Map.of();
    private volatile long lookedAt = System.nanoTime() - LOOK_AGAIN.toNanos() - 1;
    private FileTime changed = FileTime.fromMillis(0);

    NameFile(Path file) {
      this.file = file;
    }

    String name(long id) {
      if (isOld()) {
        look();
      }
      return names.getOrDefault(id, "");
    }

    private boolean isOld() {
      return System.nanoTime() - lookedAt > LOOK_AGAIN.toNanos();
    }

    /** Others wait for the one that reads: without names a node would differ from what it was. */
    private synchronized void look() {
      if (!isOld()) {
        return;
      }
      try {
        FileTime now = Files.getLastModifiedTime(file);
        if (!now.equals(changed)) {
          names = read();
          changed = now;
        }
      } catch (IOException _) {
        // A host without these files has numbers only; they are what is restored then.
        names = Map.of();
      }
      lookedAt = System.nanoTime();
    }

    private Map<Long, String> read() throws IOException {
      Map<Long, String> read = new HashMap<>();
      for (String line : Files.readAllLines(file, StandardCharsets.ISO_8859_1)) {
        String[] fields = line.split(":", 4);
        if (fields.length == 4 && fields[2].matches("[0-9]{1,10}")) {
          byte[] name = fields[0].getBytes(StandardCharsets.ISO_8859_1);
          read.putIfAbsent(Long.parseLong(fields[2]), new String(name, StandardCharsets.UTF_8));
        }
      }
      return read;
    }
  }
}
