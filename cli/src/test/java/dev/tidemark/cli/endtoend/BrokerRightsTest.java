package dev.tidemark.cli.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.cli.CommandRun;
import dev.tidemark.cli.endtoend.BrokerUser.Deed;
import dev.tidemark.log.LogAdmin;
import dev.tidemark.log.LogConnection;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclBindingFilter;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.internals.Topic;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What the credentials of each role can and cannot do, on a broker that checks rights. The table of
 * docs/security.md is this one.
 */
final class BrokerRightsTest {
  private static final String ACME = "acme.";

  /** A tenant whose prefix begins with the other's. */
  private static final String EU = "acme.eu.";

  private static final List<String> ROLES =
      List.of("watcher", "store", "standby", "member", "operator");
  private static final List<String> TOPICS =
      List.of(
          "chunks",
          "changes",
          "watermarks",
          "heads",
          "standbys",
          "repository",
          "condemned",
          "released",
          "commands");

  @TempDir private static Path dir;
  private static SecuredBroker broker;

  @BeforeAll
  static void startBroker() throws Exception {
    List<String> users = new ArrayList<>(ROLES);
    ROLES.forEach(role -> users.add("eu-" + role));
    users.addAll(List.of("both", "onlooker", "reader"));
    broker = SecuredBroker.start(dir.resolve("broker"), users, Map.of());
    for (String prefix : List.of(ACME, EU)) {
      assertSucceeds(admin("topics", "create", "--topic-prefix", prefix));
      // Something is there to be read, for who may.
      BrokerUser admin = new BrokerUser(broker.address(), SecuredBroker.ADMIN);
      for (String topic : TOPICS) {
        assertThat(admin.may(Deed.WRITE, prefix + topic)).isTrue();
      }
    }
    for (String role : ROLES) {
      assertSucceeds(acl(role, "User:" + role, ACME, "--apply"));
      assertSucceeds(acl(role, "User:eu-" + role, EU, "--apply"));
    }
  }

  @AfterAll
  static void stopBroker() {
    broker.close();
  }

  private static CommandRun acl(String role, String principal, String prefix, String... more)
      throws Exception {
    Stream<String> words =
        Stream.of(
            "topics", "acl", "--role", role, "--principal", principal, "--topic-prefix", prefix);
    return admin(Stream.concat(words, Stream.of(more)).toArray(String[]::new));
  }

  private static CommandRun admin(String... args) throws Exception {
    return as(SecuredBroker.ADMIN, args);
  }

  private static CommandRun as(String user, String... args) throws Exception {
    Stream<String> more =
        Stream.of(
            "--bootstrap-server",
            broker.address(),
            "--client-properties",
            broker.clientFile(user).toString());
    return CommandRun.of(Stream.concat(Stream.of(args), more).toArray(String[]::new));
  }

  private static void assertSucceeds(CommandRun run) {
    assertThat(run.exitCode()).as(run.out() + run.err()).isZero();
  }

  private static boolean may(String user, Deed deed, String name) throws Exception {
    return new BrokerUser(broker.address(), user).may(deed, name);
  }

  /** Each line says all that a role reads and writes, and so what it cannot. */
  @ParameterizedTest
  @CsvSource({
    "watcher,  READ,  heads repository",
    "watcher,  WRITE, chunks changes",
    "standby,  READ,  chunks changes repository commands",
    "standby,  WRITE, standbys",
    "member,   READ,  chunks changes heads repository commands",
    "member,   WRITE, chunks changes standbys",
    "store,    READ,  chunks changes watermarks heads repository condemned released",
    "store,    WRITE, watermarks heads repository released",
    "operator, READ,  chunks changes watermarks heads standbys repository released",
    "operator, WRITE, changes commands condemned released"
  })
  void aRoleReadsAndWritesTheseTopicsAndNoOthers(String role, Deed deed, String topics)
      throws Exception {
    List<String> allowed = new ArrayList<>();
    for (String topic : TOPICS) {
      if (may(role, deed, ACME + topic)) {
        allowed.add(topic);
      }
    }

    assertThat(allowed).containsExactlyInAnyOrder(topics.split(" "));
  }

  static List<List<String>> rolesAndTheirTopics() {
    List<List<String>> rows = new ArrayList<>();
    ROLES.forEach(role -> TOPICS.forEach(topic -> rows.add(List.of(role, topic))));
    return rows;
  }

  @ParameterizedTest
  @MethodSource("rolesAndTheirTopics")
  void nobodyDeletesOrChangesATopicOrGivesRights(List<String> roleAndTopic) throws Exception {
    String role = roleAndTopic.getFirst();
    String topic = ACME + roleAndTopic.getLast();
    for (Deed deed :
        List.of(
            Deed.DELETE_RECORDS,
            Deed.DELETE_TOPIC,
            Deed.ALTER_CONFIGS,
            Deed.ADD_PARTITIONS,
            Deed.GIVE_RIGHT)) {
      assertThat(may(role, deed, topic)).as("%s %s %s", role, deed, topic).isFalse();
    }
  }

  @ParameterizedTest
  @CsvSource({"watcher", "standby", "member", "operator"})
  void onlyTheChunkStoreTouchesItsGroupItsStateAndItsTransactions(String role) throws Exception {
    assertThat(may(role, Deed.SET_OFFSETS, ACME + "store")).isFalse();
    assertThat(may(role, Deed.FENCE, ACME + "store-")).isFalse();
    assertThat(may(role, Deed.CREATE_TOPIC, ACME + "store-heads-changelog")).isFalse();
    assertThat(may(role, Deed.CREATE_TOPIC, ACME + "mine")).isFalse();
  }

  @Test
  void theChunkStoreHasItsGroupAndItsTransactionsAndMakesNoOtherTopics() throws Exception {
    assertThat(may("store", Deed.SET_OFFSETS, ACME + "store")).isTrue();
    assertThat(may("store", Deed.FENCE, ACME + "store-")).isTrue();
    assertThat(may("store", Deed.CREATE_TOPIC, ACME + "mine")).isFalse();
    assertThat(may("store", Deed.CREATE_TOPIC, ACME + "store-other-changelog")).isFalse();
  }

  @ParameterizedTest
  @CsvSource({"watcher", "store", "standby", "member", "operator"})
  void aTenantTouchesNothingOfAnotherWhosePrefixBeginsOrEndsSo(String role) throws Exception {
    assertTouchesNothing(role, EU);
    assertTouchesNothing("eu-" + role, ACME);
  }

  private static void assertTouchesNothing(String user, String prefix) throws Exception {
    for (String topic : TOPICS) {
      assertThat(may(user, Deed.READ, prefix + topic)).as("%s reads %s", user, topic).isFalse();
      assertThat(may(user, Deed.WRITE, prefix + topic)).as("%s writes %s", user, topic).isFalse();
    }
    assertThat(may(user, Deed.SET_OFFSETS, prefix + "store")).isFalse();
    assertThat(may(user, Deed.FENCE, prefix + "store-")).isFalse();
    assertThat(may(user, Deed.CREATE_TOPIC, prefix + "store-pending-changelog")).isFalse();
  }

  @ParameterizedTest
  @CsvSource({"watcher", "store", "standby", "member", "operator"})
  void doctorFindsThatARoleHasItsRightsAndNoOthers(String role) throws Exception {
    CommandRun run = as(role, "doctor", "--role", role, "--topic-prefix", ACME);

    assertSucceeds(run);
    assertThat(run.out()).contains("User:" + role).contains("no findings");
  }

  @Test
  void doctorNamesEachRightThatIsMissingAndHowItIsGiven() throws Exception {
    CommandRun run = as("watcher", "doctor", "--role", "standby", "--topic-prefix", ACME);

    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.out())
        .contains("topic acme.chunks: User:watcher may not Read")
        .contains("topic acme.standbys: User:watcher may not Write")
        .contains(
            "tidemark topics acl --role standby --principal User:watcher --topic-prefix acme.")
        .contains("may do more than the role standby needs")
        .contains("acme.changes WRITE");
  }

  @Test
  void doctorTellsAnAdministratorFromAUser() throws Exception {
    CommandRun run =
        as(SecuredBroker.ADMIN, "doctor", "--role", "store", "--topic-prefix", ACME, "--json");

    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.out()).contains("may do everything").doesNotContain("may not");
  }

  @Test
  void rightsAreTakenAwayAgain() throws Exception {
    assertSucceeds(acl("operator", "User:guest", ACME, "--apply"));
    assertSucceeds(acl("operator", "User:guest", ACME, "--remove"));

    CommandRun removed = acl("operator", "User:guest", ACME, "--remove", "--json");

    assertSucceeds(removed);
    assertThat(removed.out()).contains("\"done\":\"taken away\"");
    assertThat(aclsOf("User:guest")).isEmpty();
    assertThat(aclsOf("User:operator")).isNotEmpty();
  }

  @Test
  void whatAnotherRoleOfTheSameUserNeedsIsKeptAndNamed() throws Exception {
    assertSucceeds(acl("watcher", "User:both", ACME, "--apply"));
    assertSucceeds(acl("operator", "User:both", ACME, "--apply"));

    CommandRun removed = acl("watcher", "User:both", ACME, "--remove");

    assertSucceeds(removed);
    assertThat(removed.err())
        .contains("are kept, since User:both has all rights of another role")
        .contains("topic acme.changes Write: operator")
        .contains("topic acme.heads Read: operator");
    assertThat(removed.out()).contains("--topic acme.chunks").doesNotContain("acme.heads");
    assertThat(may("both", Deed.WRITE, ACME + "chunks")).isFalse();
    CommandRun doctor = as("both", "doctor", "--role", "operator", "--topic-prefix", ACME);
    assertThat(doctor.out()).as(doctor.err()).contains("no findings");

    assertSucceeds(acl("operator", "User:both", ACME, "--remove"));
    assertThat(aclsOf("User:both")).isEmpty();
  }

  @Test
  void toLookAtTransactionsIsNotToWriteThem() throws Exception {
    assertSucceeds(acl("store", "User:onlooker", ACME, "--apply"));
    ResourcePattern transactions =
        new ResourcePattern(ResourceType.TRANSACTIONAL_ID, ACME + "store-", PatternType.PREFIXED);
    try (Admin admin = adminClient()) {
      admin
          .deleteAcls(
              List.of(binding(transactions, "User:onlooker", AclOperation.WRITE).toFilter()))
          .all()
          .get();
      admin
          .createAcls(List.of(binding(transactions, "User:onlooker", AclOperation.DESCRIBE)))
          .all()
          .get();
    }

    CommandRun run = as("onlooker", "doctor", "--role", "store", "--topic-prefix", ACME);

    assertThat(run.exitCode()).as(run.out()).isEqualTo(1);
    assertThat(run.out()).contains("transactional-id acme.store-: User:onlooker may not Write");
  }

  /**
   * Others' groups keep their offsets in the same partition, in transactions that are not shown.
   */
  @Test
  void aTransactionThatMayNotBeLookedAtIsNotTakenForOneThatHangs() throws Exception {
    assertSucceeds(acl("store", "User:reader", ACME, "--apply"));
    Map<String, Object> foreign = new HashMap<>(SecuredBroker.client(SecuredBroker.ADMIN));
    foreign.put("bootstrap.servers", broker.address());
    foreign.put("transactional.id", "foreign");
    Map<String, Object> ofGroup = new HashMap<>(SecuredBroker.client(SecuredBroker.ADMIN));
    ofGroup.put("bootstrap.servers", broker.address());
    ofGroup.put("group.id", "foreign-group");
    try (Admin admin = adminClient();
        Consumer<byte[], byte[]> consumer =
            new KafkaConsumer<>(ofGroup, new ByteArrayDeserializer(), new ByteArrayDeserializer());
        Producer<byte[], byte[]> producer =
            new KafkaProducer<>(foreign, new ByteArraySerializer(), new ByteArraySerializer())) {
      ResourcePattern offsets =
          new ResourcePattern(
              ResourceType.TOPIC, Topic.GROUP_METADATA_TOPIC_NAME, PatternType.LITERAL);
      producer.initTransactions();
      producer.beginTransaction();
      producer.sendOffsetsToTransaction(
          Map.of(new TopicPartition(ACME + "heads", 0), new OffsetAndMetadata(0)),
          consumer.groupMetadata());
      admin.createAcls(List.of(binding(offsets, "User:reader", AclOperation.READ))).all().get();
      LogConnection connection =
          new LogConnection(broker.address(), ACME, SecuredBroker.client("reader"));

      try (LogAdmin looking = LogAdmin.connect(connection)) {
        assertThat(looking.abortHangingTransactions(ACME + "store")).isZero();
      }

      producer.commitTransaction();
    }
  }

  private static Admin adminClient() {
    Map<String, Object> settings = new HashMap<>(SecuredBroker.client(SecuredBroker.ADMIN));
    settings.put("bootstrap.servers", broker.address());
    return Admin.create(settings);
  }

  private static AclBinding binding(
      ResourcePattern resource, String principal, AclOperation operation) {
    return new AclBinding(
        resource, new AccessControlEntry(principal, "*", operation, AclPermissionType.ALLOW));
  }

  private static List<?> aclsOf(String principal) throws Exception {
    try (Admin admin = adminClient()) {
      return admin.describeAcls(AclBindingFilter.ANY).values().get().stream()
          .filter(acl -> acl.entry().principal().equals(principal))
          .toList();
    }
  }
}
