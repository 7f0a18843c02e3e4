package dev.tidemark.store.catalogue;

import dev.tidemark.schemas.change.Change;
import dev.tidemark.schemas.change.TreeName;
import dev.tidemark.schemas.cursor.Cursor;
import dev.tidemark.schemas.cursor.Fault;
import dev.tidemark.schemas.cursor.Head;
import dev.tidemark.schemas.cursor.Verdict;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where the catalogue of a tree begins or goes on: from its state, if that is of the log as it is
 * now; else from the repository. Offsets of another topic, or of a tail that the log has lost, mean
 * nothing: a new incarnation of the tree's sequence begins then. Blocks on the repository and the
 * log.
 */
final class HeadOrigin {
  private static final Logger log = LoggerFactory.getLogger(HeadOrigin.class);

  private final CatalogueContext shared;

  HeadOrigin(CatalogueContext shared) {
    this.shared = shared;
  }

  /** The head of a tree of which this partition's state knows nothing. */
  Head begin(TreeName tree, int partition, long offset) throws IOException {
    Optional<Cursor> sealed = shared.repository().log(tree).resumePoint();
    if (sealed.isEmpty()) {
      long after = shared.repository().descriptor().sequencesAfter();
      return head(tree, Cursor.start(shared.changesTopic(), partition, offset, after));
    }
    Cursor cursor = sealed.get();
    boolean sameLog =
        cursor.changesTopic().equals(shared.changesTopic())
            && cursor.partition() == partition
            && cursor.nextOffset() <= shared.changes().endOffset(partition);
    if (!sameLog) {
      announceIncarnation(tree, cursor, partition);
      return head(tree, cursor.newIncarnation(shared.changesTopic(), partition, offset));
    }
    long first = shared.changes().firstOffset(partition);
    return head(tree, cursor.nextOffset() < first ? cursor.afterLostRange(first) : cursor);
  }

  /** Whether the last change that the head has counted stands in the log where it was. */
  boolean isOnLog(Head head) throws IOException {
    Cursor accepted = head.accepted();
    if (accepted.lastOffset() < 0 || !accepted.changesTopic().equals(shared.changesTopic())) {
      return false;
    }
    boolean[] found = {false};
    shared
        .changes()
        .read(
            accepted.partition(),
            head.tree(),
            accepted.lastOffset(),
            accepted.lastOffset() + 1,
            (offset, _, change) -> {
              found[0] =
                  change.body() instanceof Change.Tag
                      || offset == accepted.epoch().offset()
                          && change.writer().equals(accepted.epoch().writer())
                      || change.epoch() == accepted.epoch().offset()
                          && change.number() == accepted.number()
                          && change.writer().equals(accepted.epoch().writer());
              return false;
            });
    return found[0];
  }

  /**
   * The head of a tree whose log has lost its tail and goes on with other records at {@code
   * offset}.
   */
  Head restart(Head head, int partition, long offset) throws IOException {
    Cursor durable = newestDurable(head);
    announceIncarnation(head.tree(), durable, partition);
    return restarted(head, durable.newIncarnation(shared.changesTopic(), partition, offset));
  }

  /** The heads of a partition's state, fit for the log as it is now. */
  List<Head> resume(int partition, List<Head> heads) throws IOException {
    List<Head> fit = new ArrayList<>();
    if (heads.isEmpty()) {
      return fit;
    }
    long first = shared.changes().firstOffset(partition);
    long end = shared.changes().endOffset(partition);
    // Up to here this partition was read: every record read has moved its tree's cursor.
    long read =
        heads.stream()
            .map(Head::accepted)
            .filter(cursor -> cursor.changesTopic().equals(shared.changesTopic()))
            .mapToLong(Cursor::nextOffset)
            .max()
            .orElse(first);
    for (Head head : heads) {
      fit.add(resume(head, partition, first, end, read));
    }
    return fit;
  }

  private Head resume(Head head, int partition, long first, long end, long read)
      throws IOException {
    Cursor accepted = head.accepted();
    if (!accepted.changesTopic().equals(shared.changesTopic())) {
      return restart(head, partition, first);
    }
    if (accepted.nextOffset() > end) {
      return restart(head, partition, end);
    }
    boolean unsealed = accepted.sequence() != head.sealed().sequence();
    if (unsealed && head.sealed().nextOffset() < first && !isWhole(head, first)) {
      log.atError()
          .addKeyValue("tree", head.tree())
          .addKeyValue("sealedSequence", head.sealed().sequence())
          .addKeyValue("acceptedSequence", accepted.sequence())
          .log("changes fell out of the log before they were sealed: a full scan is needed");
      Cursor base =
          newestDurable(head)
              .afterLostRange(first)
              .newIncarnation(shared.changesTopic(), partition, first);
      return catchUp(restarted(head, base), accepted.nextOffset());
    }
    if (read < first) {
      log.atError()
          .addKeyValue("tree", head.tree())
          .addKeyValue("firstLostOffset", read)
          .addKeyValue("lastLostOffset", first - 1)
          .log("changes are gone from the log before they were read: a full scan is needed");
      Cursor after = accepted.afterLostRange(first);
      return new Head(
          head.tree(),
          after,
          after,
          head.lastHeartbeatMillis(),
          Fault.NONE,
          head.rejected(),
          head.repeated(),
          head.gapped());
    }
    return head;
  }

  /** The repository may be ahead of the state by what a crash kept from being committed. */
  private Cursor newestDurable(Head head) throws IOException {
    return shared
        .repository()
        .log(head.tree())
        .resumePoint()
        .filter(durable -> durable.sequence() > head.sealed().sequence())
        .orElse(head.sealed());
  }

  /**
   * Whether the unsealed changes are all in the log still, though it begins later than the sealed
   * cursor.
   */
  private boolean isWhole(Head head, long first) throws IOException {
    if (head.accepted().nextOffset() <= first) {
      return false;
    }
    return replay(head.tree(), head.sealed(), first, head.accepted().nextOffset()).sequence()
        == head.accepted().sequence();
  }

  private Head catchUp(Head head, long to) throws IOException {
    Cursor base = head.sealed();
    Cursor accepted =
        to <= base.nextOffset() ? base : replay(head.tree(), base, base.nextOffset(), to);
    return new Head(
        head.tree(),
        accepted,
        base,
        head.lastHeartbeatMillis(),
        Fault.NONE,
        head.rejected(),
        head.repeated(),
        head.gapped());
  }

  private Cursor replay(TreeName tree, Cursor start, long from, long to) throws IOException {
    Cursor[] at = {start};
    shared
        .changes()
        .read(
            start.partition(),
            tree,
            from,
            to,
            (offset, appendTime, change) -> {
              Verdict verdict = at[0].accept(change, offset, appendTime);
              at[0] = verdict.next();
              return true;
            });
    return at[0];
  }

  private static Head restarted(Head head, Cursor cursor) {
    return new Head(
        head.tree(),
        cursor,
        cursor,
        0,
        Fault.NONE,
        head.rejected(),
        head.repeated(),
        head.gapped());
  }

  private static Head head(TreeName tree, Cursor cursor) {
    return new Head(tree, cursor, cursor, 0, Fault.NONE, 0, 0, 0);
  }

  private void announceIncarnation(TreeName tree, Cursor sealed, int partition) {
    log.atWarn()
        .addKeyValue("tree", tree)
        .addKeyValue("partition", partition)
        .addKeyValue("sealedSequence", sealed.sequence())
        .addKeyValue("sealedTopicId", sealed.changesTopic())
        .addKeyValue("topicId", shared.changesTopic())
        .log("the tree goes on in another log, its sequence in a new incarnation");
  }
}
