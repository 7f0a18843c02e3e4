package dev.tidemark.cli.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.cli.CommandRun;
import dev.tidemark.cli.endtoend.BrokerUser.Deed;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.acl.AclBindingFilter;
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

  private static List<?> aclsOf(String principal) throws Exception {
    Map<String, Object> settings = new HashMap<>(SecuredBroker.client(SecuredBroker.ADMIN));
    settings.put("bootstrap.servers", broker.address());
    try (Admin admin = Admin.create(settings)) {
      return admin.describeAcls(AclBindingFilter.ANY).values().get().stream()
          .filter(acl -> acl.entry().principal().equals(principal))
          .toList();
    }
  }
}
