package dev.tidemark.log.access;

import static dev.tidemark.log.access.Right.Operation.CREATE;
import static dev.tidemark.log.access.Right.Operation.DESCRIBE;
import static dev.tidemark.log.access.Right.Operation.DESCRIBE_CONFIGS;
import static dev.tidemark.log.access.Right.Operation.READ;
import static dev.tidemark.log.access.Right.Operation.WRITE;

import dev.tidemark.log.access.Right.Match;
import dev.tidemark.log.access.Right.Operation;
import dev.tidemark.log.access.Right.Resource;
import dev.tidemark.schemas.topic.TopicContract;
import dev.tidemark.schemas.topic.TopicContract.TopicSpec;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.regex.Pattern;

/**
 * The least that each role needs. Topics are named one by one, never by a prefix: a right on all
 * topics that begin with {@code a.} would be one on those of {@code a.b.} too, which are somebody
 * else's. A right goes for a topic as a whole, so that trees which must not touch each other want a
 * topic prefix each.
 */
public final class RoleRights {
  private static final Pattern PREFIX = Pattern.compile("([a-zA-Z0-9._-]{0,200}\\.)?");

  /** Transactional ids begin with the application's, and that of no other may begin so. */
  private static final Pattern OF_AN_APPLICATION = Pattern.compile("(.*\\.)?store-.*");

  /** The state of a chunk-store's tasks, as Kafka Streams names it. */
  private static final List<String> STATE =
      List.of("chunk-index", "pending", "chunk-partition", "heads");

  private final TopicContract contract;
  private final LinkedHashSet<Right> rights = new LinkedHashSet<>();

  private RoleRights(String topicPrefix) {
    contract = new TopicContract(topicPrefix, 1, 1, 1);
  }

  /**
   * What a role needs on the topics of a prefix.
   *
   * @throws IllegalArgumentException if rights on these topics would be rights on another's; for
   *     the user
   */
  public static List<Right> of(Role role, String topicPrefix) {
    requireApart(topicPrefix);
    RoleRights all = new RoleRights(topicPrefix);
    all.look();
    switch (role) {
      case WATCHER -> all.watch();
      case STORE -> all.store(topicPrefix);
      case STANDBY -> all.stand();
      case MEMBER -> {
        all.watch();
        all.stand();
      }
      case OPERATOR -> all.operate(topicPrefix);
    }
    return all.withoutIncluded();
  }

  /** The id of the chunk-stores' application: their group, and the beginning of its topics. */
  public static String storeApplication(String topicPrefix) {
    return topicPrefix + "store";
  }

  private static void requireApart(String topicPrefix) {
    if (!PREFIX.matcher(topicPrefix).matches()) {
      throw new IllegalArgumentException(
          ("topic prefix \"%s\": expected letters, digits, '.', '_' and '-' with '.' at the end, so"
                  + " that no other prefix makes the same names")
              .formatted(topicPrefix));
    }
    if (OF_AN_APPLICATION.matcher(topicPrefix).matches()) {
      throw new IllegalArgumentException(
          ("topic prefix \"%s\": no part of it may begin with \"store-\": so begin the"
                  + " transactions of the chunk-stores under the prefix before it")
              .formatted(topicPrefix));
    }
  }

  private void look() {
    for (TopicSpec topic : contract.all()) {
      add(topic, DESCRIBE, "is it there, and the same as before");
      add(topic, DESCRIBE_CONFIGS, "does it have the policies without which data is lost");
    }
  }

  private void watch() {
    add(contract.chunks(), WRITE, "sends frames");
    add(contract.changes(), WRITE, "sends changes");
    add(contract.heads(), READ, "who writes the tree, what is sealed, what to send again");
    add(contract.repository(), READ, "how to cut, and where chunks and changes go");
  }

  private void stand() {
    add(contract.changes(), READ, "follows them");
    add(contract.chunks(), READ, "the bytes of what changes");
    add(contract.repository(), READ, "where changes of a tree are");
    add(contract.commands(), READ, "is told to stand at an instant");
    add(contract.standbys(), WRITE, "tells where it stands");
  }

  private void store(String topicPrefix) {
    add(contract.chunks(), READ, "packs frames");
    add(contract.changes(), READ, "catalogues and seals changes");
    add(contract.condemned(), READ, "is asked by clean-up what is needed");
    add(contract.released(), WRITE, "answers clean-up");
    add(contract.released(), READ, "looks for transactions that a killed broker left open");
    add(contract.watermarks(), READ, "what is durable");
    add(contract.watermarks(), WRITE, "tells what is durable");
    add(contract.heads(), READ, "goes on where it stood");
    add(contract.heads(), WRITE, "tells what is accepted and sealed");
    add(contract.repository(), READ, "to which repository the log belongs");
    add(contract.repository(), WRITE, "binds a log that belongs to none");
    String application = storeApplication(topicPrefix);
    for (String state : STATE) {
      String topic = "%s-%s-changelog".formatted(application, state);
      String why = "the state of its tasks";
      for (Operation operation : List.of(CREATE, READ, WRITE, DESCRIBE_CONFIGS)) {
        rights.add(Right.onTopic(topic, operation, why));
      }
    }
    rights.add(
        new Right(
            Resource.GROUP, application, Match.LITERAL, READ, "shares partitions, keeps offsets"));
    rights.add(
        new Right(
            Resource.TRANSACTIONAL_ID,
            application + "-",
            Match.PREFIXED,
            WRITE,
            "each thread's transactions"));
  }

  private void operate(String topicPrefix) {
    add(contract.chunks(), READ, "restore of what is not sealed, repair");
    add(contract.changes(), READ, "ls, log, diff, restore of what is not sealed");
    add(contract.changes(), WRITE, "tag");
    add(contract.heads(), READ, "status, doctor, verify");
    add(contract.watermarks(), READ, "how old is what is not sealed");
    add(contract.standbys(), READ, "status, restore --on");
    add(contract.repository(), READ, "to which repository the log belongs");
    add(contract.commands(), WRITE, "restore --on, resume");
    add(contract.condemned(), WRITE, "retain asks what is needed");
    add(contract.released(), READ, "retain hears the answers");
    add(contract.released(), WRITE, "retain asks the broker for its time");
    rights.add(
        new Right(
            Resource.GROUP,
            storeApplication(topicPrefix),
            Match.LITERAL,
            DESCRIBE,
            "do chunk-stores run"));
  }

  private void add(TopicSpec topic, Operation operation, String why) {
    rights.add(Right.onTopic(topic.name(), operation, why));
  }

  /** Each once, and none that another one gives anyway. */
  private List<Right> withoutIncluded() {
    List<Right> least = new ArrayList<>();
    for (Right right : rights) {
      boolean given =
          rights.stream().anyMatch(other -> other.gives(right) && !other.isSame(right))
              || least.stream().anyMatch(right::isSame);
      if (!given) {
        least.add(right);
      }
    }
    return List.copyOf(least);
  }
}
