package dev.tidemark.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.mirror.Origin.StartingPoint;
import dev.tidemark.schemas.change.Change;
import dev.tidemark.schemas.change.Change.ScanKind;
import dev.tidemark.schemas.tree.TreeBase;
import java.io.IOException;
import org.junit.jupiter.api.Test;

final class StartingPointTest {
  private final SimulatedLog log;

  StartingPointTest() throws IOException {
    log = new SimulatedLog();
  }

  private boolean isWhole() {
    return new StartingPoint(TreeBase.EMPTY, log.cursor()).isWhole();
  }

  /** A standby that was compared with less would lose what the rest of the scan brings back. */
  @Test
  void aTreeIsWholeOnceAScanOfItIsComplete() throws IOException {
    assertThat(log.cursor().hasEpoch()).isTrue();
    assertThat(isWhole()).isFalse();
    log.add(new Change.ScanStarted(ScanKind.FULL));
    assertThat(isWhole()).isFalse();
    log.add(new Change.ScanCompleted(ScanKind.FULL));
    assertThat(isWhole()).isTrue();

    // What it was before another scan, or another term, it still is.
    log.add(new Change.ScanStarted(ScanKind.DIFFERENCE));
    assertThat(isWhole()).isTrue();
    log.beginEpoch();
    assertThat(isWhole()).isTrue();
  }
}
