package dev.tidemark.repository.treelog;

/**
 * A segment as it lies in the repository.
 *
 * @param bytes length of the blob
 */
public record LogSegment(SegmentName name, long bytes) implements Comparable<LogSegment> {
  public long first() {
    return name.first();
  }

  public long last() {
    return name.last();
  }

  @Override
  public int compareTo(LogSegment other) {
    return name.compareTo(other.name);
  }
}
