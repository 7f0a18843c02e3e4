package dev.tidemark.watcher.dirty;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.schemas.change.Change.Cause;
import dev.tidemark.watcher.state.Name;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class DirtySetTest {
  private static final long SETTLE = 100_000_000;
  private static final long MAX_DELAY = 5_000_000_000L;
  private static final long GIBIBYTE = 1L << 30;

  private final DirtySet dirty = new DirtySet(SETTLE, MAX_DELAY, 1000);
  private final Directory root = new DirectoryTable(1, 7).root();
  private final Name name = new Name("log".getBytes(StandardCharsets.US_ASCII));

  @Test
  void aFileThatHasCostALargeReadRestsInProportion() {
    Mark first = dirty.whenQuiet(root, name, Mark.DATA, Cause.LIVE, 0);
    assertThat(dirty.nextDue()).isEqualTo(SETTLE);
    assertThat(dirty.takeDue(SETTLE)).contains(first);
    dirty.rest(first.key(), GIBIBYTE, SETTLE);
    dirty.done(first, SETTLE);

    dirty.whenQuiet(root, name, Mark.DATA, Cause.LIVE, SETTLE);

    assertThat(dirty.nextDue()).isGreaterThan(20 * MAX_DELAY);
    assertThat(dirty.takeDue(20 * MAX_DELAY)).isEmpty();
  }

  @Test
  void aFileThatIsClosedDoesNotRest() {
    Mark mark = dirty.whenQuiet(root, name, Mark.DATA, Cause.LIVE, 0);
    dirty.rest(mark.key(), GIBIBYTE, 0);

    dirty.now(root, name, Mark.CLOSED, Cause.LIVE, 1);

    assertThat(dirty.takeDue(1)).contains(mark);
  }

  @Test
  void aSmallReadCostsNoRest() {
    Mark mark = dirty.whenQuiet(root, name, Mark.DATA, Cause.LIVE, 0);
    dirty.takeDue(SETTLE);
    dirty.rest(mark.key(), 10_000, SETTLE);
    dirty.done(mark, SETTLE);

    dirty.whenQuiet(root, name, Mark.DATA, Cause.LIVE, SETTLE);

    assertThat(dirty.nextDue()).isEqualTo(2 * SETTLE);
  }
}
