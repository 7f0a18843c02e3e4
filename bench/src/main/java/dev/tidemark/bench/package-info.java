/**
 * Benchmarks: programs that report medians and ratios, never tests. What is compared runs
 * alternately in one run, because the absolute times of a shared machine drift. {@code bench/run}
 * starts them.
 */
@NullMarked
package dev.tidemark.bench;

import org.jspecify.annotations.NullMarked;
