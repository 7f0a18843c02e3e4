package dev.tidemark.schemas;

import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/**
 * Randomness that can be repeated: prints its seed, and takes one from {@code -Dtidemark.seed=}.
 */
public final class Seeds {
  private Seeds() {}

  public static RandomGenerator random(String test) {
    long seed = Long.getLong("tidemark.seed", System.nanoTime());
    System.out.printf("%s: -Dtidemark.seed=%d%n", test, seed);
    return RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
  }
}
