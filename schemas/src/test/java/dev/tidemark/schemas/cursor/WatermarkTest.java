package dev.tidemark.schemas.cursor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.schemas.change.FramePosition;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

final class WatermarkTest {
  private final Watermark watermark =
      new Watermark(new UUID(1, 1), 2, 100, List.of(new Watermark.Range(40, 42)));

  @Test
  void itReachesWhatIsAtOrBelowItInItsOwnPartition() {
    assertThat(watermark.reaches(new FramePosition(2, 100))).isTrue();
    assertThat(watermark.reaches(new FramePosition(2, 101))).isFalse();
    assertThat(watermark.reaches(new FramePosition(1, 5))).isFalse();
  }

  @Test
  void aHoleIsReachedButWillNeverBeDurable() {
    assertThat(watermark.reaches(new FramePosition(2, 41))).isTrue();
    assertThat(watermark.isHole(new FramePosition(2, 40))).isTrue();
    assertThat(watermark.isHole(new FramePosition(2, 42))).isTrue();
    assertThat(watermark.isHole(new FramePosition(2, 39))).isFalse();
    assertThat(watermark.isHole(new FramePosition(2, 43))).isFalse();
    assertThat(watermark.isHole(new FramePosition(1, 41))).isFalse();
  }
}
