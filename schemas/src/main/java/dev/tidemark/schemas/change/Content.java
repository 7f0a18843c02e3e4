package dev.tidemark.schemas.change;

import java.util.List;

/**
 * A file's bytes.
 *
 * @param size length of the file in bytes, equal to the sum of what the extents cover
 * @param torn the file changed while it was read; a newer version follows
 */
public record Content(long size, List<Extent> extents, boolean torn) {
  /** Most extents that one list may hold; longer lists are nested. */
  public static final int MAX_EXTENTS = 4096;

  public static final Content EMPTY = new Content(0, List.of(), false);

  public Content {
    extents = List.copyOf(extents);
    long covered = 0;
    for (Extent extent : extents) {
      covered = Math.addExact(covered, extent.bytes());
    }
    if (covered != size || extents.size() > MAX_EXTENTS) {
      throw new IllegalArgumentException(
          "content of %d bytes: its %d extents cover %d".formatted(size, extents.size(), covered));
    }
  }
}
