package dev.tidemark.store.dedup;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.schemas.cursor.Watermark.Range;
import java.util.BitSet;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Ranges against a plain set of offsets. */
final class HolesTest {
  @Test
  void anyOrderOfRangesGivesTheSameOffsetsAsASet() {
    long seed = Long.getLong("tidemark.seed", System.nanoTime());
    System.out.println("tidemark.seed=" + seed);
    Random random = new Random(seed);
    for (int round = 0; round < 200; round++) {
      Holes holes = new Holes();
      BitSet model = new BitSet();
      for (int i = 0; i < 30; i++) {
        int first = random.nextInt(200);
        int last = first + random.nextInt(8);
        holes.add(first, last);
        model.set(first, last + 1);
      }

      BitSet found = new BitSet();
      long previous = -2;
      for (Range range : Holes.decode(holes.encode()).upTo(1_000)) {
        assertThat(range.first()).isGreaterThan(previous + 1);
        previous = range.last();
        found.set((int) range.first(), (int) range.last() + 1);
      }
      assertThat(found).isEqualTo(model);
    }
  }

  @Test
  void aRangeIsCutAtTheOffsetAskedFor() {
    Holes holes = new Holes();
    holes.add(5, 9);
    holes.add(20, 21);

    assertThat(holes.upTo(7)).containsExactly(new Range(5, 7));
  }
}
