package dev.tidemark.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.schemas.change.TreeName;
import dev.tidemark.store.catalogue.TreeStates.Age;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The chunks topic of these tests keeps its records for seven days. */
final class SealedLagTest {
  private static final TreeName WEB = new TreeName("web");

  @TempDir Path folder;

  @Test
  void aChangeThatIsNotSealedForHalfOfTheRetentionIsAnAlarmUntilItIs() throws Exception {
    try (TestTopology topology = new TestTopology(folder)) {
      Changes web = topology.begun("web");
      topology.change(web.put("a", topology.frame(Changes.plain(1, 5_000))));

      topology.pass(Duration.ofHours(83));
      assertThat(topology.states.lag(WEB).age()).isEqualTo(Age.FINE);
      topology.pass(Duration.ofHours(2));
      topology.pass(Duration.ofHours(2));

      assertThat(topology.states.lag(WEB).age()).isEqualTo(Age.LATE);
      assertThat(Duration.ofMillis(topology.states.lag(WEB).millis()).toHours()).isEqualTo(87);
      assertThat(topology.counters.sealedLagAlarms.sum()).isEqualTo(1);

      topology.flush();
      topology.settle(() -> topology.states.lag(WEB).age() == Age.FINE);
      assertThat(topology.states.lag(WEB).millis()).isZero();
    }
  }

  @Test
  void aTreeThatWasIdleForLongRaisesNoneWithItsNextChange() throws Exception {
    try (TestTopology topology = new TestTopology(folder)) {
      Changes web = topology.begun("web");
      topology.settle(() -> topology.head("web").sealed().sequence() == 1);
      topology.pass(Duration.ofDays(6));
      topology.now = topology.now.plus(Duration.ofDays(6));

      topology.change(web.put("a", topology.frame(Changes.plain(1, 5_000))));
      topology.pass(Duration.ofHours(1));

      assertThat(topology.states.lag(WEB).age()).isEqualTo(Age.FINE);
      assertThat(topology.states.lag(WEB).millis()).isPositive();
      assertThat(topology.counters.sealedLagAlarms.sum()).isZero();
    }
  }
}
