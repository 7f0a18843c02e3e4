package dev.tidemark.cli.argument;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Refuses folders that would feed on each other: a standby inside its source would be watched and
 * copied into itself without end. Folders are compared by their real paths; of one that does not
 * exist yet, by its nearest parent that does.
 */
public final class Placement {
  private final List<Place> places = new ArrayList<>();

  private record Place(String role, Path given, Path real, Kind kind) {}

  private enum Kind {
    /** Only read; two may be nested. */
    SOURCE,
    /** Written; nothing else may be inside, nor around. */
    OWNED
  }

  /**
   * A folder that is read.
   *
   * @throws IOException if it is missing or not a directory; the message is for the user
   */
  public Placement source(String role, Path folder) throws IOException {
    if (!Files.exists(folder)) {
      throw new IOException(
          "%s %s does not exist. Create it, or correct the path.".formatted(role, folder));
    }
    if (!Files.isDirectory(folder)) {
      throw new IOException(
          "%s %s is not a directory. Name the directory that holds it.".formatted(role, folder));
    }
    return add(role, folder, folder.toRealPath(), Kind.SOURCE);
  }

  /**
   * A folder that is written, and made if missing.
   *
   * @throws IOException if something else than a directory stands there; the message is for the
   *     user
   */
  public Placement owned(String role, Path folder) throws IOException {
    if (Files.exists(folder, LinkOption.NOFOLLOW_LINKS) && !Files.isDirectory(folder)) {
      throw new IOException(
          "%s %s is there and is not a directory. Remove it, or choose another path."
              .formatted(role, folder));
    }
    return add(role, folder, realPath(folder), Kind.OWNED);
  }

  private Placement add(String role, Path given, Path real, Kind kind) {
    Place place = new Place(role, given, real, kind);
    for (Place other : places) {
      requireApart(other, place);
    }
    places.add(place);
    return this;
  }

  private static void requireApart(Place one, Place other) {
    if (one.kind() == Kind.SOURCE && other.kind() == Kind.SOURCE) {
      return;
    }
    boolean inside = other.real().startsWith(one.real());
    boolean around = one.real().startsWith(other.real());
    if (inside || around) {
      Place inner = inside ? other : one;
      Place outer = inside ? one : other;
      throw new ArgumentException(
          "%s %s is inside %s %s: one would be copied into itself. Choose a folder outside of it."
              .formatted(
                  inner.role(),
                  inner.given(),
                  outer.role().substring(0, 1).toLowerCase(java.util.Locale.ROOT)
                      + outer.role().substring(1),
                  outer.given()));
    }
  }

  private static Path realPath(Path folder) throws IOException {
    Path absolute = folder.toAbsolutePath().normalize();
    for (Path parent = absolute; parent != null; parent = parent.getParent()) {
      if (Files.exists(parent)) {
        return parent.toRealPath().resolve(parent.relativize(absolute));
      }
    }
    return absolute;
  }
}
