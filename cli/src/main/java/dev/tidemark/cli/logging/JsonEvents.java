package dev.tidemark.cli.logging;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.encoder.EncoderBase;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import org.slf4j.event.KeyValuePair;

/** Writes each event of the log as one line. Made by the logging library. */
public final class JsonEvents extends EncoderBase<ILoggingEvent> {
  private static final byte[] NONE = {};

  /** Made by the logging library. */
  public JsonEvents() {}

  @Override
  public byte[] headerBytes() {
    return NONE;
  }

  @Override
  public byte[] encode(ILoggingEvent event) {
    JsonLine line =
        new JsonLine(
            Instant.ofEpochMilli(event.getTimeStamp()),
            ZoneId.systemDefault(),
            event.getLevel().toString(),
            event.getLoggerName(),
            event.getThreadName(),
            event.getFormattedMessage());
    List<KeyValuePair> pairs = event.getKeyValuePairs();
    if (pairs != null) {
      pairs.forEach(pair -> line.with(pair.key, pair.value));
    }
    if (event.getThrowableProxy() != null) {
      line.with("error", ThrowableProxyUtil.asString(event.getThrowableProxy()));
    }
    return line.bytes();
  }

  @Override
  public byte[] footerBytes() {
    return NONE;
  }
}
