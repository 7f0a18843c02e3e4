package dev.tidemark.schemas.cursor;

import dev.tidemark.schemas.change.Change;
import dev.tidemark.schemas.change.Epoch;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * Where a reader stands in one tree's log: all that decides about the next record.
 *
 * @param changesTopic Kafka's id of the changes topic; offsets of different ids are never compared
 * @param nextOffset of the next record to read
 * @param epoch the newest accepted; {@link #NO_EPOCH} before the first
 * @param host of its writer
 * @param number last accepted number of the epoch
 * @param ended the epochs before it, oldest first, at most {@value #MAX_ENDED}
 * @param sequence last counted sequence of the tree
 * @param lastOffset offset of the last counted change, −1 if there is none
 * @param logTimeMillis effective log time: the greatest append time over the counted changes
 * @param terms last accepted term of each writer, oldest first, at most {@value #MAX_REMEMBERED}
 * @param tags identities of the last tags, oldest first, at most {@value #MAX_REMEMBERED}
 * @param openScan the scan between whose marks the reader stands
 * @param scanCompleted sequence of the last SCAN_COMPLETED, 0 if there is none
 */
public record Cursor(
    UUID changesTopic,
    int partition,
    long nextOffset,
    Epoch epoch,
    String host,
    long number,
    List<EpochEnd> ended,
    long sequence,
    long lastOffset,
    long logTimeMillis,
    Map<UUID, Long> terms,
    List<UUID> tags,
    OpenScan openScan,
    long scanCompleted,
    Fault fault) {
  public static final Epoch NO_EPOCH = new Epoch(Change.NO_EPOCH, new UUID(0, 0));

  /** Sequences of one incarnation of the log: change 42 of the third is 3 000 000 000 042. */
  public static final long INCARNATION = 1_000_000_000_000L;

  static final int MAX_REMEMBERED = 64;
  static final int MAX_ENDED = 16;

  /** A scan between whose marks a reader stands. */
  public enum OpenScan {
    NONE,
    DIFFERENCE,
    FULL
  }

  /**
   * An epoch that another one followed.
   *
   * @param number the last of it that was accepted
   */
  public record EpochEnd(Epoch epoch, long number) {}

  public Cursor {
    ended = List.copyOf(ended);
    terms = Collections.unmodifiableMap(new LinkedHashMap<>(terms));
    tags = List.copyOf(tags);
  }

  /** Before the first record of a tree that nobody has written yet. */
  public static Cursor start(UUID changesTopic, int partition, long firstOffset) {
    return start(changesTopic, partition, firstOffset, 0);
  }

  /**
   * The same where sequences do not begin at 1.
   *
   * @param sequencesAfter as the repository's descriptor has it
   */
  public static Cursor start(
      UUID changesTopic, int partition, long firstOffset, long sequencesAfter) {
    return new Cursor(
        changesTopic,
        partition,
        firstOffset,
        NO_EPOCH,
        "",
        0,
        List.of(),
        sequencesAfter,
        -1,
        0,
        Map.of(),
        List.of(),
        OpenScan.NONE,
        0,
        Fault.NONE);
  }

  public boolean hasEpoch() {
    return !epoch.equals(NO_EPOCH);
  }

  /**
   * Goes on in another log, or in this one after it was truncated: no offset of the old one counts
   * any more, and the next change is the first of the next {@link #INCARNATION} of sequences. What
   * was wrong stays wrong.
   */
  public Cursor newIncarnation(UUID newTopic, int newPartition, long firstOffset) {
    return newIncarnation(newTopic, newPartition, firstOffset, 0);
  }

  /**
   * The same in the log of a repository that took the place of a lost one.
   *
   * @param sequencesAfter as the repository's descriptor has it
   */
  public Cursor newIncarnation(
      UUID newTopic, int newPartition, long firstOffset, long sequencesAfter) {
    Draft next = new Draft(this).withoutEpoch();
    next.changesTopic = newTopic;
    next.partition = newPartition;
    next.nextOffset = firstOffset;
    next.ended = List.of();
    next.sequence = Math.max(sequencesAfter, endOfIncarnation(sequence));
    next.lastOffset = -1;
    return next.build();
  }

  /** The sequence after which the next incarnation begins. */
  public static long endOfIncarnation(long sequence) {
    return (sequence / INCARNATION + 1) * INCARNATION;
  }

  /** The same place, past records that are gone: the tree is faulty until a full scan completes. */
  public Cursor afterLostRange(long newNextOffset) {
    Draft next = new Draft(this);
    if (fault.kind() == Fault.Kind.GAP) {
      // Behind a gap nothing counts until a new epoch begins, whatever else is lost.
      next.withoutEpoch();
    }
    next.nextOffset = newNextOffset;
    next.fault =
        new Fault(
            Fault.Kind.LOST_RANGE,
            sequence,
            nextOffset,
            "offsets %d to %d of the changes topic are gone"
                .formatted(nextOffset, newNextOffset - 1));
    return next.build();
  }

  /**
   * Judges the next record of this tree.
   *
   * @param offset of the record, at or past {@link #nextOffset()}
   * @param appendTimeMillis the broker's time of the record
   */
  public Verdict accept(Change change, long offset, long appendTimeMillis) {
    if (offset < nextOffset) {
      throw new IllegalArgumentException(
          "offset %d of tree %s: this reader stands at %d"
              .formatted(offset, change.tree(), nextOffset));
    }
    return new Acceptance(this, change, offset, appendTimeMillis).judge();
  }
}
