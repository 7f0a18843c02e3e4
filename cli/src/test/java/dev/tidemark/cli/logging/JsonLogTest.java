package dev.tidemark.cli.logging;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.LoggingEvent;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.slf4j.event.KeyValuePair;

final class JsonLogTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Instant NOW = Instant.parse("2026-03-01T10:00:00.250Z");

  @Test
  void anEventIsOneLineWithItsFactsAndItsFailure() throws Exception {
    LoggingEvent event =
        new LoggingEvent(
            "",
            new LoggerContext().getLogger("dev.tidemark.Some"),
            Level.WARN,
            "a \"name\"\nof two lines",
            new IllegalStateException("broken"),
            null);
    event.setTimeStamp(NOW.toEpochMilli());
    event.setKeyValuePairs(
        List.of(
            new KeyValuePair("tree", "web"),
            new KeyValuePair("millis", 12L),
            new KeyValuePair("level", "of water")));

    String line = new String(new JsonEvents().encode(event), StandardCharsets.UTF_8);

    assertThat(line).endsWith("\n").containsOnlyOnce("\n");
    JsonNode object = JSON.readTree(line);
    assertThat(object.path("message").asText()).isEqualTo("a \"name\"\nof two lines");
    assertThat(object.path("level").asText()).isEqualTo("WARN");
    assertThat(object.path("level_").asText()).isEqualTo("of water");
    assertThat(object.path("logger").asText()).isEqualTo("dev.tidemark.Some");
    assertThat(object.path("thread").asText()).isEqualTo(Thread.currentThread().getName());
    assertThat(object.path("tree").asText()).isEqualTo("web");
    assertThat(object.path("millis").asLong()).isEqualTo(12);
    assertThat(object.path("error").asText()).contains("IllegalStateException: broken", "\tat ");
    assertThat(OffsetDateTime.parse(object.path("time").asText()).toInstant()).isEqualTo(NOW);
  }

  @Test
  void aLineForPeopleIsAMessage() throws Exception {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (PrintStream err =
        new PrintStream(
            new JsonLines(bytes, () -> NOW, ZoneId.of("+02:00")), true, StandardCharsets.UTF_8)) {
      err.print("started: ");
      err.println("über alles");
      err.println();
      err.println("tidemark: it failed");
      err.print("left");
    }

    List<String> lines = bytes.toString(StandardCharsets.UTF_8).lines().toList();
    assertThat(lines).hasSize(3);
    assertThat(JSON.readTree(lines.get(0)).path("message").asText())
        .isEqualTo("started: über alles");
    assertThat(JSON.readTree(lines.get(0)).path("time").asText())
        .isEqualTo("2026-03-01T12:00:00.250+02:00");
    assertThat(JSON.readTree(lines.get(0)).path("level").asText()).isEqualTo("INFO");
    assertThat(JSON.readTree(lines.get(1)).path("level").asText()).isEqualTo("ERROR");
    assertThat(JSON.readTree(lines.get(2)).path("message").asText()).isEqualTo("left");
  }
}
