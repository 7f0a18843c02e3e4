package dev.tidemark.repository.index;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.schemas.chunk.ChunkId;
import java.nio.ByteBuffer;
import java.util.function.LongFunction;
import org.junit.jupiter.api.Test;

final class ChunkFilterTest {
  private static ChunkId id(long number) {
    return ChunkId.computeOf(ByteBuffer.allocate(8).putLong(number).array());
  }

  private static long count(ChunkFilter filter, long from, long to, LongFunction<ChunkId> ids) {
    long found = 0;
    for (long number = from; number < to; number++) {
      found += filter.mayContain(ids.apply(number)) ? 1 : 0;
    }
    return found;
  }

  @Test
  void everyIdThatWasAddedIsFound() {
    ChunkFilter filter = new ChunkFilter(100_000, 1 << 20, 7);
    for (long number = 0; number < 100_000; number++) {
      filter.add(id(number));
    }

    assertThat(count(filter, 0, 100_000, ChunkFilterTest::id)).isEqualTo(100_000);
    assertThat(filter.added()).isEqualTo(100_000);
  }

  @Test
  void withTwoBytesForEachIdHardlyAnotherIsFound() {
    ChunkFilter filter = new ChunkFilter(100_000, 1 << 20, 7);
    for (long number = 0; number < 100_000; number++) {
      filter.add(id(number));
    }

    assertThat(count(filter, 100_000, 200_000, ChunkFilterTest::id)).isLessThan(200);
    assertThat(filter.overestimate()).isLessThan(0.002);
  }

  @Test
  void withLessMemoryMoreAreFoundAndItSaysSo() {
    ChunkFilter filter = new ChunkFilter(100_000, 100_000, 7);
    for (long number = 0; number < 100_000; number++) {
      filter.add(id(number));
    }

    assertThat(count(filter, 0, 100_000, ChunkFilterTest::id)).isEqualTo(100_000);
    double found = count(filter, 100_000, 200_000, ChunkFilterTest::id) / 100_000.0;
    assertThat(found).isBetween(0.005, 0.1);
    assertThat(filter.overestimate()).isBetween(found / 2, found * 2);
  }

  @Test
  void twoSeedsErrForDifferentIds() {
    ChunkFilter first = new ChunkFilter(1, 1 << 10, 1);
    ChunkFilter second = new ChunkFilter(1, 1 << 10, 2);
    for (long number = 0; number < 1_000; number++) {
      first.add(id(number));
      second.add(id(number));
    }
    long both = 0;
    long one = 0;
    for (long number = 1_000; number < 20_000; number++) {
      boolean inFirst = first.mayContain(id(number));
      one += inFirst ? 1 : 0;
      both += inFirst && second.mayContain(id(number)) ? 1 : 0;
    }

    assertThat(one).isPositive();
    assertThat(both).isLessThan(one / 2 + 1);
  }
}
