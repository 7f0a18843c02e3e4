package dev.tidemark.cli.reading;

import dev.tidemark.schemas.change.TreeName;
import dev.tidemark.schemas.cursor.Cursor;
import dev.tidemark.schemas.cursor.Fault;
import dev.tidemark.schemas.cursor.StandbyStatus;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;

/**
 * How one tree stands.
 *
 * @param accepted up to the last change in the log; without a log the last sealed one
 * @param sealed up to the last change in the repository
 * @param fault why it does not go on, of acceptance or else of sealing
 * @param lastHeardMillis log time of the writer's last record, as the chunk-store last told; 0
 *     without a log
 * @param standbys as they last reported, by name; none without a log
 */
public record TreeState(
    TreeName tree,
    Cursor accepted,
    Cursor sealed,
    Fault fault,
    long lastHeardMillis,
    List<StandbyStatus> standbys) {
  /** A watcher that has nothing to say says so every 10 s: after this it counts as dead. */
  public static final Duration SILENCE = Duration.ofMinutes(1);

  public TreeState {
    standbys = List.copyOf(standbys);
  }

  /** Changes that only the log holds. */
  public long unsealed() {
    return accepted.sequence() - sealed.sequence();
  }

  /** Whether a scan of the whole tree has been recorded. */
  public boolean isScanCompleted() {
    return accepted.scanCompleted() > 0;
  }

  /** How long nothing was heard of the watcher; empty without a log. */
  public OptionalLong silenceMillis(long nowMillis) {
    return lastHeardMillis == 0 || !accepted.hasEpoch()
        ? OptionalLong.empty()
        : OptionalLong.of(Math.max(0, nowMillis - lastHeardMillis));
  }

  /** Changes that a standby has not applied; empty if it stands in another log. */
  public OptionalLong behind(StandbyStatus standby) {
    boolean sameLog =
        Cursor.endOfIncarnation(standby.appliedSequence())
            == Cursor.endOfIncarnation(accepted.sequence());
    return sameLog
        ? OptionalLong.of(Math.max(0, accepted.sequence() - standby.appliedSequence()))
        : OptionalLong.empty();
  }
}
