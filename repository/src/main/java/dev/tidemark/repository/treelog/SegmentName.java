package dev.tidemark.repository.treelog;

import dev.tidemark.repository.blob.BlobName;
import dev.tidemark.repository.blob.ContentHash;
import dev.tidemark.schemas.change.TreeName;
import java.util.Comparator;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a segment's name says: {@code trees/<tree>/log/<first>-<last>-<sha256>.avro}, both sequences
 * with 20 digits. Ordered by first, then last sequence.
 */
public record SegmentName(TreeName tree, long first, long last, ContentHash hash)
    implements Comparable<SegmentName> {
  private static final Pattern FILE = Pattern.compile("(\\d{20})-(\\d{20})-([0-9a-f]{64})\\.avro");
  private static final Comparator<SegmentName> ORDER =
      Comparator.comparingLong(SegmentName::first)
          .thenComparingLong(SegmentName::last)
          .thenComparing(SegmentName::hash);

  public SegmentName {
    if (first < 1 || last < first) {
      throw new IllegalArgumentException(
          "segment %d to %d: expected 1 <= first <= last".formatted(first, last));
    }
  }

  /** Under which all segments of a tree lie. */
  static String folder(TreeName tree) {
    return "trees/" + tree + "/log/";
  }

  public BlobName blobName() {
    return new BlobName("%s%020d-%020d-%s.avro".formatted(folder(tree), first, last, hash));
  }

  /** The segment of {@code tree} that a blob is, empty if its name is no segment's. */
  static Optional<SegmentName> find(TreeName tree, BlobName name) {
    Matcher file = FILE.matcher(name.lastPart());
    if (!name.value().startsWith(folder(tree)) || !file.matches()) {
      return Optional.empty();
    }
    try {
      return Optional.of(
          new SegmentName(
              tree,
              Long.parseLong(file.group(1)),
              Long.parseLong(file.group(2)),
              new ContentHash(file.group(3))));
    } catch (IllegalArgumentException foreign) {
      return Optional.empty();
    }
  }

  @Override
  public int compareTo(SegmentName other) {
    return ORDER.compare(this, other);
  }
}
