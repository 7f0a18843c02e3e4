package dev.tidemark.repository.cleanup;

import dev.tidemark.repository.index.ChunkFilter;

/** The numbers of one run while it goes on. */
final class Counts {
  long packs;
  long packBytes;
  long deadBytes;
  long packsAnnounced;
  long announcedBytes;
  long bytesToCopy;
  long packsWaiting;
  long packsDeleted;
  long bytesDeleted;
  long chunksCopied;
  long bytesCopied;
  long released;
  long refused;
  long packsLeft;
  long manifestsAnnounced;
  long manifestsDeleted;

  CleanupReport report(ChunkFilter live) {
    return new CleanupReport(
        packs,
        packBytes,
        deadBytes,
        packsAnnounced,
        announcedBytes,
        bytesToCopy,
        packsWaiting,
        packsDeleted,
        bytesDeleted,
        chunksCopied,
        bytesCopied,
        released,
        refused,
        packsLeft,
        manifestsAnnounced,
        manifestsDeleted,
        live.overestimate());
  }
}
