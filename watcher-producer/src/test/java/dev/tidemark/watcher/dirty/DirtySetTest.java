package dev.tidemark.watcher.dirty;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.schemas.change.Change.Cause;
import dev.tidemark.watcher.state.Name;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
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

  @Test
  void aMarkThatIsPutOffWhileItStandsInLineComesOutLater() {
    Mark before = dirty.whenQuiet(root, named("before"), Mark.DATA, Cause.LIVE, 0);
    Mark mark = dirty.whenQuiet(root, name, Mark.META, Cause.LIVE, 0);
    // Both are due, and only one is taken.
    assertThat(dirty.takeDue(SETTLE)).contains(before);

    dirty.whenQuiet(root, name, Mark.META, Cause.LIVE, SETTLE);

    assertThat(dirty.takeDue(SETTLE)).isEmpty();
    assertThat(dirty.nextDue()).isEqualTo(2 * SETTLE);
    assertThat(dirty.takeDue(2 * SETTLE)).contains(mark);
  }

  @Test
  void whateverIsDoneToMarksEachComesOut() {
    long seed = Long.getLong("tidemark.seed", System.nanoTime());
    System.out.println("tidemark.seed=" + seed);
    Random random = new Random(seed);
    List<Mark> out = new ArrayList<>();
    long now = 0;
    for (int step = 0; step < 20_000; step++) {
      now += random.nextLong(SETTLE / 4);
      Name any = named("n" + random.nextInt(20));
      switch (random.nextInt(8)) {
        case 0 -> dirty.now(root, any, Mark.DATA, Cause.LIVE, now);
        case 1 -> dirty.now(root, any, Mark.DATA, Cause.SCAN, now);
        case 2 -> dirty.at(root, any, Mark.META, Cause.LIVE, now, now + random.nextLong(SETTLE));
        case 3, 4 -> dirty.whenQuiet(root, any, Mark.META, Cause.LIVE, now);
        case 5 -> dirty.takeDue(now).ifPresent(out::add);
        default -> settle(out, random, now);
      }
    }
    while (dirty.size() > 0) {
      now += MAX_DELAY;
      Optional<Mark> next = dirty.takeDue(now);
      next.ifPresent(out::add);
      assertThat(next.isEmpty() && out.isEmpty())
          .as("%d marks never come out", dirty.size())
          .isFalse();
      while (!out.isEmpty()) {
        dirty.done(out.removeLast(), now);
      }
    }
  }

  private void settle(List<Mark> out, Random random, long now) {
    if (out.isEmpty()) {
      return;
    }
    Mark mark = out.remove(random.nextInt(out.size()));
    if (random.nextInt(4) == 0) {
      dirty.retry(mark, 0, now, now + random.nextLong(SETTLE));
    } else {
      dirty.rest(mark.key(), random.nextLong(10 * SETTLE / 100), now);
      dirty.done(mark, now);
    }
  }

  private static Name named(String text) {
    return new Name(text.getBytes(StandardCharsets.US_ASCII));
  }
}
