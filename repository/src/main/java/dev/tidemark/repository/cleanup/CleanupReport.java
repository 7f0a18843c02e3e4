package dev.tidemark.repository.cleanup;

/**
 * What one run of clean-up found and did.
 *
 * @param packs and the sum of their lengths, as listed
 * @param deadBytes frame bytes of chunks that nothing reaches, and of second copies
 * @param packsAnnounced chosen in this run, to be deleted a grace later
 * @param announcedBytes sum of their lengths
 * @param bytesToCopy frame bytes in them that are in use now
 * @param packsWaiting announced by earlier runs, their grace not over
 * @param packsDeleted announced a grace ago, and gone now
 * @param bytesDeleted sum of their lengths
 * @param bytesCopied frame bytes that were still needed of those
 * @param released chunks that their owners forgot
 * @param refused chunks that owners kept
 * @param packsLeft announced a grace ago and not deleted, as an owner gave no answer or a pack is
 *     damaged; tried again by the next run
 * @param manifestsAnnounced of trees' snapshots that are gone
 * @param overestimate share of the chunks not in use, at most, that count as in use for want of
 *     memory
 */
public record CleanupReport(
    long packs,
    long packBytes,
    long deadBytes,
    long packsAnnounced,
    long announcedBytes,
    long bytesToCopy,
    long packsWaiting,
    long packsDeleted,
    long bytesDeleted,
    long chunksCopied,
    long bytesCopied,
    long released,
    long refused,
    long packsLeft,
    long manifestsAnnounced,
    long manifestsDeleted,
    double overestimate) {}
