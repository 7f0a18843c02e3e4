package dev.tidemark.cli.fleet;

import dev.tidemark.cli.argument.ArgumentException;
import dev.tidemark.log.Commands;
import dev.tidemark.log.CompactedTopic;
import dev.tidemark.log.LogAdmin;
import dev.tidemark.log.LogConnection;
import dev.tidemark.log.LogTopics;
import dev.tidemark.schemas.change.TreeName;
import dev.tidemark.schemas.codec.Records;
import dev.tidemark.schemas.cursor.StandbyCommand;
import dev.tidemark.schemas.cursor.StandbyStatus;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** The standbys of one tree. */
public final class Fleet {
  /** In place of names: every standby that has ever reported. */
  public static final String ALL = "all";

  private final LogConnection connection;
  private final LogTopics topics;
  private final TreeName tree;

  private Fleet(LogConnection connection, LogTopics topics, TreeName tree) {
    this.connection = connection;
    this.topics = topics;
    this.tree = tree;
  }

  public static Fleet of(TreeName tree, LogConnection connection) throws IOException {
    try (LogAdmin admin = LogAdmin.connect(connection)) {
      return new Fleet(connection, admin.requireTopics(), tree);
    }
  }

  /** What each standby reported last, by its name. */
  public Map<String, StandbyStatus> statuses() throws IOException {
    Map<String, StandbyStatus> statuses = new TreeMap<>();
    for (byte[] value : CompactedTopic.read(connection, topics.standbys()).values()) {
      StandbyStatus status = Records.decodeStandbyStatus(value);
      if (status.tree().equals(tree)) {
        statuses.put(status.standby(), status);
      }
    }
    return statuses;
  }

  /**
   * The standbys that are meant.
   *
   * @throws ArgumentException if one of that name has never reported
   */
  public Set<String> named(List<String> wanted) throws IOException {
    Set<String> known = statuses().keySet();
    if (known.isEmpty()) {
      throw new ArgumentException(
          "tree %s has no standbys; `tidemark mirror` begins one".formatted(tree));
    }
    if (wanted.equals(List.of(ALL))) {
      return known;
    }
    for (String name : wanted) {
      if (!known.contains(name)) {
        throw new ArgumentException(
            "tree %s has no standby %s. It has: %s"
                .formatted(tree, name, String.join(", ", known)));
      }
    }
    return new TreeSet<>(wanted);
  }

  /** Puts commands into the log; returns when all are acknowledged. */
  public void send(List<StandbyCommand> commands) throws IOException, InterruptedException {
    Commands.send(connection, topics, commands);
  }
}
