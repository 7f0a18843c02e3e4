package dev.tidemark.cli.metrics;

import dev.tidemark.repository.blob.BlobMissingException;
import dev.tidemark.repository.blob.BlobName;
import dev.tidemark.repository.blob.BlobStatus;
import dev.tidemark.repository.blob.BlobStore;
import dev.tidemark.repository.blob.PutOutcome;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** Counts and times the calls to a store, a folder or a bucket alike. */
public final class MeteredBlobStore implements BlobStore {
  private enum Operation {
    PUT,
    GET,
    GET_RANGE,
    LENGTH,
    LIST,
    DELETE,
    REPLACE
  }

  private enum Result {
    DONE,
    /** The blob is not there, which may be what was to be found out. */
    MISSING,
    FAILED
  }

  private interface Call<T> {
    T run() throws IOException;
  }

  private interface Effect {
    void run() throws IOException;
  }

  private final BlobStore store;
  private final Map<Operation, Map<Result, Timer>> timers = new EnumMap<>(Operation.class);

  public MeteredBlobStore(BlobStore store, Meters meters) {
    this.store = store;
    for (Operation operation : Operation.values()) {
      Map<Result, Timer> results = new EnumMap<>(Result.class);
      for (Result result : Result.values()) {
        Tags tags =
            Tags.of(
                "operation",
                operation.name().toLowerCase(Locale.ROOT),
                "result",
                result.name().toLowerCase(Locale.ROOT));
        results.put(
            result,
            meters.timer("tidemark_store_request", "Calls to the repository's store.", tags));
      }
      timers.put(operation, results);
    }
  }

  private <T> T timed(Operation operation, Call<T> call) throws IOException {
    long start = System.nanoTime();
    Result result = Result.FAILED;
    try {
      T value = call.run();
      result = Result.DONE;
      return value;
    } catch (BlobMissingException e) {
      result = Result.MISSING;
      throw e;
    } finally {
      record(operation, result, System.nanoTime() - start);
    }
  }

  private void timed(Operation operation, Effect effect) throws IOException {
    timed(
        operation,
        () -> {
          effect.run();
          return true;
        });
  }

  private void record(Operation operation, Result result, long nanos) {
    Timer timer = timers.getOrDefault(operation, Map.of()).get(result);
    if (timer != null) {
      timer.record(nanos, TimeUnit.NANOSECONDS);
    }
  }

  @Override
  public void prepareForPuts() throws IOException {
    store.prepareForPuts();
  }

  @Override
  public PutOutcome put(BlobName name, ByteBuffer bytes) throws IOException {
    return timed(Operation.PUT, () -> store.put(name, bytes));
  }

  @Override
  public PutOutcome put(BlobName name, byte[] bytes) throws IOException {
    return timed(Operation.PUT, () -> store.put(name, bytes));
  }

  @Override
  public byte[] get(BlobName name) throws IOException {
    return timed(Operation.GET, () -> store.get(name));
  }

  @Override
  public byte[] getRange(BlobName name, long position, int length) throws IOException {
    return timed(Operation.GET_RANGE, () -> store.getRange(name, position, length));
  }

  @Override
  public boolean isRemote() {
    return store.isRemote();
  }

  @Override
  public ByteBuffer view(BlobName name) throws IOException {
    return timed(Operation.GET, () -> store.view(name));
  }

  @Override
  public OptionalLong length(BlobName name) throws IOException {
    return timed(Operation.LENGTH, () -> store.length(name));
  }

  @Override
  public void list(String folder, Consumer<BlobStatus> onBlob) throws IOException {
    timed(Operation.LIST, () -> store.list(folder, onBlob));
  }

  @Override
  public List<String> listFolders(String folder) throws IOException {
    return timed(Operation.LIST, () -> store.listFolders(folder));
  }

  @Override
  public void delete(BlobName name) throws IOException {
    timed(Operation.DELETE, () -> store.delete(name));
  }

  @Override
  public void deleteAll(Collection<BlobName> names) throws IOException {
    timed(Operation.DELETE, () -> store.deleteAll(names));
  }

  @Override
  public void replace(BlobName name, ByteBuffer bytes) throws IOException {
    timed(Operation.REPLACE, () -> store.replace(name, bytes));
  }

  @Override
  public URI location() {
    return store.location();
  }

  @Override
  public String describe(BlobName name) {
    return store.describe(name);
  }

  @Override
  public void close() throws IOException {
    store.close();
  }
}
