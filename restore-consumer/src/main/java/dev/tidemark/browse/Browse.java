package dev.tidemark.browse;

import dev.tidemark.log.CompactedTopic;
import dev.tidemark.log.Heads;
import dev.tidemark.log.LogAdmin;
import dev.tidemark.log.LogConnection;
import dev.tidemark.log.LogTopics;
import dev.tidemark.repository.Repository;
import dev.tidemark.repository.history.At;
import dev.tidemark.schemas.change.NodePath;
import dev.tidemark.schemas.change.TreeName;
import dev.tidemark.schemas.codec.Records;
import dev.tidemark.schemas.codec.UnreadableRecordException;
import dev.tidemark.schemas.cursor.Cursor;
import dev.tidemark.schemas.cursor.Head;
import dev.tidemark.schemas.cursor.StandbyStatus;
import dev.tidemark.schemas.tree.TreeEntry;
import java.io.IOException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers of one question each. What they open they close, but for the repository, which is the
 * caller's.
 */
public final class Browse {
  private static final Logger log = LoggerFactory.getLogger(Browse.class);

  private Browse() {}

  /** The trees of which anything is sealed, by name. */
  public static List<TreeName> trees(Repository repository) throws IOException {
    return repository.trees();
  }

  /**
   * What stands directly in a directory of a tree at an instant, in path order; of a file, itself.
   */
  public static List<TreeEntry> list(
      Repository repository, LogAccess access, TreeName tree, NodePath path, At at)
      throws IOException {
    try (TreeReader reader = TreeReader.open(repository, access, InstantSource.system())) {
      return reader.list(tree, path, at);
    }
  }

  /** How far each tree is sealed; nothing is known of writers' signs of life and standbys. */
  public static List<TreeStatus> status(Repository repository) throws IOException {
    List<TreeStatus> statuses = new ArrayList<>();
    for (TreeName tree : repository.trees()) {
      Optional<Cursor> sealed = repository.history(tree).resumePoint();
      sealed.ifPresent(cursor -> statuses.add(TreeStatus.sealed(tree, cursor)));
    }
    return List.copyOf(statuses);
  }

  /** How far each tree has come by what cataloguer and standbys last told. */
  public static List<TreeStatus> status(LogConnection connection) throws IOException {
    LogTopics topics;
    try (LogAdmin admin = LogAdmin.connect(connection)) {
      topics = admin.requireTopics();
    }
    Map<TreeName, List<StandbyStatus>> standbys = standbys(connection, topics);
    Map<TreeName, TreeStatus> statuses = new TreeMap<>();
    for (Head head : Heads.readAll(connection, topics).values()) {
      List<StandbyStatus> of = standbys.getOrDefault(head.tree(), List.of());
      statuses.put(
          head.tree(),
          TreeStatus.of(
              head.tree(),
              head.accepted(),
              head.sealed(),
              head.lastHeartbeatMillis(),
              head.accepted().fault().isNone() ? head.sealingFault() : head.accepted().fault(),
              head.rejected(),
              of));
    }
    return List.copyOf(statuses.values());
  }

  private static Map<TreeName, List<StandbyStatus>> standbys(
      LogConnection connection, LogTopics topics) throws IOException {
    Map<TreeName, List<StandbyStatus>> standbys = new TreeMap<>();
    for (Map.Entry<String, byte[]> record :
        CompactedTopic.read(connection, topics.standbys()).entrySet()) {
      try {
        StandbyStatus status = Records.decodeStandbyStatus(record.getValue());
        standbys.computeIfAbsent(status.tree(), _ -> new ArrayList<>()).add(status);
      } catch (UnreadableRecordException e) {
        log.atWarn()
            .setCause(e)
            .addKeyValue("key", record.getKey())
            .log("standby status not readable");
      }
    }
    return standbys;
  }
}
