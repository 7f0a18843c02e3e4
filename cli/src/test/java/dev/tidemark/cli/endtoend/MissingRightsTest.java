package dev.tidemark.cli.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tidemark.cli.CommandRun;
import dev.tidemark.log.Descriptors;
import dev.tidemark.log.LogAdmin;
import dev.tidemark.log.LogConnection;
import dev.tidemark.log.LogRights;
import dev.tidemark.log.access.Right;
import dev.tidemark.log.access.Role;
import dev.tidemark.log.access.RoleRights;
import dev.tidemark.repository.Repository;
import dev.tidemark.schemas.change.Bytes;
import dev.tidemark.schemas.chunk.ChunkBounds;
import dev.tidemark.schemas.topic.RepositoryDescriptor;
import dev.tidemark.schemas.topic.TopicContract;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A right that is missing is named by who needs it, with the user, the topic and the remedy. */
final class MissingRightsTest {
  private static final String PREFIX = "acme.";

  @TempDir private static Path shared;
  private static SecuredBroker broker;
  private static String repository;

  @TempDir private Path dir;

  @BeforeAll
  static void startBroker() throws Exception {
    List<String> users = List.of("stranger", "watcher", "store", "standby", "operator");
    broker = SecuredBroker.start(shared.resolve("broker"), users, Map.of());
    assertThat(as(SecuredBroker.ADMIN, "topics", "create").exitCode()).isZero();
    RepositoryDescriptor descriptor =
        new RepositoryDescriptor(
            UUID.randomUUID(),
            RepositoryDescriptor.FORMAT_VERSION,
            1,
            ChunkBounds.DEFAULT,
            Bytes.of(new byte[RepositoryDescriptor.SEED_BYTES]),
            TopicContract.DEFAULT_CHUNKS_PARTITIONS,
            TopicContract.DEFAULT_CHANGES_PARTITIONS);
    repository = shared.resolve("repository").toString();
    Repository.create(Repository.openStore(repository), descriptor).close();
    try (LogAdmin admin = LogAdmin.connect(administrator())) {
      Descriptors.publish(administrator(), admin.requireTopics(), descriptor);
    }
  }

  @AfterAll
  static void stopBroker() {
    broker.close();
  }

  private static LogConnection administrator() {
    return new LogConnection(broker.address(), PREFIX, SecuredBroker.client(SecuredBroker.ADMIN));
  }

  private static CommandRun as(String user, String... args) throws Exception {
    Stream<String> more =
        Stream.of(
            "--bootstrap-server",
            broker.address(),
            "--topic-prefix",
            PREFIX,
            "--client-properties",
            broker.clientFile(user).toString());
    return CommandRun.of(Stream.concat(Stream.of(args), more).toArray(String[]::new));
  }

  /** Gives a user of the role's name all that it needs but for some of it. */
  private static void giveAllBut(Role role, Predicate<Right> without) throws Exception {
    try (LogRights access = LogRights.open(administrator())) {
      List<Right> rights = RoleRights.of(role, PREFIX);
      access.give("User:" + role.word(), rights);
      List<Right> taken = rights.stream().filter(without).toList();
      assertThat(taken).isNotEmpty();
      access.take("User:" + role.word(), taken);
      // What may not be used may still be looked at.
      access.give(
          "User:" + role.word(),
          taken.stream()
              .filter(right -> right.resource() == Right.Resource.TOPIC)
              .map(MissingRightsTest::look)
              .toList());
      awaitMissing(role, rights, taken);
    }
  }

  private static Right look(Right right) {
    return new Right(
        right.resource(), right.name(), right.match(), Right.Operation.DESCRIBE, "looks");
  }

  /** The controller has it a moment before the broker. */
  private static void awaitMissing(Role role, List<Right> rights, List<Right> missing) {
    LogConnection user =
        new LogConnection(broker.address(), PREFIX, SecuredBroker.client(role.word()));
    try (LogRights access = LogRights.open(user)) {
      await()
          .atMost(Waiting.LIMIT)
          .untilAsserted(
              () ->
                  assertThat(access.compare(rights).missing())
                      .containsExactlyInAnyOrderElementsOf(missing));
    }
  }

  private CommandRun run(Role role, String user) throws Exception {
    String data = dir.resolve("data").toString();
    Path source = Files.createDirectories(dir.resolve("source"));
    Files.writeString(source.resolve("index.html"), "first");
    return switch (role) {
      case WATCHER -> as(user, "watch", "web=" + source, "--data", data);
      case STORE -> as(user, "store", "--repository", repository, "--data", data);
      case OPERATOR -> as(user, "tag", "web", "good");
      case STANDBY, MEMBER -> throw new AssertionError("goes on until it has the right");
    };
  }

  private static void assertNames(CommandRun run, String user, String resource, Role role) {
    assertThat(run.exitCode()).as(run.err()).isEqualTo(1);
    assertThat(run.err())
        .contains("does not allow User:" + user)
        .contains(resource)
        .contains(
            "tidemark topics acl --role %s --principal User:%s --topic-prefix acme. --apply"
                .formatted(role.word(), user))
        .contains("tidemark doctor --role " + role.word())
        .doesNotContain(SecuredBroker.password(user))
        .doesNotContain("\tat ");
  }

  @ParameterizedTest
  @CsvSource({"WATCHER", "STORE", "OPERATOR"})
  void whoHasNoRightsAtAllIsTold(Role role) throws Exception {
    assertNames(run(role, "stranger"), "stranger", "topic acme.", role);
  }

  @ParameterizedTest
  @CsvSource({"chunks,WRITE", "changes,WRITE", "heads,READ", "repository,READ"})
  void aWatcherStopsAndNamesTheTopic(String topic, Right.Operation operation) throws Exception {
    String name = PREFIX + topic;
    giveAllBut(Role.WATCHER, right -> right.name().equals(name) && right.operation() == operation);

    assertNames(run(Role.WATCHER, "watcher"), "watcher", "topic " + name, Role.WATCHER);
  }

  @Test
  void aChunkStoreThatMayNotUseItsGroupNamesIt() throws Exception {
    giveAllBut(Role.STORE, right -> right.resource() == Right.Resource.GROUP);

    assertNames(run(Role.STORE, "store"), "store", "group acme.store", Role.STORE);
  }

  @Test
  void doctorNamesTransactionsThatMayNotBeBegun() throws Exception {
    giveAllBut(Role.STORE, right -> right.resource() == Right.Resource.TRANSACTIONAL_ID);

    CommandRun doctor = as("store", "doctor", "--role", "store");

    assertThat(doctor.out()).contains("transactional-id acme.store-: User:store may not Write");
  }

  @Test
  void aWrongPasswordIsToldWithTheUserAndNotThePassword() throws Exception {
    Map<String, String> wrong = SecuredBroker.client("watcher");
    wrong.computeIfPresent("sasl.jaas.config", (_, login) -> login.replace("password-of-", "not-"));
    Path file = SecuredBroker.write(dir.resolve("wrong.properties"), wrong);

    CommandRun run =
        CommandRun.of(
            "topics",
            "create",
            "--bootstrap-server",
            broker.address(),
            "--client-properties",
            file.toString());

    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err())
        .contains("refused the login of User:watcher")
        .contains("Check user, password and certificates")
        .doesNotContain("not-watcher");
  }

  @Test
  void aTokenIsALoginToo() throws Exception {
    Path file =
        SecuredBroker.write(dir.resolve("token.properties"), SecuredBroker.tokenClient("operator"));
    try (LogRights access = LogRights.open(administrator())) {
      access.give("User:operator", RoleRights.of(Role.OPERATOR, PREFIX));
    }
    awaitMissing(Role.OPERATOR, RoleRights.of(Role.OPERATOR, PREFIX), List.of());

    CommandRun run =
        CommandRun.of(
            "doctor",
            "--role",
            "operator",
            "--topic-prefix",
            PREFIX,
            "--bootstrap-server",
            broker.address(),
            "--client-properties",
            file.toString());

    assertThat(run.exitCode()).as(run.out() + run.err()).isZero();
  }
}
