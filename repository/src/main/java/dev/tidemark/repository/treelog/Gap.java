package dev.tidemark.repository.treelog;

import dev.tidemark.repository.blob.BlobName;
import dev.tidemark.schemas.change.TreeName;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A run of sequences that retention has taken out of a tree's log, both ends included: an empty
 * blob {@code trees/<tree>/log/<first>-<last>.gone}. From the moment it is there no reader uses a
 * change in it, though segments that hold one may lie there for a while, or for good where they
 * hold others too.
 *
 * @param sinceMillis when it was put, by the store's clock
 */
public record Gap(TreeName tree, long first, long last, long sinceMillis)
    implements Comparable<Gap> {
  private static final Pattern FILE = Pattern.compile("(\\d{20})-(\\d{20})\\.gone");

  public Gap {
    if (first < 1 || last < first) {
      throw new IllegalArgumentException(
          "gap %d to %d: expected 1 <= first <= last".formatted(first, last));
    }
  }

  public BlobName blobName() {
    return blobName(tree, first, last);
  }

  static BlobName blobName(TreeName tree, long first, long last) {
    return new BlobName("%s%020d-%020d.gone".formatted(SegmentName.folder(tree), first, last));
  }

  /** The gap of {@code tree} that a blob is, empty if its name is no gap's. */
  static Optional<Gap> find(TreeName tree, BlobName name, long sinceMillis) {
    Matcher file = FILE.matcher(name.lastPart());
    if (!name.value().startsWith(SegmentName.folder(tree)) || !file.matches()) {
      return Optional.empty();
    }
    try {
      return Optional.of(
          new Gap(tree, Long.parseLong(file.group(1)), Long.parseLong(file.group(2)), sinceMillis));
    } catch (IllegalArgumentException foreign) {
      return Optional.empty();
    }
  }

  public boolean contains(long sequence) {
    return first <= sequence && sequence <= last;
  }

  @Override
  public int compareTo(Gap other) {
    int order = Long.compare(first, other.first);
    return order == 0 ? Long.compare(last, other.last) : order;
  }
}
