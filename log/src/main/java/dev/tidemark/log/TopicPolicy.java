package dev.tidemark.log;

import dev.tidemark.schemas.topic.TopicContract.TopicSpec;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.TopicDescription;

/** Compares a topic on the broker with what it must be. */
final class TopicPolicy {
  /** How long records stay is the operator's choice; the contract has the default. */
  private static final Set<String> OPERATORS_CHOICE = Set.of("retention.ms");

  /** More is as good. */
  private static final String MINIMUM_IN_SYNC = "min.insync.replicas";

  private TopicPolicy() {}

  /**
   * More partitions or copies than expected do no harm: keys are placed by the descriptor's count.
   */
  static void requireCounts(TopicSpec expected, TopicDescription actual)
      throws TopicPolicyException {
    int partitions = actual.partitions().size();
    if (partitions < expected.partitions()) {
      throw new TopicPolicyException(
          ("Topic %s has %d partitions, expected at least %d. Ask for %d, or delete the topics (and"
                  + " what they hold) and create them again.")
              .formatted(expected.name(), partitions, expected.partitions(), partitions));
    }
    int replication = replication(actual);
    if (replication < expected.replication()) {
      throw new TopicPolicyException(
          ("Topic %s has a replication factor of %d, expected at least %d. Raise it with"
                  + " kafka-reassign-partitions.sh, or ask for %d.")
              .formatted(expected.name(), replication, expected.replication(), replication));
    }
  }

  static void requireSettings(TopicSpec expected, Config actual) throws TopicPolicyException {
    for (Map.Entry<String, String> setting : expected.settings().entrySet()) {
      String key = setting.getKey();
      ConfigEntry entry = actual.get(key);
      String got = entry == null || entry.value() == null ? "" : entry.value();
      if (!OPERATORS_CHOICE.contains(key) && !suffices(key, got, setting.getValue())) {
        throw new TopicPolicyException(
            ("Topic %s has %s=%s, expected %s: otherwise data could be lost unseen. Mend it with"
                    + " kafka-configs.sh --alter --topic %s --add-config %s=%s")
                .formatted(
                    expected.name(),
                    key,
                    got,
                    setting.getValue(),
                    expected.name(),
                    key,
                    setting.getValue()));
      }
    }
  }

  /** The least over the partitions. */
  static int replication(TopicDescription topic) {
    return topic.partitions().stream()
        .mapToInt(partition -> partition.replicas().size())
        .min()
        .orElse(0);
  }

  static boolean hasAllLeaders(TopicDescription topic) {
    return topic.partitions().stream()
        .allMatch(partition -> partition.leader() != null && !partition.leader().isEmpty());
  }

  private static boolean suffices(String key, String got, String expected) {
    if (key.equals(MINIMUM_IN_SYNC) && !got.isEmpty()) {
      return Integer.parseInt(got) >= Integer.parseInt(expected);
    }
    return got.equals(expected);
  }
}
