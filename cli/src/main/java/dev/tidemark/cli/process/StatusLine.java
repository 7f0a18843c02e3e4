package dev.tidemark.cli.process;

import java.io.PrintStream;
import java.time.Duration;

/**
 * What a person sees of a running process: on a terminal one line that is rewritten in place, else
 * a whole line now and then. Owned by one thread.
 */
public final class StatusLine implements AutoCloseable {
  private static final Duration LINE_INTERVAL = Duration.ofSeconds(10);
  private static final String CLEAR = "\r\u001b[K";

  /** Where it is shown. */
  public enum Style {
    /** A terminal. */
    REWRITTEN,
    /** A file or a pipe. */
    LINES
  }

  private final PrintStream out;
  private final Style style;
  private final int columns;
  private String shown = "";
  private long shownAtNanos;

  public StatusLine(PrintStream out, Style style, int columns) {
    this.out = out;
    this.style = style;
    this.columns = columns;
    // The first line comes after an interval: the start has lines of its own.
    this.shownAtNanos = System.nanoTime();
  }

  /** Shows where things stand, if that is news. */
  public void show(String text) {
    long now = System.nanoTime();
    if (text.equals(shown)) {
      return;
    }
    switch (style) {
      case REWRITTEN -> {
        out.print(CLEAR + cut(text));
        out.flush();
      }
      case LINES -> {
        if (now - shownAtNanos < LINE_INTERVAL.toNanos()) {
          return;
        }
        out.println(text);
      }
    }
    shown = text;
    shownAtNanos = now;
  }

  /** A line that stays, above the status. */
  public void message(String text) {
    if (style == Style.REWRITTEN) {
      out.print(CLEAR);
      shown = "";
    }
    out.println(text);
    out.flush();
  }

  /** Leaves the last status standing. */
  @Override
  public void close() {
    if (style == Style.REWRITTEN && !shown.isEmpty()) {
      out.println();
      shown = "";
    }
  }

  /** A line longer than the terminal would scroll instead of being rewritten. */
  private String cut(String text) {
    return text.length() < columns ? text : text.substring(0, Math.max(0, columns - 2)) + "…";
  }
}
