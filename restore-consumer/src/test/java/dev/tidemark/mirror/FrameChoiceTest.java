package dev.tidemark.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.apply.FrameSource;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class FrameChoiceTest {
  private static final long NOW = 1_800_000_000_000L;
  private static final FrameSource LOG = _ -> Map.of();
  private static final FrameSource SEALED = _ -> Map.of();

  private static FrameSource chosen(FramesFrom from, Duration age) {
    return new FrameChoice(from, LOG, SEALED, () -> java.time.Instant.ofEpochMilli(NOW))
        .of(NOW - age.toMillis());
  }

  @Test
  void whatIsNewComesFromTheLogAndWhatIsCaughtUpWithFromTheRepository() {
    assertThat(chosen(FramesFrom.AUTO, Duration.ofSeconds(1))).isSameAs(LOG);
    assertThat(chosen(FramesFrom.AUTO, Duration.ofHours(1))).isSameAs(SEALED);
    assertThat(chosen(FramesFrom.KAFKA, Duration.ofHours(1))).isSameAs(LOG);
    assertThat(chosen(FramesFrom.REPOSITORY, Duration.ofSeconds(1))).isSameAs(SEALED);
  }
}
