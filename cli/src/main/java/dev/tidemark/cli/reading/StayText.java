package dev.tidemark.cli.reading;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tidemark.browse.PathsEver.Moment;
import dev.tidemark.browse.PathsEver.PathStay;
import java.time.Instant;
import java.time.ZoneId;

/** When something stood at a path, for people and for programs. */
public final class StayText {
  private StayText() {}

  /** One line: from when, to when, and the path. */
  public static String line(PathStay stay, ZoneId zone) {
    String from = TimeText.millis(stay.from().logTimeMillis(), zone);
    String to = stay.to().map(gone -> TimeText.millis(gone.logTimeMillis(), zone)).orElse("now");
    // As wide as a time, so that paths stand below each other.
    return "%s  %s  %s"
        .formatted(from, " ".repeat(Math.max(0, from.length() - to.length())) + to, stay.path());
  }

  /**
   * {@code {"path":…,"fromSequence":…,"from":…,"toSequence":…,"to":…}}, the last two may be null.
   */
  public static String json(PathStay stay) {
    ObjectNode json = Json.object();
    json.put("path", stay.path().toString());
    json.put("fromSequence", stay.from().sequence());
    json.put("from", time(stay.from()));
    if (stay.to().isPresent()) {
      json.put("toSequence", stay.to().get().sequence());
      json.put("to", time(stay.to().get()));
    } else {
      json.putNull("toSequence");
      json.putNull("to");
    }
    return Json.write(json);
  }

  private static String time(Moment moment) {
    return Instant.ofEpochMilli(moment.logTimeMillis()).toString();
  }
}
