package dev.tidemark.watcher;

/**
 * Where a watcher stands, as of one moment. Counts are since the process started.
 *
 * @param epoch offset of the record that began this term; −1 before it
 * @param lastNumber last change of this epoch that was handed to the log
 * @param publishedChanges handed to the log
 * @param acknowledgedChanges of them, those that are kept
 * @param publishedMoves of them, renames published as such
 * @param bytesRead of files, whether they were published or not
 * @param framesSent chunks whose bodies were sent
 * @param bytesSent of these frames
 * @param dirtyEntries to be looked at
 * @param directories known
 * @param watchedDirectories of them, those whose events arrive
 * @param scanning whether a comparison of the whole tree is under way
 * @param scanCompleted whether the scan of the start, with all that it found, is acknowledged
 * @param overflows how often events were lost, each answered by a comparison of the whole tree
 * @param recheckedEntries compared by stat after overflows
 * @param recheckedDifferences of them, those that had to be looked at
 * @param reconciledEntries compared in the background
 * @param misses of them, those published although no event had told of them
 * @param unreadable looks that failed for other reasons than absence
 * @param skippedSockets and other entries that cannot be kept
 * @param tornReads files published while they were being written
 * @param lastError the last reason why an entry could not be read, empty if there is none
 * @param capture how changes are found
 */
public record WatcherStatus(
    long epoch,
    long lastNumber,
    long publishedChanges,
    long acknowledgedChanges,
    long publishedMoves,
    long bytesRead,
    long framesSent,
    long bytesSent,
    int dirtyEntries,
    int directories,
    int watchedDirectories,
    boolean scanning,
    boolean scanCompleted,
    long overflows,
    long recheckedEntries,
    long recheckedDifferences,
    long reconciledEntries,
    long misses,
    long unreadable,
    long skippedSockets,
    long tornReads,
    String lastError,
    CaptureStatus capture) {}
