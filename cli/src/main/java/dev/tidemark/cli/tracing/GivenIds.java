package dev.tidemark.cli.tracing;

import io.opentelemetry.sdk.trace.IdGenerator;

/** Gives the next span of this thread the ids that were set for it. */
final class GivenIds implements IdGenerator {
  private final ThreadLocal<Ids> next = ThreadLocal.withInitial(() -> new Ids("", ""));

  private record Ids(String trace, String span) {}

  void set(String trace, String span) {
    next.set(new Ids(trace, span));
  }

  @Override
  public String generateSpanId() {
    return next.get().span();
  }

  @Override
  public String generateTraceId() {
    return next.get().trace();
  }
}
