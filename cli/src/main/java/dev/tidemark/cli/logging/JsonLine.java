package dev.tidemark.cli.logging;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import org.jspecify.annotations.Nullable;

/** One message: its time with offset, level, logger, thread, words and facts. */
final class JsonLine {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSXXX");

  private final ObjectNode object = JSON.createObjectNode();

  JsonLine(Instant time, ZoneId zone, String level, String logger, String thread, String message) {
    object
        .put("time", TIME.format(time.atZone(zone)))
        .put("level", level)
        .put("logger", logger)
        .put("thread", thread)
        .put("message", message);
  }

  /** A fact; one that has the name of another is told under a name with a line behind it. */
  void with(String key, @Nullable Object value) {
    String name = object.has(key) ? key + "_" : key;
    switch (value) {
      case null -> object.putNull(name);
      case Long number -> object.put(name, number);
      case Integer number -> object.put(name, number);
      case Boolean flag -> object.put(name, flag);
      default -> object.put(name, value.toString());
    }
  }

  byte[] bytes() {
    return (object + "\n").getBytes(StandardCharsets.UTF_8);
  }
}
