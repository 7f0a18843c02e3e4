package dev.tidemark.repository.verify;

import dev.tidemark.schemas.chunk.ChunkId;
import java.util.List;
import java.util.Set;

/**
 * What a repair has done.
 *
 * @param before what was found damaged
 * @param after what still is
 * @param indexBlobs made anew, or again without packs that are gone
 * @param packs damaged ones that were taken out, after what was whole in them had been stored again
 * @param salvaged chunks stored again out of damaged packs
 * @param found chunks got back from outside, per source in the order of the sources
 * @param lost chunks that are named and that nobody had
 * @param segments log segments made again from the log outside
 * @param takenOut damaged log segments taken out: what they held is in others
 * @param notLogged why lost changes could not be had again, for each stretch of them
 * @param snapshots damaged ones that were taken out: the log before them gives the same trees
 * @param worthless damaged announcements of clean-up and marks of merged segments, taken out
 * @param schemas put again
 */
public record RepairReport(
    VerifyReport before,
    VerifyReport after,
    int indexBlobs,
    int packs,
    long salvaged,
    List<Found> found,
    Set<ChunkId> lost,
    int segments,
    int takenOut,
    List<String> notLogged,
    int snapshots,
    int worthless,
    int schemas) {
  public RepairReport {
    found = List.copyOf(found);
    notLogged = List.copyOf(notLogged);
    lost = Set.copyOf(lost);
  }

  /**
   * What one source has given.
   *
   * @param trouble why it could not be read to its end; empty if it could
   */
  public record Found(String source, long chunks, String trouble) {}
}
