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

  private MergeChoice() {}

  /** Empty while there are few. */
  static List<IndexBlob> choose(List<IndexBlob> blobs) {
    List<IndexBlob> chosen = new ArrayList<>();
    long entries = 0;
    for (IndexBlob blob :
        blobs.stream().sorted(Comparator.comparingInt(IndexBlob::size)).toList()) {
      boolean joins = chosen.size() < 2 || blob.size() <= RATIO * entries;
      if (!joins || entries + blob.size() > IndexMerger.MAX_ENTRIES) {
        break;
      }
      chosen.add(blob);
      entries += blob.size();
    }
    return chosen.size() < MANY ? List.of() : List.copyOf(chosen);
  }
}
