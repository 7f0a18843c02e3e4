package dev.tidemark.mirror;

import dev.tidemark.log.LogRecord;
import dev.tidemark.schemas.change.Change;
import dev.tidemark.schemas.change.Node;
import dev.tidemark.schemas.change.TreeName;
import dev.tidemark.schemas.cursor.Cursor;
import dev.tidemark.schemas.cursor.Verdict;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is applied together: changes up to a number and a size of their files, and where the reader
 * stands after them, with the records that do not count.
 *
 * @param rejectedAfter of each record that was rejected, how many of the changes came before it
 * @param gap what is missing before some of its records, though a new term may go on after it
 */
record ChangeBatch(
    List<Accepted> changes,
    Cursor readTo,
    List<Integer> rejectedAfter,
    long lastAppendedMillis,
    Gap gap) {
  private static final Logger log = LoggerFactory.getLogger(ChangeBatch.class);

  /**
   * Changes that are missing.
   *
   * @param detail empty if none are
   * @param after how many of the batch's changes came before
   */
  record Gap(String detail, int after) {
    static final Gap NONE = new Gap("", 0);
  }

  static final int MAX_CHANGES = 1_000;
  static final long MAX_BYTES = 32L << 20;

  /**
   * Judges records one after the other and cuts them into batches; others' trees are passed over.
   */
  static List<ChangeBatch> judge(List<LogRecord> records, TreeName tree, Cursor start) {
    List<ChangeBatch> batches = new ArrayList<>();
    List<Accepted> accepted = new ArrayList<>();
    Cursor cursor = start;
    long bytes = 0;
    List<Integer> rejected = new ArrayList<>();
    long appended = 0;
    Gap gap = Gap.NONE;
    for (LogRecord record : records) {
      if (!record.change().tree().equals(tree) || record.offset() < cursor.nextOffset()) {
        continue;
      }
      Verdict verdict = cursor.accept(record.change(), record.offset(), record.logTimeMillis());
      cursor = verdict.next();
      switch (verdict) {
        case Verdict.Accepted(Cursor next) -> {
          accepted.add(new Accepted(record.change(), next, record.logTimeMillis()));
          bytes += bytesOf(record.change());
          appended = record.logTimeMillis();
        }
        case Verdict.Alive _, Verdict.Asked _, Verdict.Repeated _ -> {
          // Nothing to apply.
        }
        case Verdict.Rejected(Cursor _, String reason) -> {
          rejected.add(accepted.size());
          log.atDebug()
              .addKeyValue("offset", record.offset())
              .addKeyValue("reason", reason)
              .log("change rejected");
        }
        case Verdict.Gapped(Cursor next) -> {
          gap = new Gap(next.fault().detail(), accepted.size());
          log.atError()
              .addKeyValue("tree", tree)
              .addKeyValue("offset", record.offset())
              .addKeyValue("detail", next.fault().detail())
              .log("gap in the log: the standby waits for the writer's next epoch");
        }
      }
      if (accepted.size() >= MAX_CHANGES || bytes >= MAX_BYTES) {
        batches.add(batch(accepted, cursor, rejected, appended, gap));
        accepted.clear();
        gap = Gap.NONE;
        bytes = 0;
        rejected.clear();
      }
    }
    if (!cursor.equals(start)
        && (batches.isEmpty() || !batches.getLast().readTo().equals(cursor))) {
      batches.add(batch(accepted, cursor, rejected, appended, gap));
    }
    return batches;
  }

  private static ChangeBatch batch(
      List<Accepted> changes, Cursor readTo, List<Integer> rejectedAfter, long appended, Gap gap) {
    return new ChangeBatch(List.copyOf(changes), readTo, List.copyOf(rejectedAfter), appended, gap);
  }

  /** Records that do not count. */
  long rejected() {
    return rejectedAfter.size();
  }

  /**
   * The first changes of this batch alone, with what lies between them: what lies behind them is
   * read, and told of, again.
   *
   * @param before where the reader stands before the batch
   */
  ChangeBatch first(int count, Cursor before) {
    if (count == 0) {
      return new ChangeBatch(List.of(), before, List.of(), 0, Gap.NONE);
    }
    Accepted last = changes.get(count - 1);
    return new ChangeBatch(
        changes.subList(0, count),
        last.after(),
        rejectedAfter.stream().filter(after -> after < count).toList(),
        last.appendedMillis(),
        gap.after() < count ? gap : Gap.NONE);
  }

  private static long bytesOf(Change change) {
    return change.body() instanceof Change.Put put && put.node() instanceof Node.File file
        ? file.content().size()
        : 0;
  }
}
