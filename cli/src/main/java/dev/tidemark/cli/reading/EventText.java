package dev.tidemark.cli.reading;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tidemark.cli.process.Amounts;
import dev.tidemark.repository.history.PathEvent;
import dev.tidemark.repository.history.PathEvent.Means;
import dev.tidemark.repository.history.PathEvent.Writer;
import dev.tidemark.schemas.change.Node;
import dev.tidemark.schemas.change.NodeAspect;
import java.time.Instant;
import java.time.ZoneId;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** What happened to a path, for people and for programs. */
public final class EventText {
  private EventText() {}

  /** One line: when, which change, why the writer looked, on which host, what. */
  public static String line(PathEvent event, ZoneId zone) {
    Optional<Writer> by = writer(event.means());
    return "%s  %8d  %-9s  %-12s  %s"
        .formatted(
            TimeText.millis(event.logTimeMillis(), zone),
            event.sequence(),
            by.map(writer -> lower(writer.cause())).orElse("kept"),
            by.map(Writer::host).filter(host -> !host.isEmpty()).orElse("-"),
            what(event));
  }

  private static String what(PathEvent event) {
    String moved =
        switch (event.means()) {
          case Means.MovedFrom(Writer _, var before) -> "moved from " + before;
          case Means.MovedTo(Writer _, var after) -> "moved to " + after;
          case Means.Written _, Means.NotFound _, Means.Kept _ -> "";
        };
    return switch (event) {
      case PathEvent.Appeared(long _, long _, Means _, Node node) ->
          (moved.isEmpty() ? "created" : moved) + ": " + describe(node);
      case PathEvent.Changed(long _, long _, Means _, Node node, Set<NodeAspect> aspects) ->
          (moved.isEmpty() ? "" : moved + ", replaced: ")
              + aspects(aspects)
              + ": "
              + describe(node);
      case PathEvent.Gone(long _, long _, Means means) when means instanceof Means.NotFound ->
          "removed, found by a full scan";
      case PathEvent.Gone _ -> moved.isEmpty() ? "removed" : moved;
    };
  }

  /** Such as {@code content, time}. */
  public static String aspects(Set<NodeAspect> aspects) {
    return aspects.stream().map(EventText::lower).collect(Collectors.joining(", "));
  }

  private static String describe(Node node) {
    return switch (node) {
      case Node.File file -> "file, " + Amounts.bytes(file.content().size());
      case Node.Symlink link -> "symlink to " + NodeText.target(link);
      case Node.Directory _, Node.Fifo _, Node.Device _ -> NodeText.type(node);
    };
  }

  static String lower(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }

  private static Optional<Writer> writer(Means means) {
    return switch (means) {
      case Means.Written(Writer by) -> Optional.of(by);
      case Means.MovedFrom(Writer by, var _) -> Optional.of(by);
      case Means.MovedTo(Writer by, var _) -> Optional.of(by);
      case Means.NotFound(Writer by) -> Optional.of(by);
      case Means.Kept() -> Optional.empty();
    };
  }

  /** The same for programs. */
  static void fill(ObjectNode json, PathEvent event) {
    json.put("sequence", event.sequence());
    json.put("logTime", Instant.ofEpochMilli(event.logTimeMillis()).toString());
    Optional<Writer> by = writer(event.means());
    json.put("cause", by.map(writer -> lower(writer.cause())).orElse("kept"));
    by.ifPresent(
        writer -> {
          json.put("host", writer.host());
          json.put("capturedAt", Json.micros(writer.capturedAtMicros()).toString());
        });
    switch (event.means()) {
      case Means.MovedFrom(Writer _, var before) -> json.put("movedFrom", before.toString());
      case Means.MovedTo(Writer _, var after) -> json.put("movedTo", after.toString());
      case Means.Written _, Means.NotFound _, Means.Kept _ -> {}
    }
    switch (event) {
      case PathEvent.Appeared(long _, long _, Means _, Node node) -> {
        json.put("change", "created");
        Json.fill(json, node);
      }
      case PathEvent.Changed(long _, long _, Means _, Node node, Set<NodeAspect> aspects) -> {
        json.put("change", "changed");
        Json.fill(json, aspects);
        Json.fill(json, node);
      }
      case PathEvent.Gone _ -> json.put("change", "removed");
    }
  }
}
