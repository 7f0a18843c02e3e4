package dev.tidemark.repository.retention;

import java.util.List;

/**
 * An instant that is kept though the log around it goes.
 *
 * @param reasons why, such as {@code daily}, {@code tag:NAME}, {@code hold}
 */
public record KeptInstant(long sequence, long logTimeMillis, List<String> reasons) {
  public KeptInstant {
    reasons = List.copyOf(reasons);
  }
}
