package dev.tidemark.cli;

import dev.tidemark.cli.argument.ArgumentException;
import dev.tidemark.cli.process.DataFolder;
import dev.tidemark.log.BrokerUnreachableException;
import dev.tidemark.log.LogAdmin;
import dev.tidemark.log.LogConnection;
import dev.tidemark.log.MissingTopicException;
import dev.tidemark.log.access.Role;
import dev.tidemark.repository.Repository;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Where a command that reads finds repository and log. */
final class ReadOptions {
  @Mixin private DataOption data = new DataOption();

  @Option(
      names = "--repository",
      paramLabel = "URL",
      description =
          "Read this repository in place of that of a data folder: " + RepositoryUrl.FORMS + ".")
  private @Nullable String repository;

  @Mixin private BrokerOptions broker = new BrokerOptions();

  /**
   * What there is to read.
   *
   * @param role what {@code folder} is, for messages
   * @param folder nothing may be written into it; empty if the repository is in no folder
   * @param log empty if no broker runs or none was named: then only what is sealed can be read
   */
  record Place(
      String repositoryUrl, String role, Optional<Path> folder, Optional<LogConnection> log) {}

  /**
   * Finds repository and log. The broker of an {@code up} that runs on the data folder is found by
   * itself.
   *
   * @throws CommandException if nothing was ever backed up there
   */
  Place find(Surroundings surroundings) throws IOException, CommandException {
    if (repository != null) {
      if (data.isGiven()) {
        throw new ArgumentException(
            "--data and --repository are both given: the first has a repository of its own");
      }
      return new Place(
          repository,
          "Repository",
          Repository.findFolder(repository),
          broker.isGiven()
              ? Optional.of(broker.require(surroundings).as(Role.OPERATOR))
              : Optional.empty());
    }
    DataFolder folder = data.folder(surroundings);
    if (!folder.isUsed()) {
      throw CommandException.noRepository(
          ("There is no Tidemark data at %s. Name the folder of an `up` with --data DIR, or a"
                  + " repository with --repository URL.")
              .formatted(folder.root()));
    }
    return new Place(
        folder.repository().toString(),
        "Data folder",
        Optional.of(folder.root()),
        broker.isGiven()
            ? Optional.of(broker.require(surroundings).as(Role.OPERATOR))
            : runningBroker(folder));
  }

  /** The data folder, if it is what is read. */
  Optional<DataFolder> dataFolder(Surroundings surroundings) {
    return repository == null ? Optional.of(data.folder(surroundings)) : Optional.empty();
  }

  /**
   * What there is to be examined; nothing of it is tried.
   *
   * @param repositoryUrl empty if only a broker is named, on a host without a repository
   * @param log empty if no broker runs or none was named
   */
  record Subject(Optional<String> repositoryUrl, Optional<LogConnection> log) {}

  /**
   * Finds repository and log without a look at either.
   *
   * @throws CommandException if nothing is named and nothing was ever backed up here
   */
  Subject findSubject(Surroundings surroundings) throws IOException, CommandException {
    DataFolder folder = data.folder(surroundings);
    boolean elsewhere = repository != null;
    if (!elsewhere && broker.isGiven() && !folder.isUsed()) {
      return new Subject(
          Optional.empty(), Optional.of(broker.require(surroundings).as(Role.OPERATOR)));
    }
    if (!elsewhere && !broker.isGiven() && folder.isUsed()) {
      Optional<String> address = folder.findRunningBroker();
      return new Subject(
          Optional.of(folder.repository().toString()),
          address.isEmpty() ? Optional.empty() : Optional.of(broker.connection(address.get())));
    }
    Place place = find(surroundings);
    return new Subject(Optional.of(place.repositoryUrl()), place.log());
  }

  /** The broker that is named, or that of the {@code up} that runs on the data folder. */
  LogConnection requireLog(Surroundings surroundings) throws IOException, CommandException {
    return broker.requireOrRunning(data, surroundings);
  }

  private Optional<LogConnection> runningBroker(DataFolder folder) throws IOException {
    Optional<String> address = folder.findRunningBroker();
    if (address.isEmpty()) {
      return Optional.empty();
    }
    LogConnection log = broker.connection(address.get());
    try (LogAdmin admin = LogAdmin.connect(log)) {
      admin.requireTopics();
      return Optional.of(log);
    } catch (BrokerUnreachableException e) {
      if (folder.findRunningBroker().isPresent()) {
        throw e;
      }
      // The `up` was just ending.
      return Optional.empty();
    } catch (MissingTopicException startingUp) {
      // An `up` on a new folder has a broker a moment before it has topics; nothing is in them.
      return Optional.empty();
    }
  }
}
