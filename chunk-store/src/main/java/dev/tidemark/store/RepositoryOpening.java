package dev.tidemark.store;

import dev.tidemark.log.DescriptorConflictException;
import dev.tidemark.log.Descriptors;
import dev.tidemark.log.LogConnection;
import dev.tidemark.log.LogTopics;
import dev.tidemark.repository.Repository;
import dev.tidemark.repository.RepositoryExistsException;
import dev.tidemark.repository.RepositoryMissingException;
import dev.tidemark.repository.blob.BlobStore;
import dev.tidemark.schemas.change.Bytes;
import dev.tidemark.schemas.chunk.ChunkBounds;
import dev.tidemark.schemas.topic.RepositoryDescriptor;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.Optional;
import java.util.UUID;

/**
 * Brings repository and log together: both name the same repository when this returns. A new one is
 * made in the store first and published then, so that a crash between the two leaves something to
 * go on with.
 */
final class RepositoryOpening {
  private final LogConnection log;
  private final LogTopics topics;
  private final SecureRandom random;
  private final InstantSource clock;

  RepositoryOpening(LogConnection log, LogTopics topics, SecureRandom random, InstantSource clock) {
    this.log = log;
    this.topics = topics;
    this.random = random;
    this.clock = clock;
  }

  /** Opens or makes the repository of {@code store}, which it owns from then on. */
  Repository open(BlobStore store) throws IOException {
    Optional<RepositoryDescriptor> published = Descriptors.find(log, topics);
    Repository repository = openOrCreate(store, published);
    RepositoryDescriptor descriptor = repository.descriptor();
    if (published.isPresent() && !published.get().id().equals(descriptor.id())) {
      throw new ChunkStoreRefusedException(
          ("Topic %s belongs to repository %s, but %s holds repository %s. Give the location of the"
                  + " first, or another topic prefix or broker for the second.")
              .formatted(
                  topics.repository().name(),
                  published.get().id(),
                  store.location(),
                  descriptor.id()));
    }
    try {
      Descriptors.publish(log, topics, descriptor);
    } catch (DescriptorConflictException e) {
      throw new ChunkStoreRefusedException(
          "Repository at %s: %s".formatted(store.location(), e.getMessage()), e);
    }
    return repository;
  }

  private Repository openOrCreate(BlobStore store, Optional<RepositoryDescriptor> published)
      throws IOException {
    try {
      return Repository.open(store);
    } catch (RepositoryMissingException missing) {
      if (published.isPresent()) {
        throw new ChunkStoreRefusedException(
            ("There is no repository at %s, but topic %s belongs to repository %s, of which chunks"
                    + " are already known as stored. Give its location; or, if it is gone for good,"
                    + " make a new one in its place with `tidemark rebuild`.")
                .formatted(store.location(), topics.repository().name(), published.get().id()),
            missing);
      }
    }
    byte[] seed = new byte[RepositoryDescriptor.SEED_BYTES];
    random.nextBytes(seed);

    try {
      return Repository.create(
          store,
          new RepositoryDescriptor(
              UUID.randomUUID(),
              RepositoryDescriptor.FORMAT_VERSION,
              clock.millis(),
              ChunkBounds.DEFAULT,
              Bytes.of(seed),
              topics.chunks().partitions(),
              topics.changes().partitions()));
    } catch (RepositoryExistsException raced) {
      return Repository.open(store);
    }
  }
}
