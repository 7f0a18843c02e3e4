package dev.tidemark.cli.reading;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tidemark.repository.history.PathEvent;
import dev.tidemark.schemas.change.Metadata;
import dev.tidemark.schemas.change.Node;
import dev.tidemark.schemas.change.NodeAspect;
import dev.tidemark.schemas.change.NodePath;
import dev.tidemark.schemas.cursor.Cursor;
import dev.tidemark.schemas.cursor.StandbyStatus;
import dev.tidemark.schemas.tree.TreeEntry;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Set;

/**
 * Results for programs: one JSON object on one line. Instants are ISO-8601 in UTC, null where there
 * is none; paths are shown with bytes that are no text as {@code \xNN}.
 */
public final class Json {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private Json() {}

  /** {@code {"trees":[…]}} with everything that is known of each. */
  public static String trees(List<TreeState> states) {
    ObjectNode root = MAPPER.createObjectNode();
    ArrayNode trees = root.putArray("trees");
    states.forEach(state -> addTree(trees.addObject(), state));
    return write(root);
  }

  private static void addTree(ObjectNode json, TreeState state) {
    Cursor accepted = state.accepted();
    json.put("tree", state.tree().value());
    if (accepted.hasEpoch()) {
      json.put("epoch", accepted.epoch().offset());
      json.put("writer", accepted.epoch().writer().toString());
    } else {
      json.putNull("epoch");
      json.putNull("writer");
    }
    json.put("host", accepted.host());
    json.put("lastSequence", accepted.sequence());
    json.put("lastLogTime", instant(accepted.logTimeMillis()));
    json.put("sealedSequence", state.sealed().sequence());
    json.put("sealedLogTime", instant(state.sealed().logTimeMillis()));
    json.put("scanCompleted", state.isScanCompleted());
    if (state.fault().isNone()) {
      json.putNull("fault");
    } else {
      json.put("fault", state.fault().kind() + ": " + state.fault().detail());
    }
    ArrayNode standbys = json.putArray("standbys");
    for (StandbyStatus standby : state.standbys()) {
      standbys
          .addObject()
          .put("name", standby.standby())
          .put("host", standby.host())
          .put("appliedSequence", standby.appliedSequence())
          .put("lagMillis", standby.lagMillis())
          .put("error", standby.error().isEmpty() ? null : standby.error());
    }
  }

  /** {@code {"tree":…,"entries":[…]}}. */
  public static String entries(String tree, List<TreeEntry> entries) {
    ObjectNode root = MAPPER.createObjectNode();
    root.put("tree", tree);
    ArrayNode array = root.putArray("entries");
    entries.forEach(entry -> addEntry(array.addObject(), entry));
    return write(root);
  }

  private static void addEntry(ObjectNode json, TreeEntry entry) {
    json.put("path", entry.path().toString());
    fill(json, entry.node());
  }

  /** {@code {"tree":…,"path":…,"events":[…],"leftOut":…}}, newest first. */
  public static String events(String tree, NodePath path, List<PathEvent> newestFirst, long left) {
    ObjectNode root = MAPPER.createObjectNode();
    root.put("tree", tree);
    root.put("path", path.toString());
    ArrayNode array = root.putArray("events");
    newestFirst.forEach(event -> EventText.fill(array.addObject(), event));
    root.put("leftOut", left);
    return write(root);
  }

  /** In what a node differs. */
  static void fill(ObjectNode json, Set<NodeAspect> aspects) {
    ArrayNode array = json.putArray("aspects");
    aspects.forEach(aspect -> array.add(EventText.lower(aspect)));
  }

  /** A node, without its path. */
  static void fill(ObjectNode json, Node node) {
    Metadata metadata = node.metadata();
    json.put("type", NodeText.type(node));
    json.put("mode", "%04o".formatted(metadata.mode()));
    json.put("uid", metadata.uid());
    json.put("gid", metadata.gid());
    json.put(
        "mtime",
        Instant.ofEpochSecond(metadata.mtime().seconds(), metadata.mtime().nanos()).toString());
    switch (node) {
      case Node.File file -> json.put("size", file.content().size());
      case Node.Symlink link -> json.put("target", NodeText.target(link));
      case Node.Device device -> json.put("major", device.major()).put("minor", device.minor());
      case Node.Directory _, Node.Fifo _ -> {}
    }
  }

  /** An empty object to be filled. */
  public static ObjectNode object() {
    return MAPPER.createObjectNode();
  }

  /** One line. */
  public static String write(ObjectNode json) {
    try {
      return MAPPER.writeValueAsString(json);
    } catch (JsonProcessingException e) {
      throw new AssertionError("a tree of JSON nodes can always be written", e);
    }
  }

  static Instant micros(long micros) {
    return Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
  }

  private static @org.jspecify.annotations.Nullable String instant(long millis) {
    return millis == 0 ? null : Instant.ofEpochMilli(millis).toString();
  }
}
