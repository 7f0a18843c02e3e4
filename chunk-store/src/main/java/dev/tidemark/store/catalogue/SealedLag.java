package dev.tidemark.store.catalogue;

import dev.tidemark.schemas.change.TreeName;
import dev.tidemark.store.counts.Counters;
import java.time.Duration;
import java.util.HashSet;
import java.util.OptionalLong;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Watches how old the oldest change of each tree is that is not sealed. Its bytes are in the log
 * alone: past half of the time for which the log keeps them somebody must act. That is logged once
 * each time the half is passed, and shown as long as it lasts. Owned by a task's stream thread.
 */
final class SealedLag {
  private static final Logger log = LoggerFactory.getLogger(SealedLag.class);

  private final Duration retention;
  private final TreeStates states;
  private final Counters counters;
  private final Set<TreeName> alarming = new HashSet<>();

  /**
   * @param retention of the chunks topic
   */
  SealedLag(Duration retention, TreeStates states, Counters counters) {
    this.retention = retention;
    this.states = states;
    this.counters = counters;
  }

  /**
   * Takes a look at one tree.
   *
   * @param unsealedSince log time of its oldest change that is not sealed; empty if all are
   */
  void look(TreeName tree, OptionalLong unsealedSince, long nowMillis) {
    long age = unsealedSince.isEmpty() ? 0 : Math.max(0, nowMillis - unsealedSince.getAsLong());
    boolean late = age > retention.toMillis() / 2;
    states.setLag(
        tree,
        new TreeStates.Lag(
            age, unsealedSince.orElse(0), late ? TreeStates.Age.LATE : TreeStates.Age.FINE));
    if (late && alarming.add(tree)) {
      counters.sealedLagAlarms.increment();
      log.atError()
          .addKeyValue("tree", tree)
          .addKeyValue("unsealedMillis", age)
          .addKeyValue("retentionMillis", retention.toMillis())
          .log(
              "sealed lag is past half of the retention of chunks: what is not sealed by its end is"
                  + " lost");
    } else if (!late && alarming.remove(tree)) {
      log.atInfo()
          .addKeyValue("tree", tree)
          .addKeyValue("unsealedMillis", age)
          .log("sealed lag is below half of the retention of chunks again");
    }
  }
}
