package dev.tidemark.schemas.change;

import java.util.List;

/**
 * What every node carries beside its kind.
 *
 * @param mode permission bits with setuid, setgid and sticky, 0 to 07777
 * @param uid 0 to 2³²−1, as are group ids
 * @param owner name of the owner on the source host, empty if it has none there
 * @param attributes extended attributes, sorted by name
 * @param linkGroup shared by the paths that are one inode; 0 for an only one
 */
public record Metadata(
    int mode,
    long uid,
    long gid,
    String owner,
    String group,
    FileTime mtime,
    List<ExtendedAttribute> attributes,
    long linkGroup) {
  public Metadata {
    if ((mode & ~07777) != 0) {
      throw new IllegalArgumentException("mode %o: expected at most 7777".formatted(mode));
    }
    attributes = List.copyOf(attributes);
  }

  /** The usual case: no names, attributes or hard links. */
  public static Metadata of(int mode, long uid, long gid, FileTime mtime) {
    return new Metadata(mode, uid, gid, "", "", mtime, List.of(), 0);
  }

  /**
   * A time as file systems keep it.
   *
   * @param seconds since 1970, negative before
   * @param nanos 0 to 999,999,999, counted forward from {@code seconds}
   */
  public record FileTime(long seconds, int nanos) implements Comparable<FileTime> {
    public FileTime {
      if (nanos < 0 || nanos > 999_999_999) {
        throw new IllegalArgumentException("%d nanoseconds of a second".formatted(nanos));
      }
    }

    @Override
    public int compareTo(FileTime other) {
      int order = Long.compare(seconds, other.seconds);
      return order == 0 ? Integer.compare(nanos, other.nanos) : order;
    }
  }

  /** Name with its namespace, and value; both are bytes. */
  public record ExtendedAttribute(Bytes name, Bytes value) {}
}
