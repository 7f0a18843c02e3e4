package dev.tidemark.log;

import static dev.tidemark.log.LogFailures.PATIENCE;

import dev.tidemark.schemas.topic.TopicContract;
import dev.tidemark.schemas.topic.TopicContract.TopicSpec;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.AbortTransactionSpec;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.DescribeTopicsOptions;
import org.apache.kafka.clients.admin.ListTopicsOptions;
import org.apache.kafka.clients.admin.ProducerState;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.admin.TransactionListing;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.errors.TransactionalIdNotFoundException;
import org.apache.kafka.common.internals.Topic;
import org.apache.kafka.common.utils.Utils;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends transactions that are open in a partition although their coordinator knows nothing of it: a
 * broker that was killed between the two leaves them (KIP-664). Nobody would ever end them, and
 * readers of committed records stand still before them for good, restoring of state among them.
 */
final class HangingTransactions {
  private static final Logger log = LoggerFactory.getLogger(HangingTransactions.class);

  /** A group's offsets are in the partition that its name's hash gives. */
  private static final String OFFSETS = Topic.GROUP_METADATA_TOPIC_NAME;

  private static final String NOBODY = "-nobody-";

  private final LogConnection connection;
  private final Admin admin;

  HangingTransactions(LogConnection connection, Admin admin) {
    this.connection = connection;
    this.admin = admin;
  }

  /** One writer's open transaction in one partition. */
  private record Open(
      TopicPartition partition, long producer, int epoch, long start, int coordinatorEpoch) {}

  /**
   * Looks at all partitions of our topics and of the application's, and, where that may be read, at
   * the one that holds the committed offsets of {@code group}.
   *
   * @return how many were aborted
   */
  int abort(String group) throws IOException {
    List<TopicPartition> partitions = partitions(group);
    if (partitions.stream().noneMatch(partition -> partition.topic().equals(OFFSETS))) {
      log.atInfo()
          .addKeyValue("topic", OFFSETS)
          .log(
              "the rights of this user do not reach to what a killed broker may have left open in"
                  + " there; if committed offsets cannot be had, an administrator finds it by"
                  + " `kafka-transactions.sh find-hanging`");
    }
    Set<Open> before = open(partitions);
    if (before.isEmpty()) {
      return 0;
    }
    before.removeIf(known()::contains);
    if (before.stream().anyMatch(HangingTransactions::isOfOffsets) && !seesAllTransactions()) {
      // Others' groups are in that partition, too, and their transactions are not shown to us.
      before.removeIf(HangingTransactions::isOfOffsets);
      log.atInfo()
          .addKeyValue("topic", OFFSETS)
          .log(
              "a transaction is open there that is not one of those which this user may look at; if"
                  + " committed offsets cannot be had, an administrator finds out by"
                  + " `kafka-transactions.sh find-hanging`");
    }
    // One that ended between the two looks is no longer open.
    before.retainAll(open(partitions));
    for (Open hanging : before) {
      abort(hanging);
      log.atWarn()
          .addKeyValue("partition", hanging.partition())
          .addKeyValue("producerId", hanging.producer())
          .addKeyValue("offset", hanging.start())
          .log("transaction that a killed broker had left open was aborted");
    }
    return before.size();
  }

  private static boolean isOfOffsets(Open open) {
    return open.partition().topic().equals(OFFSETS);
  }

  /** Who may look at one that nobody has or is given a right on may look at all. */
  private boolean seesAllTransactions() throws IOException {
    try {
      await(
          "looking at transactions of " + NOBODY,
          admin.describeTransactions(List.of(NOBODY)).description(NOBODY));
      return true;
    } catch (AccessDeniedByBrokerException e) {
      return false;
    } catch (IOException e) {
      if (e.getCause() instanceof TransactionalIdNotFoundException) {
        return true;
      }
      throw e;
    }
  }

  private void abort(Open hanging) throws IOException {
    try {
      await(
          "ending a hanging transaction",
          admin
              .abortTransaction(
                  new AbortTransactionSpec(
                      hanging.partition(),
                      hanging.producer(),
                      (short) hanging.epoch(),
                      hanging.coordinatorEpoch()))
              .all());
    } catch (AccessDeniedByBrokerException e) {
      throw new IOException(
          ("%s has a transaction open at offset %d that a killed broker has left, and readers stand"
                  + " still before it. To end it takes a right on the cluster, which chunk-stores"
                  + " do not have. Let an administrator run: kafka-transactions.sh"
                  + " --bootstrap-server %s abort --topic %s --partition %d --start-offset %d")
              .formatted(
                  hanging.partition(),
                  hanging.start(),
                  connection.bootstrapServers(),
                  hanging.partition().topic(),
                  hanging.partition().partition(),
                  hanging.start()),
          e);
    }
  }

  private List<TopicPartition> partitions(String group) throws IOException {
    Set<String> ours =
        new TopicContract(connection.topicPrefix(), 1, 1, 1)
            .all().stream().map(TopicSpec::name).collect(Collectors.toSet());
    Set<String> names =
        new HashSet<>(
            await(
                "listing topics",
                admin.listTopics(new ListTopicsOptions().listInternal(true)).names()));
    // Those of a longer prefix are another installation's. What may not be looked at is not listed.
    names.removeIf(
        name -> !ours.contains(name) && !name.startsWith(group + "-") && !name.equals(OFFSETS));
    List<TopicPartition> partitions = new ArrayList<>();
    await(
            "describing topics",
            admin
                .describeTopics(
                    names, new DescribeTopicsOptions().includeAuthorizedOperations(true))
                .allTopicNames())
        .forEach(
            (name, topic) -> {
              if (!mayRead(topic)) {
                return;
              }
              int count = topic.partitions().size();
              if (name.equals(OFFSETS)) {
                partitions.add(new TopicPartition(name, Utils.abs(group.hashCode()) % count));
              } else {
                for (int partition = 0; partition < count; partition++) {
                  partitions.add(new TopicPartition(name, partition));
                }
              }
            });
    return partitions;
  }

  /** Who may look at a topic only is refused together with all others that are asked about. */
  private static boolean mayRead(TopicDescription topic) {
    Set<AclOperation> allowed = topic.authorizedOperations();
    return allowed == null || allowed.contains(AclOperation.READ);
  }

  private Set<Open> open(List<TopicPartition> partitions) throws IOException {
    Set<Open> open = new HashSet<>();
    await("describing producers", admin.describeProducers(partitions).all())
        .forEach(
            (partition, state) -> {
              for (ProducerState producer : state.activeProducers()) {
                producer
                    .currentTransactionStartOffset()
                    .ifPresent(start -> open.add(open(partition, producer, start)));
              }
            });
    return open;
  }

  private static Open open(TopicPartition partition, ProducerState producer, long start) {
    return new Open(
        partition,
        producer.producerId(),
        producer.producerEpoch(),
        start,
        producer.coordinatorEpoch().orElse(-1));
  }

  /** What coordinators will end: by producer, the partitions of its transaction. */
  private Known known() throws IOException {
    List<String> ids =
        await("listing transactions", admin.listTransactions().all()).stream()
            .map(TransactionListing::transactionalId)
            .toList();
    Map<Long, Set<TopicPartition>> partitions = new HashMap<>();
    await("describing transactions", admin.describeTransactions(ids).all())
        .values()
        .forEach(
            transaction ->
                partitions
                    .computeIfAbsent(transaction.producerId(), _ -> new HashSet<>())
                    .addAll(transaction.topicPartitions()));
    return new Known(partitions);
  }

  private record Known(Map<Long, Set<TopicPartition>> partitions) {
    boolean contains(Open open) {
      return partitions.getOrDefault(open.producer(), Set.of()).contains(open.partition());
    }
  }

  private <T> T await(String doing, KafkaFuture<T> future) throws IOException {
    return LogFailures.await(connection, doing, future, PATIENCE);
  }
}
