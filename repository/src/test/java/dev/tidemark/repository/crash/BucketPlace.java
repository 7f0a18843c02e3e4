package dev.tidemark.repository.crash;

import dev.tidemark.repository.Repository;
import dev.tidemark.repository.blob.BlobName;
import dev.tidemark.repository.blob.BlobStore;
import dev.tidemark.repository.blob.InMemoryBlobStore;
import dev.tidemark.testing.S3Server;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * A prefix of a bucket. A server gives each blob the time at which it was put, and none else; so
 * what age the blobs of the past have is written to a file, and {@link AgedStore} shows them as old
 * as that.
 *
 * @param ages lines of name, age, and the server's time
 */
record BucketPlace(String url, Path ages) implements CrashPlace {
  private static final int REQUESTS_AT_ONCE = 8;

  static BucketPlace create(URI endpoint, Path ages) {
    return new BucketPlace(S3Server.url(endpoint, "crash-" + UUID.randomUUID()), ages);
  }

  @Override
  public void fill(Map<BlobName, Aged> blobs) throws IOException {
    StringBuilder lines = new StringBuilder();
    try (BlobStore store = Repository.openStore(url)) {
      atOnce(
          blobs.entrySet().stream().toList(),
          blob -> store.replace(blob.getKey(), ByteBuffer.wrap(blob.getValue().bytes())));
      Map<BlobName, Long> puts = new HashMap<>();
      store.list("", status -> puts.put(status.name(), status.modifiedMillis()));
      blobs.forEach(
          (name, blob) ->
              lines.append(
                  "%s %d %d%n"
                      .formatted(name, blob.modifiedMillis(), puts.getOrDefault(name, -1L))));
    }
    Files.writeString(ages, lines);
  }

  @Override
  public BlobStore open() throws IOException {
    Map<BlobName, AgedStore.Age> known = new HashMap<>();
    for (String line : Files.readAllLines(ages)) {
      String[] fields = line.split(" ");
      known.put(
          new BlobName(fields[0]),
          new AgedStore.Age(Long.parseLong(fields[1]), Long.parseLong(fields[2])));
    }
    return new AgedStore(Repository.openStore(url), known);
  }

  @Override
  public InMemoryBlobStore copy() throws IOException {
    InMemoryBlobStore copy = new InMemoryBlobStore();
    try (BlobStore store = Repository.openStore(url)) {
      List<BlobName> names = new ArrayList<>();
      store.list("", status -> names.add(status.name()));
      atOnce(names, name -> copy.put(name, store.get(name)));
    }
    return copy;
  }

  private interface Step<T> {
    void run(T item) throws IOException;
  }

  private static <T> void atOnce(List<T> items, Step<T> step) throws IOException {
    try (ExecutorService threads = Executors.newFixedThreadPool(REQUESTS_AT_ONCE)) {
      List<Future<?>> running = new ArrayList<>();
      for (T item : items) {
        running.add(
            threads.submit(
                () -> {
                  step.run(item);
                  return null;
                }));
      }
      for (Future<?> one : running) {
        one.get();
      }
    } catch (ExecutionException e) {
      throw new IOException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  @Override
  public List<String> arguments() {
    return List.of(url, ages.toString());
  }

  @Override
  public Path output() {
    return ages.resolveSibling(ages.getFileName() + ".log");
  }
}
