package dev.tidemark.log;

import dev.tidemark.log.access.Right;
import dev.tidemark.log.access.Right.Match;
import dev.tidemark.log.access.Right.Operation;
import dev.tidemark.log.access.Right.Resource;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.clients.admin.DescribeConsumerGroupsOptions;
import org.apache.kafka.clients.admin.DescribeTopicsOptions;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AccessControlEntryFilter;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclBindingFilter;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.apache.kafka.common.errors.SecurityDisabledException;
import org.apache.kafka.common.errors.TransactionalIdNotFoundException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourcePatternFilter;
import org.apache.kafka.common.resource.ResourceType;

/** Sets rights on a broker, and looks which of them the user of the connection has. */
public final class LogRights implements AutoCloseable {
  /** Ends an id that no instance of an application has, which ends with the number of a thread. */
  private static final String NOBODY = "nobody";

  private static final String EVERY_HOST = "*";

  private final LogConnection connection;
  private final Admin admin;

  private LogRights(LogConnection connection, Admin admin) {
    this.connection = connection;
    this.admin = admin;
  }

  /**
   * What was found of the rights that somebody should have.
   *
   * @param missing of those asked for
   * @param beyond by topic, what is allowed and was not asked for
   */
  public record Comparison(List<Right> missing, Map<String, Set<String>> beyond) {
    public Comparison {
      missing = List.copyOf(missing);
      beyond = Map.copyOf(beyond);
    }
  }

  /** Sends nothing yet. */
  public static LogRights open(LogConnection connection) {
    return new LogRights(
        connection,
        LogClients.admin(
            connection, Map.of("default.api.timeout.ms", (int) LogFailures.PATIENCE.toMillis())));
  }

  /**
   * Gives rights; those that are there stay.
   *
   * @throws IOException also if the broker checks no rights
   */
  public void give(String principal, Collection<Right> rights) throws IOException {
    await("setting access rights", admin.createAcls(bindings(principal, rights)).all());
  }

  /** Takes rights away; those that are not there are none. */
  public void take(String principal, Collection<Right> rights) throws IOException {
    await(
        "taking access rights away",
        admin
            .deleteAcls(bindings(principal, rights).stream().map(AclBinding::toFilter).toList())
            .all());
  }

  /** Which of some rights are in the broker's lists for somebody; asking takes an administrator. */
  public List<Right> listed(String principal, Collection<Right> rights) throws IOException {
    AclBindingFilter ofPrincipal =
        new AclBindingFilter(
            ResourcePatternFilter.ANY,
            new AccessControlEntryFilter(
                principal, EVERY_HOST, AclOperation.ANY, AclPermissionType.ALLOW));
    Set<AclBinding> listed =
        Set.copyOf(
            await(
                "listing access rights of " + principal, admin.describeAcls(ofPrincipal).values()));
    return rights.stream()
        .filter(right -> listed.containsAll(bindings(principal, List.of(right))))
        .toList();
  }

  private static List<AclBinding> bindings(String principal, Collection<Right> rights) {
    return rights.stream()
        .map(
            right ->
                new AclBinding(
                    new ResourcePattern(
                        switch (right.resource()) {
                          case TOPIC -> ResourceType.TOPIC;
                          case GROUP -> ResourceType.GROUP;
                          case TRANSACTIONAL_ID -> ResourceType.TRANSACTIONAL_ID;
                        },
                        right.name(),
                        right.match() == Match.LITERAL
                            ? PatternType.LITERAL
                            : PatternType.PREFIXED),
                    new AccessControlEntry(
                        principal,
                        EVERY_HOST,
                        operation(right.operation()),
                        AclPermissionType.ALLOW)))
        .toList();
  }

  /**
   * Asks the broker what the user of this connection may do; needs no right. What does not exist
   * yet cannot be asked about, and is passed over. Whether transactions may be written is tried, on
   * an id that nothing else has: the broker remembers it for a week.
   */
  public Comparison compare(Collection<Right> wanted) throws IOException {
    Map<String, Optional<Set<AclOperation>>> topics = topics(wanted);
    List<Right> missing = new ArrayList<>();
    for (Right right : wanted) {
      boolean has =
          switch (right.resource()) {
            case TOPIC -> allows(topics, right);
            case GROUP -> allowsGroup(right);
            case TRANSACTIONAL_ID -> allowsTransactions(right);
          };
      if (!has) {
        missing.add(right);
      }
    }
    return new Comparison(missing, beyond(topics, wanted));
  }

  /** By topic what is allowed; empty for one that does not exist, nothing for one not shown. */
  private Map<String, Optional<Set<AclOperation>>> topics(Collection<Right> wanted)
      throws IOException {
    Set<String> names = new TreeSet<>();
    wanted.stream()
        .filter(right -> right.resource() == Resource.TOPIC)
        .forEach(right -> names.add(right.name()));
    Map<String, Optional<Set<AclOperation>>> allowed = new HashMap<>();
    var asked =
        admin.describeTopics(names, new DescribeTopicsOptions().includeAuthorizedOperations(true));
    for (var topic : asked.topicNameValues().entrySet()) {
      try {
        allowed.put(
            topic.getKey(),
            Optional.of(
                await("looking at topic " + topic.getKey(), topic.getValue())
                    .authorizedOperations()));
      } catch (IOException e) {
        if (e.getCause() instanceof AuthorizationException) {
          allowed.put(topic.getKey(), Optional.of(Set.of()));
        } else if (e.getCause() instanceof UnknownTopicOrPartitionException) {
          allowed.put(topic.getKey(), Optional.empty());
        } else {
          throw e;
        }
      }
    }
    return allowed;
  }

  private static boolean allows(Map<String, Optional<Set<AclOperation>>> topics, Right right) {
    return topics
        .getOrDefault(right.name(), Optional.empty())
        .map(allowed -> allowed.contains(operation(right.operation())))
        .orElse(true);
  }

  private boolean allowsGroup(Right right) throws IOException {
    try {
      DescribeConsumerGroupsOptions options =
          new DescribeConsumerGroupsOptions().includeAuthorizedOperations(true);
      return await(
              "looking at group " + right.name(),
              admin.describeConsumerGroups(List.of(right.name()), options).all())
          .values()
          .stream()
          .map(ConsumerGroupDescription::authorizedOperations)
          .allMatch(allowed -> allowed == null || allowed.contains(operation(right.operation())));
    } catch (IOException e) {
      if (e.getCause() instanceof AuthorizationException) {
        return false;
      }
      if (e.getCause() instanceof GroupIdNotFoundException) {
        return true;
      }
      throw e;
    }
  }

  /** To look is not to write, and a broker tells of the one only by letting do the other. */
  private boolean allowsTransactions(Right right) throws IOException {
    if (!allowsToLookAtTransactions(right)) {
      return false;
    }
    if (right.operation() != Operation.WRITE) {
      return true;
    }
    String id = right.name() + NOBODY;
    try {
      await("beginning transactions of " + id, admin.fenceProducers(List.of(id)).all());
      return true;
    } catch (IOException e) {
      if (e.getCause() instanceof AuthorizationException) {
        return false;
      }
      throw e;
    }
  }

  private boolean allowsToLookAtTransactions(Right right) throws IOException {
    String id = right.name() + NOBODY;
    try {
      await(
          "looking at transactions of " + id,
          admin.describeTransactions(List.of(id)).description(id));
      return true;
    } catch (IOException e) {
      if (e.getCause() instanceof AuthorizationException) {
        return false;
      }
      if (e.getCause() instanceof TransactionalIdNotFoundException) {
        return true;
      }
      throw e;
    }
  }

  private static Map<String, Set<String>> beyond(
      Map<String, Optional<Set<AclOperation>>> topics, Collection<Right> wanted) {
    Map<String, Set<String>> beyond = new TreeMap<>();
    topics.forEach(
        (name, allowed) -> {
          Set<AclOperation> rest = EnumSet.noneOf(AclOperation.class);
          allowed.ifPresent(rest::addAll);
          rest.remove(AclOperation.DESCRIBE);
          wanted.stream()
              .filter(right -> right.resource() == Resource.TOPIC && right.name().equals(name))
              .forEach(right -> rest.remove(operation(right.operation())));
          if (!rest.isEmpty()) {
            Set<String> words = new TreeSet<>();
            rest.forEach(operation -> words.add(operation.name()));
            beyond.put(name, words);
          }
        });
    return beyond;
  }

  private static AclOperation operation(Operation operation) {
    return switch (operation) {
      case READ -> AclOperation.READ;
      case WRITE -> AclOperation.WRITE;
      case CREATE -> AclOperation.CREATE;
      case DESCRIBE -> AclOperation.DESCRIBE;
      case DESCRIBE_CONFIGS -> AclOperation.DESCRIBE_CONFIGS;
    };
  }

  private <T> T await(String doing, KafkaFuture<T> future) throws IOException {
    try {
      return LogFailures.await(connection, doing, future, LogFailures.PATIENCE);
    } catch (IOException e) {
      if (e.getCause() instanceof SecurityDisabledException) {
        throw new IOException(
            ("The broker at %s checks no rights: whoever reaches it may do everything. Set"
                    + " authorizer.class.name there (docs/security.md) first.")
                .formatted(connection.bootstrapServers()),
            e);
      }
      throw e;
    }
  }

  @Override
  public void close() {
    admin.close(LogFailures.PATIENCE);
  }
}
