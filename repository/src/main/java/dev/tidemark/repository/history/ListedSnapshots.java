package dev.tidemark.repository.history;

import dev.tidemark.repository.snapshot.CorruptSnapshotException;
import dev.tidemark.repository.snapshot.SnapshotInfo;
import dev.tidemark.repository.snapshot.SnapshotStore;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A tree's snapshots as they were listed. A damaged one is passed over where any earlier one will
 * do: the log behind that tells the same. For one thread.
 */
final class ListedSnapshots {
  private static final Logger log = LoggerFactory.getLogger(ListedSnapshots.class);

  private final SnapshotStore snapshots;
  private final NavigableMap<Long, CorruptSnapshotException> damaged = new TreeMap<>();
  private List<Long> sequences = List.of();
  private Optional<SnapshotInfo> lastRead = Optional.empty();

  ListedSnapshots(SnapshotStore snapshots) {
    this.snapshots = snapshots;
  }

  /** The same, to be listed anew, with one more that is known to be damaged. */
  ListedSnapshots without(long sequence, CorruptSnapshotException damage) {
    ListedSnapshots others = new ListedSnapshots(snapshots);
    others.damaged.putAll(damaged);
    others.passOver(sequence, damage);
    return others;
  }

  void list() throws IOException {
    sequences = snapshots.sequences();
  }

  SnapshotStore store() {
    return snapshots;
  }

  /** Of all that are there, damaged ones included, ascending. */
  List<Long> sequences() {
    return sequences;
  }

  /**
   * One snapshot.
   *
   * @throws CorruptSnapshotException if it is damaged
   */
  SnapshotInfo read(long sequence) throws IOException {
    if (lastRead.filter(info -> info.sequence() == sequence).isEmpty()) {
      lastRead = Optional.of(snapshots.read(sequence));
    }
    return lastRead.get();
  }

  /** The newest one that can be read. */
  Optional<SnapshotInfo> newest(long atOrBefore) throws IOException {
    for (long sequence : sequences.reversed()) {
      if (sequence <= atOrBefore && !damaged.containsKey(sequence)) {
        try {
          return Optional.of(read(sequence));
        } catch (CorruptSnapshotException e) {
          passOver(sequence, e);
        }
      }
    }
    return Optional.empty();
  }

  private void passOver(long sequence, CorruptSnapshotException damage) {
    damaged.put(sequence, damage);
    log.atWarn()
        .addKeyValue("blob", damage.blob())
        .log("snapshot is damaged, the one before it and the log are read; run tidemark repair");
  }

  /** What failed only because a damaged snapshot was passed over is the fault of that one. */
  IOException damageOr(IOException failure, Optional<SnapshotInfo> start, long sequence) {
    long from = start.map(SnapshotInfo::sequence).orElse(0L);
    Map.Entry<Long, CorruptSnapshotException> last = damaged.floorEntry(sequence);
    if (last == null || last.getKey() <= from) {
      return failure;
    }
    last.getValue().addSuppressed(failure);
    return last.getValue();
  }
}
