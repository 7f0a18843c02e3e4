package dev.tidemark.repository.crash;

import dev.tidemark.repository.blob.BlobName;
import dev.tidemark.repository.blob.BlobStatus;
import dev.tidemark.repository.blob.BlobStore;
import dev.tidemark.repository.blob.BlobTooShortException;
import dev.tidemark.repository.blob.PutOutcome;
import dev.tidemark.repository.blob.StoreFullException;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Consumer;

/**
 * A real store of which one request, counted over those that change it, goes wrong; and the clock
 * of who uses it. Not thread-safe.
 */
final class CrashingStore implements BlobStore {
  private static final Duration LONG = Duration.ofHours(13);

  private final BlobStore store;
  private final int failing;
  private final Optional<CrashFault> fault;
  private final List<CrashStep> steps = new ArrayList<>();
  private final Set<BlobName> unlisted = new HashSet<>();
  private final List<CrashStep> reads = new ArrayList<>();
  private int failingRead = -1;
  private ReadFault readFault = ReadFault.FAILS;
  private Duration late = Duration.ZERO;
  private boolean full;

  /** What goes wrong with one read. */
  enum ReadFault {
    FAILS,
    SHORT,
    FLIPPED_BIT
  }

  /** A store with which nothing goes wrong. */
  CrashingStore(BlobStore store) {
    this(store, -1, Optional.empty());
  }

  /**
   * @param failing which request, from 0
   */
  CrashingStore(BlobStore store, int failing, CrashFault fault) {
    this(store, failing, Optional.of(fault));
  }

  private CrashingStore(BlobStore store, int failing, Optional<CrashFault> fault) {
    this.store = store;
    this.failing = failing;
    this.fault = fault;
  }

  /** The requests so far that change the store. */
  List<CrashStep> steps() {
    return steps;
  }

  /** The reads so far. */
  List<CrashStep> reads() {
    return reads;
  }

  /**
   * Lets one read go wrong, once.
   *
   * @param step which one, from 0
   */
  void failRead(int step, ReadFault how) {
    failingRead = step;
    readFault = how;
  }

  private byte[] read(BlobName name, byte[] bytes) throws IOException {
    boolean fails = reads.size() == failingRead;
    reads.add(CrashStep.of("read", name));
    if (!fails || bytes.length == 0) {
      return bytes;
    }
    return switch (readFault) {
      case FAILS -> throw new IOException("planned failure of a read: " + name);
      case SHORT -> Arrays.copyOf(bytes, bytes.length - 1);
      case FLIPPED_BIT -> {
        byte[] flipped = bytes.clone();
        flipped[bytes.length / 2] ^= 1;
        yield flipped;
      }
    };
  }

  InstantSource clock() {
    return () -> Instant.now().plus(late);
  }

  private interface Request {
    PutOutcome run() throws IOException;
  }

  private PutOutcome change(String action, BlobName name, Request request) throws IOException {
    boolean fails = steps.size() == failing;
    steps.add(CrashStep.of(action, name));
    if (full && !action.equals("delete")) {
      throw new StoreFullException("planned: no room", new IOException("ENOSPC"));
    }
    if (!fails) {
      return request.run();
    }
    return switch (fault.orElseThrow()) {
      case KILL_BEFORE -> {
        Runtime.getRuntime().halt(CrashChild.KILLED);
        throw new AssertionError("halted");
      }
      case KILL_AFTER -> {
        request.run();
        Runtime.getRuntime().halt(CrashChild.KILLED);
        throw new AssertionError("halted");
      }
      case FAIL_BEFORE -> throw new IOException("planned failure before: " + name);
      case FAIL_AFTER -> {
        request.run();
        throw new IOException("planned failure after: " + name);
      }
      case LOST_REQUEST -> new PutOutcome.Unknown("planned");
      case LOST_ANSWER -> {
        request.run();
        yield new PutOutcome.Unknown("planned");
      }
      case FULL -> {
        full = true; // And stays so.
        throw new StoreFullException("planned: no room", new IOException("ENOSPC"));
      }
      case STALE_LIST -> {
        unlisted.add(name);
        yield request.run();
      }
      case SLOW -> {
        PutOutcome outcome = request.run();
        late = LONG;
        yield outcome;
      }
    };
  }

  @Override
  public void prepareForPuts() throws IOException {
    store.prepareForPuts();
  }

  @Override
  public boolean isRemote() {
    return store.isRemote();
  }

  @Override
  public PutOutcome put(BlobName name, ByteBuffer bytes) throws IOException {
    return change("put", name, () -> store.put(name, bytes));
  }

  @Override
  public void replace(BlobName name, ByteBuffer bytes) throws IOException {
    change(
        "replace",
        name,
        () -> {
          store.replace(name, bytes);
          return new PutOutcome.Stored();
        });
  }

  @Override
  public void delete(BlobName name) throws IOException {
    change(
        "delete",
        name,
        () -> {
          store.delete(name);
          return new PutOutcome.Stored();
        });
  }

  @Override
  public byte[] get(BlobName name) throws IOException {
    return read(name, store.get(name));
  }

  @Override
  public byte[] getRange(BlobName name, long position, int length) throws IOException {
    byte[] bytes = read(name, store.getRange(name, position, length));
    if (bytes.length < length) {
      throw new BlobTooShortException(describe(name), position, length, position + bytes.length);
    }
    return bytes;
  }

  @Override
  public ByteBuffer view(BlobName name) throws IOException {
    ByteBuffer view = store.view(name);
    byte[] bytes = new byte[view.remaining()];
    view.duplicate().get(bytes);
    return ByteBuffer.wrap(read(name, bytes)).asReadOnlyBuffer();
  }

  @Override
  public OptionalLong length(BlobName name) throws IOException {
    return store.length(name);
  }

  @Override
  public void list(String folder, Consumer<BlobStatus> onBlob) throws IOException {
    store.list(
        folder,
        status -> {
          if (!unlisted.contains(status.name())) {
            onBlob.accept(status);
          }
        });
  }

  @Override
  public List<String> listFolders(String folder) throws IOException {
    return store.listFolders(folder);
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
