package dev.tidemark.store;

import dev.tidemark.log.Descriptors;
import dev.tidemark.log.Heads;
import dev.tidemark.log.LogAdmin;
import dev.tidemark.log.LogConnection;
import dev.tidemark.log.LogTopics;
import dev.tidemark.repository.Repository;
import dev.tidemark.repository.RepositoryMissingException;
import dev.tidemark.repository.blob.BlobStore;
import dev.tidemark.schemas.change.TreeName;
import dev.tidemark.schemas.cursor.Head;
import dev.tidemark.schemas.topic.RepositoryDescriptor;
import java.io.IOException;
import java.time.InstantSource;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;

/**
 * Puts a new repository in the place of one that is lost.
 *
 * <p>The log knows chunks as stored that were in the lost one, watchers leave out the bodies of
 * such chunks, and no part could tell which of them are gone. So the log is made anew with the
 * repository: all that is known about a log is bound to the ids of its topics, and on seeing others
 * each watcher publishes its tree whole, as it does after the loss of a cluster.
 *
 * <ol>
 *   <li>The new repository is made. It names the lost one and where sequences begin.
 *   <li>The topics are deleted, {@code repository} last, and made again.
 *   <li>The topic {@code repository} names the new one.
 * </ol>
 *
 * <p>After a crash behind the first step the same is asked for again, and goes on; behind the
 * second, the next chunk-store does the third.
 */
public final class RepositoryRebuild {
  private final LogConnection log;
  private final BlobStore store;
  private final RepositoryDescriptor lost;
  private final SortedMap<TreeName, Head> trees;

  private RepositoryRebuild(
      LogConnection log,
      BlobStore store,
      RepositoryDescriptor lost,
      SortedMap<TreeName, Head> trees) {
    this.log = log;
    this.store = store;
    this.lost = lost;
    this.trees = trees;
  }

  /**
   * Looks at what is lost; changes nothing.
   *
   * @param store where the new repository is to be; stays the caller's to close
   * @throws ChunkStoreRefusedException if nothing is lost as far as can be seen
   */
  public static RepositoryRebuild plan(LogConnection log, BlobStore store) throws IOException {
    LogTopics topics = topics(log);
    RepositoryDescriptor lost =
        Descriptors.find(log, topics)
            .orElseThrow(
                () ->
                    new ChunkStoreRefusedException(
                        "Topic %s names no repository, so none is lost. Start `tidemark store` or `tidemark up`."
                            .formatted(topics.repository().name())));
    Optional<RepositoryDescriptor> there = descriptorIn(store);
    if (there.isPresent() && !there.get().replaces().equals(Optional.of(lost.id()))) {
      boolean same = there.get().id().equals(lost.id());
      throw new ChunkStoreRefusedException(
          same
              ? "Repository %s is there, at %s. Nothing is rebuilt; `tidemark verify` tells whether it is whole."
                  .formatted(lost.id(), store.location())
              : ("%s holds repository %s, not %s, which is lost. Choose a place that holds none.")
                  .formatted(store.location(), there.get().id(), lost.id()));
    }
    return new RepositoryRebuild(log, store, lost, new TreeMap<>(Heads.readAll(log, topics)));
  }

  private static LogTopics topics(LogConnection log) throws IOException {
    try (LogAdmin admin = LogAdmin.connect(log)) {
      return admin.requireTopics();
    }
  }

  private static Optional<RepositoryDescriptor> descriptorIn(BlobStore store) throws IOException {
    try {
      return Optional.of(Repository.open(store).descriptor());
    } catch (RepositoryMissingException _) {
      return Optional.empty();
    }
  }

  /** The repository that is lost. */
  public UUID lost() {
    return lost.id();
  }

  /** The trees that it had, as far as the log tells. */
  public SortedMap<TreeName, Head> trees() {
    return trees;
  }

  /**
   * Does it. No chunk-store may run meanwhile.
   *
   * @return the new repository
   */
  public RepositoryDescriptor carryOut(InstantSource clock) throws IOException {
    try (LogAdmin admin = LogAdmin.connect(log)) {
      // Before anything is made: a repository that a chunk-store works on is not lost.
      admin.awaitUnused(ChunkStoreConfig.applicationId(log));
      store.prepareForPuts();
      Optional<RepositoryDescriptor> begun = descriptorIn(store);
      RepositoryDescriptor successor = begun.isPresent() ? begun.get() : create(clock);
      LogTopics topics = admin.remakeTopics(ChunkStoreConfig.applicationId(log));
      return Descriptors.publish(log, topics, successor);
    }
  }

  private RepositoryDescriptor create(InstantSource clock) throws IOException {
    long last =
        trees.values().stream().mapToLong(head -> head.accepted().sequence()).max().orElse(0);
    return Repository.create(store, lost.successor(UUID.randomUUID(), clock.millis(), last))
        .descriptor();
  }
}
