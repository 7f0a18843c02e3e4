package dev.tidemark.cli;

import dev.tidemark.log.LogAdmin;
import dev.tidemark.log.LogConnection;
import dev.tidemark.schemas.topic.TopicContract;
import dev.tidemark.schemas.topic.TopicContract.TopicSpec;
import java.io.IOException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code tidemark topics}. */
@Command(
    name = "topics",
    description = "Make the topics on a broker, and say who may do what with them.")
final class TopicsCommand implements Runnable {
  private final Surroundings surroundings;

  @Spec private CommandSpec spec = CommandSpec.create();

  TopicsCommand(Surroundings surroundings) {
    this.surroundings = surroundings;
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "Expected `topics create` or `topics acl`.");
  }

  /** {@code tidemark topics create}. */
  @Command(
      name = "create",
      sortOptions = false,
      description =
          "Make the topics that are missing, and check the policies of those that are there."
              + " Nothing that exists is changed.")
  int create(
      @Mixin BrokerOptions broker,
      @Option(
              names = "--chunks-partitions",
              paramLabel = "N",
              defaultValue = "" + TopicContract.DEFAULT_CHUNKS_PARTITIONS,
              description =
                  "Partitions of chunks: how far chunk-stores scale. Default: ${DEFAULT-VALUE}")
          int chunksPartitions,
      @Option(
              names = "--changes-partitions",
              paramLabel = "N",
              defaultValue = "" + TopicContract.DEFAULT_CHANGES_PARTITIONS,
              description =
                  "Partitions of changes: over which trees spread. Default: ${DEFAULT-VALUE}")
          int changesPartitions,
      @Option(
              names = "--replication",
              paramLabel = "N",
              defaultValue = "1",
              description = "Copies of each partition; 3 for a cluster. Default: ${DEFAULT-VALUE}")
          int replication)
      throws IOException {
    LogConnection connection = broker.require(surroundings);
    TopicContract contract =
        new TopicContract(
            connection.topicPrefix(), chunksPartitions, changesPartitions, replication);
    try (LogAdmin admin = LogAdmin.connect(connection)) {
      admin.createTopics(contract);
    }
    for (TopicSpec topic : contract.all()) {
      surroundings
          .out()
          .printf(
              "%s  %d %s  %s%n",
              topic.name(),
              topic.partitions(),
              topic.partitions() == 1 ? "partition" : "partitions",
              topic.settings().get("cleanup.policy"));
    }
    return ExitCode.OK.number();
  }
}
