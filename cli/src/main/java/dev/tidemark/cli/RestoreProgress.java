package dev.tidemark.cli;

import dev.tidemark.cli.process.Amounts;
import dev.tidemark.cli.process.StatusLine;
import dev.tidemark.cli.reading.Json;
import dev.tidemark.restore.ProgressListener;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** Shows how far a restore has come: a line on the terminal, or JSON objects, one a line. */
final class RestoreProgress implements ProgressListener, AutoCloseable {
  private static final long LINE_NANOS = TimeUnit.MILLISECONDS.toNanos(200);
  private static final long JSON_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final Surroundings surroundings;
  private final boolean json;
  private final StatusLine line;
  private final long start = System.nanoTime();
  private final AtomicLong shownAt = new AtomicLong(start);

  RestoreProgress(Surroundings surroundings, boolean json) {
    this.surroundings = surroundings;
    this.json = json;
    this.line = surroundings.statusLine();
  }

  /** Several threads tell of progress; one of them at a time writes, and the others pass on. */
  @Override
  public void progress(Progress progress) {
    long last = shownAt.get();
    long now = System.nanoTime();
    if (now - last > (json ? JSON_NANOS : LINE_NANOS) && shownAt.compareAndSet(last, now)) {
      synchronized (line) {
        show(progress, (now - start) / 1e9);
      }
    }
  }

  private void show(Progress progress, double seconds) {
    long bytesASecond = Math.round(progress.bytes() / seconds);
    double secondsLeft =
        bytesASecond == 0
            ? Double.NaN
            : (double) (progress.totalBytes() - progress.bytes()) / bytesASecond;
    if (json) {
      var object =
          Json.object()
              .put("type", "progress")
              .put("entries", progress.entries())
              .put("totalEntries", progress.totalEntries())
              .put("bytes", progress.bytes())
              .put("totalBytes", progress.totalBytes())
              .put("bytesPerSecond", bytesASecond);
      if (!Double.isNaN(secondsLeft)) {
        object.put("secondsLeft", secondsLeft);
      }
      surroundings.out().println(Json.write(object));
    } else {
      line.show(
          "%s of %s entries, %s of %s, %s/s%s"
              .formatted(
                  Amounts.count(progress.entries()),
                  Amounts.count(progress.totalEntries()),
                  Amounts.bytes(progress.bytes()),
                  Amounts.bytes(progress.totalBytes()),
                  Amounts.bytes(bytesASecond),
                  Double.isNaN(secondsLeft)
                      ? ""
                      : ", %s left".formatted(Amounts.millis(Math.round(secondsLeft * 1e3)))));
    }
  }

  @Override
  public void close() {
    line.close();
  }
}
