package dev.tidemark.store;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.common.GroupState;
import org.awaitility.Awaitility;

/** Which chunk-stores the broker has given partitions to. */
final class Members implements AutoCloseable {
  private final Admin admin;
  private final String group;

  Members(TestCluster cluster, Path folder) {
    admin = Admin.create(cluster.connection.clientSettings());
    group = cluster.config(folder).applicationId();
  }

  /** Waits until exactly these processes share the partitions, and none moves. */
  void awaitOwners(Path... states) throws Exception {
    Set<String> expected = new TreeSet<>();
    for (Path state : states) {
      Awaitility.await()
          .atMost(Duration.ofSeconds(60))
          .until(() -> Files.exists(state.resolve("instance-id")));
      expected.add(Files.readString(state.resolve("instance-id")).strip());
    }
    Awaitility.await()
        .alias("owners " + List.of(states))
        .atMost(Duration.ofSeconds(90))
        .pollInterval(Duration.ofMillis(100))
        .ignoreExceptions()
        .until(() -> owners().equals(expected));
  }

  private Set<String> owners() throws Exception {
    ConsumerGroupDescription description =
        Objects.requireNonNull(admin.describeConsumerGroups(List.of(group)).all().get().get(group));
    if (description.groupState() != GroupState.STABLE) {
      return Set.of();
    }
    return description.members().stream()
        .filter(member -> !member.assignment().topicPartitions().isEmpty())
        .map(member -> member.groupInstanceId().orElseThrow().replaceFirst("-\\d+$", ""))
        .collect(Collectors.toSet());
  }

  @Override
  public void close() {
    admin.close();
  }
}
