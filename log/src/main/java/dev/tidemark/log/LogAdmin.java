package dev.tidemark.log;

import dev.tidemark.schemas.topic.TopicContract;
import dev.tidemark.schemas.topic.TopicContract.TopicSpec;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes and checks the topics. Thread-safe. */
public final class LogAdmin implements AutoCloseable {
  /** How long {@link #connect(LogConnection)} waits for a first answer. */
  public static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);

  /** How long the news of a topic may take from one broker to the others. */
  private static final Duration SPREAD = Duration.ofSeconds(5);

  private static final Duration PAUSE = Duration.ofMillis(20);
  private static final Logger log = LoggerFactory.getLogger(LogAdmin.class);

  /** Longer than the session of a member of a group. */
  private static final Duration MEMBERSHIP = Duration.ofSeconds(60);

  private final LogConnection connection;
  private final Admin admin;
  private final String clusterId;

  private LogAdmin(LogConnection connection, Admin admin, String clusterId) {
    this.connection = connection;
    this.admin = admin;
    this.clusterId = clusterId;
  }

  /**
   * Connects and waits for an answer, for at most {@link #CONNECT_TIMEOUT}.
   *
   * @throws BrokerUnreachableException if none comes
   */
  public static LogAdmin connect(LogConnection connection) throws IOException {
    return connect(connection, CONNECT_TIMEOUT);
  }

  /** The same with a wait of the caller's choice. */
  public static LogAdmin connect(LogConnection connection, Duration timeout) throws IOException {
    Admin admin;
    try {
      admin =
          LogClients.admin(
              connection,
              Map.of(
                  "default.api.timeout.ms",
                  (int) LogFailures.PATIENCE.toMillis(),
                  "request.timeout.ms",
                  (int) Math.min(10_000, LogFailures.PATIENCE.toMillis()),
                  "reconnect.backoff.max.ms",
                  500));
    } catch (KafkaException e) {
      Throwable reason = e.getCause() == null ? e : e.getCause();
      throw new IOException(
          "No client for %s: %s. Check the address and the client properties."
              .formatted(connection.bootstrapServers(), reason.getMessage()),
          e);
    }
    try {
      String cluster =
          admin.describeCluster().clusterId().get(timeout.toMillis(), TimeUnit.MILLISECONDS);
      return new LogAdmin(connection, admin, cluster);
    } catch (TimeoutException e) {
      admin.close(Duration.ZERO);
      throw new BrokerUnreachableException(
          connection, timeout, new IOException("no connection", e));
    } catch (ExecutionException e) {
      admin.close(Duration.ZERO);
      throw LogFailures.translate(
          connection, "connecting", timeout, e.getCause() == null ? e : e.getCause());
    } catch (InterruptedException e) {
      admin.close(Duration.ZERO);
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while connecting");
    }
  }

  /** The identity that the cluster was given when it was formatted. */
  public String clusterId() {
    return clusterId;
  }

  /**
   * Ends transactions that a killed broker has left open in our topics, and those of a Streams
   * application under the same prefix, and of which no coordinator knows: before them, readers of
   * committed records would stand still for good. One that is under way is left alone.
   *
   * @param group whose committed offsets are looked at, too
   * @return how many there were
   */
  public int abortHangingTransactions(String group) throws IOException {
    return new HangingTransactions(connection, admin).abort(group);
  }

  /**
   * Makes the topics that are missing; returns when all have leaders. May be repeated, and by
   * several at once.
   *
   * @throws TopicPolicyException if a topic is there with other policies or too few partitions;
   *     nothing is changed about it
   * @throws IllegalArgumentException if the contract's prefix is not the connection's
   */
  public LogTopics createTopics(TopicContract contract) throws IOException {
    if (!contract.prefix().equals(connection.topicPrefix())) {
      throw new IllegalArgumentException(
          "contract for topics %s*, connection for %s*"
              .formatted(contract.prefix(), connection.topicPrefix()));
    }
    Map<String, TopicDescription> present = describe(contract.all());
    List<TopicSpec> missing =
        contract.all().stream().filter(topic -> !present.containsKey(topic.name())).toList();
    create(missing);
    Map<String, TopicDescription> all = missing.isEmpty() ? present : awaitLeaders(contract.all());
    for (TopicSpec topic : contract.all()) {
      TopicPolicy.requireCounts(topic, described(all, topic));
    }
    requirePolicies(contract.all());
    return handles(contract, all);
  }

  /**
   * The topics as they are, checked against the policies that they must have.
   *
   * @throws MissingTopicException if any is missing; names them all
   * @throws TopicPolicyException if one has a policy under which data could be lost
   */
  public LogTopics requireTopics() throws IOException {
    TopicContract any = contractFor(1);
    Map<String, TopicDescription> present = describe(any.all());
    List<String> missing =
        any.all().stream().map(TopicSpec::name).filter(name -> !present.containsKey(name)).toList();
    if (!missing.isEmpty()) {
      throw new MissingTopicException(
          ("The broker at %s has no topics %s. Make them with `tidemark topics create`, or check"
                  + " the topic prefix, which is \"%s\".")
              .formatted(
                  connection.bootstrapServers(),
                  String.join(", ", missing),
                  connection.topicPrefix()));
    }
    // What is asked of a topic depends on how often it is copied.
    List<TopicSpec> expected = new ArrayList<>();
    for (TopicSpec topic : any.all()) {
      int copies = TopicPolicy.replication(described(present, topic));
      contractFor(copies).all().stream()
          .filter(spec -> spec.name().equals(topic.name()))
          .forEach(expected::add);
    }
    requirePolicies(expected);
    return handles(any, present);
  }

  /**
   * Deletes the topics with all that is in them, and what a Streams application keeps beside them,
   * and makes them again with as many partitions and copies, under new ids. The topic {@code
   * repository} goes last: while it stands, it says to which repository the rest belongs. May be
   * repeated.
   *
   * @param group id of the application
   * @throws GroupInUseException if a process of the application runs a minute long; nothing is
   *     deleted then
   */
  public LogTopics remakeTopics(String group) throws IOException {
    TopicContract any = contractFor(1);
    Map<String, TopicDescription> present = describe(any.all());
    requireTopics();
    forgetGroup(group);
    List<String> names = new ArrayList<>(namesBeginningWith(group + "-"));
    any.all().stream().map(TopicSpec::name).forEach(names::add);
    names.remove(any.repository().name());
    delete(names);
    delete(List.of(any.repository().name()));
    TopicDescription changes = described(present, any.changes());
    return createTopics(
        new TopicContract(
            connection.topicPrefix(),
            described(present, any.chunks()).partitions().size(),
            changes.partitions().size(),
            TopicPolicy.replication(changes)));
  }

  private void forgetGroup(String group) throws IOException {
    awaitUnused(group);
    try {
      LogFailures.await(
          connection,
          "deleting the offsets of group " + group,
          admin.deleteConsumerGroups(List.of(group)).all(),
          LogFailures.PATIENCE);
    } catch (IOException e) {
      if (!(e.getCause() instanceof GroupIdNotFoundException)) {
        throw e;
      }
    }
  }

  private List<String> namesBeginningWith(String beginning) throws IOException {
    return LogFailures.await(
            connection, "listing topics", admin.listTopics().names(), LogFailures.PATIENCE)
        .stream()
        .filter(name -> name.startsWith(beginning))
        .toList();
  }

  /** Returns when no broker that is asked knows them any more. */
  private void delete(List<String> names) throws IOException {
    for (var deleted : admin.deleteTopics(names).topicNameValues().entrySet()) {
      try {
        LogFailures.await(
            connection,
            "deleting topic " + deleted.getKey(),
            deleted.getValue(),
            LogFailures.PATIENCE);
        log.atInfo().addKeyValue("topic", deleted.getKey()).log("topic deleted");
      } catch (IOException e) {
        if (!(e.getCause() instanceof UnknownTopicOrPartitionException)) {
          throw e;
        }
      }
    }
    long deadline = System.nanoTime() + LogFailures.PATIENCE.toNanos();
    while (namesBeginningWith(connection.topicPrefix()).stream().anyMatch(names::contains)) {
      if (System.nanoTime() - deadline > 0) {
        throw new BrokerUnreachableException(
            connection, "waiting until topics are deleted", LogFailures.PATIENCE);
      }
      LockSupport.parkNanos(PAUSE.toNanos());
    }
  }

  /**
   * Waits until nobody is in a group: a process that has ended belongs to it until the broker
   * misses it.
   *
   * @throws GroupInUseException if somebody is in it a minute long
   */
  public void awaitUnused(String group) throws IOException {
    long deadline = System.nanoTime() + MEMBERSHIP.toNanos();
    while (countMembers(group) > 0) {
      if (System.nanoTime() - deadline > 0) {
        throw new GroupInUseException(connection, group);
      }
      LockSupport.parkNanos(PAUSE.toNanos());
    }
  }

  /** How many consumers are members of a group at the moment. */
  public int countMembers(String group) throws IOException {
    try {
      return LogFailures.await(
              connection,
              "looking at group " + group,
              admin.describeConsumerGroups(List.of(group)).all(),
              LogFailures.PATIENCE)
          .values()
          .stream()
          .mapToInt(description -> description.members().size())
          .sum();
    } catch (IOException e) {
      if (e.getCause() instanceof GroupIdNotFoundException) {
        return 0;
      }
      throw e;
    }
  }

  /**
   * For how long a topic keeps its records: its setting {@code retention.ms}, which is the
   * operator's choice. As good as for ever where that is −1.
   */
  public Duration retention(TopicHandle topic) throws IOException {
    ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic.name());
    Config config = describeConfigs(List.of(resource)).get(resource);
    ConfigEntry entry = config == null ? null : config.get("retention.ms");
    if (entry == null || entry.value() == null) {
      throw new AssertionError("no retention of " + topic.name());
    }
    long millis = Long.parseLong(entry.value());
    return Duration.ofMillis(millis < 0 ? Long.MAX_VALUE : millis);
  }

  @Override
  public void close() {
    admin.close(Duration.ofSeconds(5));
  }

  private TopicContract contractFor(int replication) {
    return new TopicContract(connection.topicPrefix(), 1, 1, replication);
  }

  private void create(List<TopicSpec> missing) throws IOException {
    List<NewTopic> topics =
        missing.stream()
            .map(
                topic ->
                    new NewTopic(topic.name(), topic.partitions(), (short) topic.replication())
                        .configs(topic.settings()))
            .toList();
    Map<String, KafkaFuture<Void>> created = admin.createTopics(topics).values();
    for (TopicSpec topic : missing) {
      String name = topic.name();
      KafkaFuture<Void> future = created.get(name);
      if (future != null && awaitCreated(name, future)) {
        log.atInfo()
            .addKeyValue("topic", name)
            .addKeyValue("partitions", topic.partitions())
            .addKeyValue("replication", topic.replication())
            .log("topic created");
      }
    }
  }

  /** False if another process made it meanwhile: its policies are checked like any other's. */
  private boolean awaitCreated(String name, KafkaFuture<Void> future) throws IOException {
    try {
      LogFailures.await(connection, "creating topic " + name, future, LogFailures.PATIENCE);
      return true;
    } catch (IOException e) {
      if (e.getCause() instanceof TopicExistsException) {
        return false;
      }
      throw e;
    }
  }

  /** A topic is known to the controller a moment before each broker can tell its leaders. */
  private Map<String, TopicDescription> awaitLeaders(Collection<TopicSpec> topics)
      throws IOException {
    long deadline = System.nanoTime() + LogFailures.PATIENCE.toNanos();
    while (true) {
      Map<String, TopicDescription> present = describe(topics);
      boolean complete =
          present.size() == topics.size()
              && present.values().stream().allMatch(TopicPolicy::hasAllLeaders);
      if (complete) {
        return present;
      }
      if (System.nanoTime() - deadline > 0) {
        throw new BrokerUnreachableException(
            connection, "waiting for leaders of the new topics", LogFailures.PATIENCE);
      }
      LockSupport.parkNanos(PAUSE.toNanos());
    }
  }

  private Map<String, TopicDescription> describe(Collection<TopicSpec> topics) throws IOException {
    Map<String, KafkaFuture<TopicDescription>> futures =
        admin.describeTopics(topics.stream().map(TopicSpec::name).toList()).topicNameValues();
    Map<String, TopicDescription> present = new HashMap<>();
    for (var future : futures.entrySet()) {
      find(future.getKey(), future.getValue())
          .ifPresent(description -> present.put(future.getKey(), description));
    }
    return present;
  }

  private Optional<TopicDescription> find(String name, KafkaFuture<TopicDescription> future)
      throws IOException {
    try {
      return Optional.of(
          LogFailures.await(connection, "looking at topic " + name, future, LogFailures.PATIENCE));
    } catch (IOException e) {
      if (e.getCause() instanceof UnknownTopicOrPartitionException) {
        return Optional.empty();
      }
      throw e;
    }
  }

  private void requirePolicies(List<TopicSpec> topics) throws IOException {
    List<ConfigResource> resources =
        topics.stream()
            .map(topic -> new ConfigResource(ConfigResource.Type.TOPIC, topic.name()))
            .toList();
    Map<ConfigResource, Config> configs = describeConfigs(resources);
    for (TopicSpec topic : topics) {
      Config config = configs.get(new ConfigResource(ConfigResource.Type.TOPIC, topic.name()));
      if (config == null) {
        throw new AssertionError("no answer about " + topic.name());
      }
      TopicPolicy.requireSettings(topic, config);
    }
  }

  private Map<ConfigResource, Config> describeConfigs(List<ConfigResource> topics)
      throws IOException {
    long deadline = System.nanoTime() + SPREAD.toNanos();
    while (true) {
      try {
        return LogFailures.await(
            connection,
            "reading the policies of the topics",
            admin.describeConfigs(topics).all(),
            LogFailures.PATIENCE);
      } catch (IOException e) {
        boolean unknown = e.getCause() instanceof UnknownTopicOrPartitionException;
        if (!unknown || System.nanoTime() - deadline > 0) {
          throw e;
        }
        LockSupport.parkNanos(PAUSE.toNanos());
      }
    }
  }

  private static LogTopics handles(TopicContract contract, Map<String, TopicDescription> present) {
    return new LogTopics(
        handle(present, contract.chunks()),
        handle(present, contract.changes()),
        handle(present, contract.watermarks()),
        handle(present, contract.heads()),
        handle(present, contract.standbys()),
        handle(present, contract.repository()),
        handle(present, contract.condemned()),
        handle(present, contract.released()),
        handle(present, contract.commands()));
  }

  private static TopicHandle handle(Map<String, TopicDescription> present, TopicSpec topic) {
    TopicDescription description = described(present, topic);
    return new TopicHandle(
        topic.name(),
        new UUID(
            description.topicId().getMostSignificantBits(),
            description.topicId().getLeastSignificantBits()),
        description.partitions().size());
  }

  private static TopicDescription described(
      Map<String, TopicDescription> present, TopicSpec topic) {
    TopicDescription description = present.get(topic.name());
    if (description == null) {
      throw new AssertionError("no description of " + topic.name());
    }
    return description;
  }
}
