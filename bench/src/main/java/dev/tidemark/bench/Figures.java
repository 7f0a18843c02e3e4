package dev.tidemark.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Measured values of one quantity, in one unit. Owned by one thread. */
final class Figures {
  private final List<Double> values = new ArrayList<>();

  void add(double value) {
    values.add(value);
  }

  int count() {
    return values.size();
  }

  double last() {
    return values.getLast();
  }

  double median() {
    return quantile(0.5);
  }

  /** The smallest value that at least {@code share} of all values do not exceed. */
  double quantile(double share) {
    if (values.isEmpty()) {
      throw new IllegalStateException("nothing was measured");
    }
    double[] sorted = values.stream().mapToDouble(Double::doubleValue).toArray();
    Arrays.sort(sorted);
    int rank = (int) Math.ceil(share * sorted.length);
    return sorted[Math.clamp(rank - 1, 0, sorted.length - 1)];
  }

  double min() {
    return quantile(0);
  }

  double max() {
    return quantile(1);
  }
}
