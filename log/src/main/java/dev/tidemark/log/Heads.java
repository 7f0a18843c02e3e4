package dev.tidemark.log;

import dev.tidemark.schemas.change.TreeName;
import dev.tidemark.schemas.codec.Records;
import dev.tidemark.schemas.cursor.Head;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** The heads of the trees, as the cataloguer last told them. */
public final class Heads {
  private Heads() {}

  /** The head of one tree; empty if the cataloguer has accepted nothing of it yet. */
  public static Optional<Head> find(LogConnection connection, LogTopics topics, TreeName tree)
      throws IOException {
    byte[] value = CompactedTopic.read(connection, topics.heads()).get(tree.value());
    return value == null ? Optional.empty() : Optional.of(decode(topics, tree.value(), value));
  }

  /** All heads in the order of the trees' names. */
  public static Map<TreeName, Head> readAll(LogConnection connection, LogTopics topics)
      throws IOException {
    Map<TreeName, Head> heads = new TreeMap<>();
    for (var entry : CompactedTopic.read(connection, topics.heads()).entrySet()) {
      Head head = decode(topics, entry.getKey(), entry.getValue());
      heads.put(head.tree(), head);
    }
    return heads;
  }

  private static Head decode(LogTopics topics, String key, byte[] value) throws IOException {
    try {
      return Records.decodeHead(value);
    } catch (IOException e) {
      throw new IOException(
          ("Topic %s, key %s: %s. It was written by a newer version, or by another program; upgrade"
                  + " this one.")
              .formatted(topics.heads().name(), key, e.getMessage()),
          e);
    }
  }
}
