package dev.tidemark.cli.doctor;

import dev.tidemark.log.BrokerUnreachableException;
import dev.tidemark.log.Descriptors;
import dev.tidemark.log.LogAdmin;
import dev.tidemark.log.LogConnection;
import dev.tidemark.log.LogTopics;
import dev.tidemark.repository.Repository;
import dev.tidemark.repository.RepositoryMissingException;
import dev.tidemark.repository.blob.BlobStore;
import dev.tidemark.schemas.topic.RepositoryDescriptor;
import java.io.IOException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** Looks at everything that can be reached, in the order in which one thing rests on another. */
public final class Doctor {
  private final Optional<String> repositoryUrl;
  private final Optional<LogConnection> log;
  private final InstantSource clock;

  /**
   * @param repositoryUrl empty if none is named
   * @param log empty if none is named, or none runs
   */
  public Doctor(Optional<String> repositoryUrl, Optional<LogConnection> log, InstantSource clock) {
    this.repositoryUrl = repositoryUrl;
    this.log = log;
    this.clock = clock;
  }

  /**
   * All checks that make sense; where something is missing, nothing is said of what rests on it.
   */
  public List<Check> examine() {
    List<Check> checks = new ArrayList<>();
    Optional<UUID> repository = repositoryUrl.flatMap(url -> checkRepository(url, checks));
    if (log.isPresent()) {
      checkLog(log.get(), repository, checks);
    }
    return List.copyOf(checks);
  }

  private static Optional<UUID> checkRepository(String url, List<Check> checks) {
    try (BlobStore store = Repository.openStore(url)) {
      UUID id = Repository.open(store).descriptor().id();
      checks.add(Check.fine("repository", "%s at %s".formatted(id, url)));
      return Optional.of(id);
    } catch (RepositoryMissingException e) {
      checks.add(
          Check.bad(
              "repository",
              new Finding(
                  url,
                  "there is no repository",
                  "check the path and its mount, or the bucket; a chunk-store makes one where the"
                      + " log belongs to none yet, and `tidemark rebuild` in the place of one that"
                      + " is lost for good")));
    } catch (IOException e) {
      checks.add(
          Check.bad(
              "repository",
              new Finding(
                  url,
                  "cannot be read: " + text(e),
                  "make it reachable: until then nothing is sealed, and the log keeps it for the"
                      + " retention of chunks")));
    }
    return Optional.empty();
  }

  private void checkLog(LogConnection connection, Optional<UUID> repository, List<Check> checks) {
    try (LogAdmin admin = LogAdmin.connect(connection)) {
      checks.add(Check.fine("broker", connection.bootstrapServers() + " answers"));
      Optional<LogTopics> topics = checkTopics(admin, checks);
      if (topics.isPresent()) {
        checkOwner(connection, topics.get(), repository, checks);
        new LogDoctor(connection, admin, topics.get(), clock).examine(checks);
      }
    } catch (BrokerUnreachableException e) {
      checks.add(
          Check.bad(
              "broker",
              new Finding(
                  connection.bootstrapServers(),
                  text(e),
                  "start it, or correct the address; watchers go on by themselves when it is"
                      + " back")));
    } catch (IOException e) {
      checks.add(
          Check.bad(
              "broker",
              new Finding(
                  connection.bootstrapServers(),
                  text(e),
                  "mend what it says, and run this again")));
    }
  }

  private static Optional<LogTopics> checkTopics(LogAdmin admin, List<Check> checks)
      throws IOException {
    try {
      LogTopics topics = admin.requireTopics();
      checks.add(
          Check.fine(
              "topics",
              "all there, chunks in %d and changes in %d partitions"
                  .formatted(topics.chunks().partitions(), topics.changes().partitions())));
      return Optional.of(topics);
    } catch (BrokerUnreachableException e) {
      throw e;
    } catch (IOException e) {
      checks.add(
          Check.bad(
              "topics", new Finding("topics", text(e), "do what it says: nothing runs before")));
      return Optional.empty();
    }
  }

  private static void checkOwner(
      LogConnection connection, LogTopics topics, Optional<UUID> repository, List<Check> checks)
      throws IOException {
    Optional<UUID> owner = Descriptors.find(connection, topics).map(RepositoryDescriptor::id);
    if (owner.isEmpty()) {
      checks.add(
          Check.bad(
              "owner",
              new Finding(
                  topics.repository().name(),
                  "the log belongs to no repository yet",
                  "start `tidemark store` once: watchers wait for that")));
    } else if (repository.isPresent() && !repository.equals(owner)) {
      checks.add(
          Check.bad(
              "owner",
              new Finding(
                  topics.repository().name(),
                  "the log belongs to repository %s, not to %s"
                      .formatted(owner.get(), repository.get()),
                  "name the location of the first, or the --topic-prefix or broker of the"
                      + " second")));
    } else {
      checks.add(Check.fine("owner", "the log belongs to repository " + owner.get()));
    }
  }

  private static String text(IOException e) {
    return e.getMessage() == null ? e.toString() : e.getMessage();
  }
}
