package dev.tidemark.repository.index;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Which index blobs to merge: the smallest ones, and each next one that is not much larger than all
 * of them together. So a large one is written again only when the others outweigh a good part of
 * it, and of {@code n} packs there are a number of blobs that grows with the logarithm of {@code
 * n}.
 */
final class MergeChoice {
  /** Fewer are not worth a write. */
  static final int MANY = 16;

  private static final long RATIO = 4;
  private static final long MAX_BYTES = (long) IndexMerger.MAX_ENTRIES * IndexBlob.ENTRY_BYTES;

  private MergeChoice() {}

  /** Empty while there are few. Reads nothing. */
  static List<IndexPart> choose(List<IndexPart> parts) {
    List<IndexPart> chosen = new ArrayList<>();
    long bytes = 0;
    for (IndexPart part :
        parts.stream().sorted(Comparator.comparingLong(IndexPart::bytes)).toList()) {
      boolean joins = chosen.size() < 2 || part.bytes() <= RATIO * bytes;
      if (!joins || bytes + part.bytes() > MAX_BYTES) {
        break;
      }
      chosen.add(part);
      bytes += part.bytes();
    }
    return chosen.size() < MANY ? List.of() : List.copyOf(chosen);
  }
}
