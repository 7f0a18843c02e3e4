package dev.tidemark.cli.process;

import dev.tidemark.log.CompactedTopic;
import dev.tidemark.log.Follower;
import dev.tidemark.log.LogConnection;
import dev.tidemark.log.LogTopics;
import dev.tidemark.schemas.change.TreeName;
import dev.tidemark.schemas.codec.Records;
import dev.tidemark.schemas.cursor.Head;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The newest head of each tree, followed in the background. Thread-safe. */
final class HeadBoard implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(HeadBoard.class);

  private final Map<String, Head> heads = new ConcurrentHashMap<>();
  private final Follower follower;

  private HeadBoard(LogConnection connection, LogTopics topics) {
    this.follower = CompactedTopic.follow(connection, topics.heads(), this::onValue);
  }

  static HeadBoard follow(LogConnection connection, LogTopics topics) {
    return new HeadBoard(connection, topics);
  }

  Optional<Head> find(TreeName tree) {
    return Optional.ofNullable(heads.get(tree.value()));
  }

  private void onValue(String key, byte @Nullable [] value) {
    if (value == null) {
      heads.remove(key);
      return;
    }
    try {
      heads.put(key, Records.decodeHead(value));
    } catch (IOException e) {
      log.atWarn().setCause(e).addKeyValue("tree", key).log("head that cannot be read");
    }
  }

  @Override
  public void close() {
    follower.close();
  }
}
