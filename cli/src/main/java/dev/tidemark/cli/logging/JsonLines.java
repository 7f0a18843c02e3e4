package dev.tidemark.cli.logging;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.time.ZoneId;

/**
 * Makes each line that is written for people one message of a log. What stands without an end of
 * line is held until that comes, or the stream is closed. Thread-safe.
 */
public final class JsonLines extends OutputStream {
  private static final String LOGGER = "tidemark";

  private final OutputStream out;
  private final InstantSource clock;
  private final ZoneId zone;
  private final ByteArrayOutputStream line = new ByteArrayOutputStream();

  public JsonLines(OutputStream out, InstantSource clock, ZoneId zone) {
    this.out = out;
    this.clock = clock;
    this.zone = zone;
  }

  @Override
  public synchronized void write(int one) throws IOException {
    if (one == '\n') {
      end();
    } else {
      line.write(one);
    }
  }

  @Override
  public synchronized void write(byte[] bytes, int from, int length) throws IOException {
    for (int i = from; i < from + length; i++) {
      write(bytes[i]);
    }
  }

  private void end() throws IOException {
    String text = line.toString(StandardCharsets.UTF_8).stripTrailing();
    line.reset();
    if (!text.isEmpty()) {
      // As the command's failures begin.
      String level = text.startsWith("tidemark: ") ? "ERROR" : "INFO";
      String thread = Thread.currentThread().getName();
      out.write(new JsonLine(clock.instant(), zone, level, LOGGER, thread, text).bytes());
    }
  }

  @Override
  public synchronized void flush() throws IOException {
    out.flush();
  }

  @Override
  public synchronized void close() throws IOException {
    end();
    out.close();
  }
}
