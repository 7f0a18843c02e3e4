package dev.tidemark.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.broker.EmbeddedBroker;
import dev.tidemark.log.LogAdmin;
import dev.tidemark.log.LogConnection;
import dev.tidemark.repository.Repository;
import dev.tidemark.schemas.change.Bytes;
import dev.tidemark.schemas.chunk.ChunkBounds;
import dev.tidemark.schemas.topic.RepositoryDescriptor;
import dev.tidemark.schemas.topic.TopicContract;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a broker or a repository can be wrong in: one clear sentence each, and nothing is changed.
 */
final class BadBrokerInputTest {
  @TempDir private static Path brokerFolder;
  private static EmbeddedBroker broker;

  @TempDir private Path dir;
  private Path source;

  @BeforeAll
  static void startBroker() throws IOException {
    broker = EmbeddedBroker.start(brokerFolder);
  }

  @AfterAll
  static void stopBroker() throws IOException {
    broker.close();
  }

  @BeforeEach
  void createSource() throws IOException {
    source = Files.createDirectory(dir.resolve("source"));
  }

  @Test
  void topicsThatAreMissingAreNamedWithTheCommandThatMakesThem() throws IOException {
    Path repository = dir.resolve("repository");

    for (CommandRun run :
        List.of(
            run("store", "--topic-prefix", "none.", "--repository", repository.toString()),
            run("watch", "web=" + source, "--topic-prefix", "none."))) {
      assertThat(run.err()).contains("none.changes").contains("tidemark topics create");
      assertFailed(run);
    }
    assertThat(repository.resolve("tidemark.json")).doesNotExist();
  }

  @Test
  void aTopicWithAnotherPolicyIsNamedWithWhatIsExpected() throws Exception {
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrapServers()))) {
      admin
          .createTopics(
              List.of(
                  new NewTopic("wrong.changes", 4, (short) 1)
                      .configs(Map.of("message.timestamp.type", "CreateTime"))))
          .all()
          .get();
    }

    CommandRun run = run("topics", "create", "--topic-prefix", "wrong.");

    assertThat(run.err())
        .contains("wrong.changes")
        .contains("message.timestamp.type")
        .contains("LogAppendTime");
    assertFailed(run);
  }

  @Test
  void aRepositoryOfAnotherIdIsRefusedAndBothAreNamed() throws IOException {
    String prefix = "other.";
    assertThat(run("topics", "create", "--topic-prefix", prefix).exitCode()).isZero();
    UUID logs = create(dir.resolve("first"));
    UUID given = create(dir.resolve("second"));
    LogConnection log = new LogConnection(broker.bootstrapServers(), prefix, Map.of());
    try (LogAdmin admin = LogAdmin.connect(log);
        Repository first = Repository.open(Repository.openStore(dir.resolve("first").toString()))) {
      dev.tidemark.log.Descriptors.publish(log, admin.requireTopics(), first.descriptor());
    }

    CommandRun run =
        run("store", "--topic-prefix", prefix, "--repository", dir.resolve("second").toString());

    assertThat(run.err()).contains(logs.toString()).contains(given.toString());
    assertFailed(run);
  }

  @Test
  void aRepositoryOfAnotherFormatVersionIsRefused() throws IOException {
    Path repository = dir.resolve("newer");
    create(repository);
    Path file = repository.resolve("tidemark.json");
    String newer =
        Files.readString(file, UTF_8).replaceFirst("(\"formatVersion\"\\s*:\\s*)\\d+", "$1" + 99);
    Files.delete(file);
    Files.writeString(file, newer, UTF_8);

    CommandRun run = CommandRun.of("trees", "--repository", repository.toString());

    assertThat(run.err()).contains(repository.toString()).contains("99");
    assertFailed(run);
  }

  @Test
  void aClientPropertiesFileThatIsMissingIsNamed() {
    CommandRun run = run("topics", "create", "--client-properties", dir.resolve("none").toString());

    assertThat(run.err()).contains(dir.resolve("none") + " does not exist");
    assertFailed(run);
  }

  @Test
  void aClientPropertiesFileNamedByTheEnvironmentIsReadAsWell() throws IOException {
    Path file = Files.writeString(dir.resolve("kafka.properties"), "acks=0\n");
    String[] args = {"topics", "create", "--bootstrap-server", broker.bootstrapServers()};

    CommandRun run = CommandRun.in(Map.of("TIDEMARK_CLIENT_PROPERTIES", file.toString()), args);

    assertThat(run.err()).contains(file + " sets acks");
    assertFailed(run);
  }

  private UUID create(Path repository) throws IOException {
    RepositoryDescriptor descriptor =
        new RepositoryDescriptor(
            UUID.randomUUID(),
            RepositoryDescriptor.FORMAT_VERSION,
            1,
            ChunkBounds.DEFAULT,
            Bytes.of(new byte[RepositoryDescriptor.SEED_BYTES]),
            TopicContract.DEFAULT_CHUNKS_PARTITIONS,
            TopicContract.DEFAULT_CHANGES_PARTITIONS);
    Repository.create(Repository.openStore(repository.toString()), descriptor).close();
    return descriptor.id();
  }

  private CommandRun run(String... args) {
    Stream<String> more = Stream.of("--bootstrap-server", broker.bootstrapServers());
    Stream<String> data =
        args[0].equals("topics") ? Stream.empty() : Stream.of("--data", dir.resolve("d") + "");
    return CommandRun.of(
        Stream.of(Stream.of(args), more, data).flatMap(all -> all).toArray(String[]::new));
  }

  private static void assertFailed(CommandRun run) {
    assertThat(run.exitCode()).as(run.err()).isEqualTo(ExitCode.FAILURE.number());
    assertThat(run.err()).doesNotContain("\tat ");
    assertThat(run.out()).isEmpty();
  }
}
