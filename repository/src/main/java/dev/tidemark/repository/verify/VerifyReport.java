package dev.tidemark.repository.verify;

import java.util.ArrayList;
import java.util.List;

/**
 * What a check has seen.
 *
 * @param readPacks of them, those of which every byte was read
 * @param packBytes sum of the packs' lengths
 * @param packedChunks entries of all readable packs
 * @param unindexedPacks packs that no index blob names: the waste of a crash, or of a store that is
 *     just running
 * @param changes sealed changes read
 * @param manifests read, each once
 * @param damages at most {@value #MAX_DAMAGES}
 * @param damageCount how many there are in all
 */
public record VerifyReport(
    VerifyMode mode,
    long packs,
    long readPacks,
    long packBytes,
    long packedChunks,
    long unindexedPacks,
    long indexBlobs,
    long trees,
    long segments,
    long changes,
    long snapshots,
    long manifests,
    List<Damage> damages,
    long damageCount) {
  /** Most damages that a report tells one by one. */
  public static final int MAX_DAMAGES = 1_000;

  public VerifyReport {
    damages = List.copyOf(damages);
  }

  /** With damage that was seen from outside. */
  public VerifyReport with(List<Damage> more) {
    List<Damage> all = new ArrayList<>(damages);
    all.addAll(more);
    return new VerifyReport(
        mode,
        packs,
        readPacks,
        packBytes,
        packedChunks,
        unindexedPacks,
        indexBlobs,
        trees,
        segments,
        changes,
        snapshots,
        manifests,
        all,
        damageCount + more.size());
  }

  public boolean isSound() {
    return damageCount == 0;
  }
}
