package dev.tidemark.cli.reading;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.tidemark.repository.history.PathEvent;
import dev.tidemark.schemas.change.Metadata;
import dev.tidemark.schemas.change.Node;
import dev.tidemark.schemas.change.NodeAspect;
import dev.tidemark.schemas.change.NodePath;
import dev.tidemark.schemas.change.TreeName;
import dev.tidemark.schemas.cursor.CommandReport;
import dev.tidemark.schemas.cursor.Cursor;
import dev.tidemark.schemas.cursor.StandbyStatus;
import dev.tidemark.schemas.tree.TreeEntry;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;

/**
 * Results for programs: one JSON object on one line. Instants are ISO-8601 in UTC, null where there
 * is none; paths are shown with bytes that are no text as {@code \xNN}.
 */
public final class Json {
  /** Closes what {@link #beginEntries} opened. */
  public static final String END_ENTRIES = "]}";

  private static final ObjectMapper MAPPER = new ObjectMapper();

  private Json() {}

  /** {@code {"trees":[…]}} with everything that is known of each. */
  public static String trees(List<TreeState> states) {
    ObjectNode root = MAPPER.createObjectNode();
    ArrayNode trees = root.putArray("trees");
    states.forEach(state -> addTree(trees.addObject(), state));
    return write(root);
  }

  /**
   * The same with how it stands now.
   *
   * @param unsealedSince of trees with changes that only the log holds
   * @param digests of trees whose standbys were compared
   */
  public static String trees(
      List<TreeState> states,
      Map<TreeName, Long> unsealedSince,
      Map<TreeName, List<DigestCheck.Result>> digests,
      long nowMillis) {
    ObjectNode root = MAPPER.createObjectNode();
    ArrayNode trees = root.putArray("trees");
    for (TreeState state : states) {
      ObjectNode json = trees.addObject();
      addTree(json, state);
      if (digests.containsKey(state.tree())) {
        addDigests(json.putArray("digests"), digests.getOrDefault(state.tree(), List.of()));
      }
      OptionalLong silence = state.silenceMillis(nowMillis);
      json.put("lastHeartbeat", instant(state.lastHeardMillis()));
      if (silence.isPresent()) {
        json.put("watcherAlive", silence.getAsLong() <= TreeState.SILENCE.toMillis());
      } else {
        json.putNull("watcherAlive");
      }
      long since = unsealedSince.getOrDefault(state.tree(), 0L);
      json.put("unsealedChanges", state.unsealed());
      json.put("unsealedSince", instant(since));
      json.put("sealedLagMillis", since == 0 ? 0 : Math.max(0, nowMillis - since));
    }
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
      addStandby(standbys.addObject(), state, standby);
    }
  }

  private static void addStandby(ObjectNode json, TreeState state, StandbyStatus standby) {
    json.put("name", standby.standby());
    json.put("host", standby.host());
    json.put("appliedSequence", standby.appliedSequence());
    json.put("appliedLogTime", instant(standby.appliedLogTimeMillis()));
    OptionalLong behind = state.behind(standby);
    if (behind.isPresent()) {
      json.put("behindChanges", behind.getAsLong());
    } else {
      json.putNull("behindChanges");
    }
    json.put("lagMillis", standby.lagMillis());
    json.put("reportedAt", instant(standby.reportedAtMillis()));
    json.put("error", standby.error().isEmpty() ? null : standby.error());
    json.put("digest", standby.digest().isEmpty() ? null : standby.digest());
    json.put("drifted", standby.drifted());
    json.put("driftEventsOff", standby.unheard().isEmpty() ? null : standby.unheard());
    ArrayNode subset = json.putArray("subset");
    standby.subset().forEach(subset::add);
    json.put("phase", standby.phase().isEmpty() ? null : standby.phase());
    CommandReport command = standby.command();
    if (!command.isNone()) {
      json.putObject("command")
          .put("id", command.id().toString())
          .put("state", command.state().name().toLowerCase(Locale.ROOT))
          .put("entries", command.entries())
          .put("detail", command.detail());
    }
  }

  private static void addDigests(ArrayNode array, List<DigestCheck.Result> results) {
    for (DigestCheck.Result result : results) {
      ObjectNode json = array.addObject();
      json.put("name", result.standby().standby());
      json.put("sequence", result.standby().appliedSequence());
      json.put("verdict", result.verdict().name().toLowerCase(Locale.ROOT));
      json.put("expected", result.expected().isEmpty() ? null : result.expected());
      json.put("reason", result.reason().isEmpty() ? null : result.reason());
    }
  }

  /** {@code {"tree":…,"entries":[}, to be followed by entries with commas between them. */
  public static String beginEntries(String tree) {
    return "{\"tree\":%s,\"entries\":[".formatted(TextNode.valueOf(tree));
  }

  /** One entry. */
  public static String entry(TreeEntry entry) {
    ObjectNode json = MAPPER.createObjectNode();
    json.put("path", entry.path().toString());
    fill(json, entry.node());
    return write(json);
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
    if (!metadata.owner().isEmpty()) {
      json.put("owner", metadata.owner());
    }
    if (!metadata.group().isEmpty()) {
      json.put("group", metadata.group());
    }
    if (metadata.linkGroup() != 0) {
      json.put("linkGroup", metadata.linkGroup());
    }
    if (!metadata.attributes().isEmpty()) {
      ArrayNode attributes = json.putArray("attributes");
      NodeText.attributes(metadata).forEach(attributes::add);
    }
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
