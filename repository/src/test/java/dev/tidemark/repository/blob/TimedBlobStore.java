package dev.tidemark.repository.blob;

import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * A store with a clock of the test's, which counts its requests and can be made to die: from the
 * planned put or delete on every call fails, until it is revived. Not thread-safe.
 */
public final class TimedBlobStore implements BlobStore {
  /** What becomes of the call at which the store dies. */
  public enum Death {
    BEFORE,
    /** It has its effect, but nobody is told. */
    AFTER
  }

  private final BlobStore store;
  private final InstantSource clock;
  private final Map<BlobName, Long> putAt = new HashMap<>();
  private final Map<String, Long> requests = new TreeMap<>();
  private long staleSince = Long.MAX_VALUE;
  private Predicate<BlobName> stale = _ -> true;
  private int writes;
  private int dyingWrite = -1;
  private Death death = Death.BEFORE;
  private boolean dead;
  private Runnable beforeWrites = () -> {};
  private boolean mayDelete = true;
  private Predicate<BlobName> lostAnswers = _ -> false;
  private final Set<BlobName> lostOnce = new HashSet<>();

  public TimedBlobStore(BlobStore store, InstantSource clock) {
    this.store = store;
    this.clock = clock;
  }

  /** Dies at the put or delete that is {@code step} away; 0 is the next. */
  public void dieAt(int step, Death how) {
    dyingWrite = writes + step;
    death = how;
  }

  /** Refuses deletions from now on, as a bucket does where the right is missing. */
  public void refuseDeletions() {
    mayDelete = false;
  }

  public void allowDeletions() {
    mayDelete = true;
  }

  /** What somebody else does just before each put and delete. */
  public void beforeWrites(Runnable other) {
    beforeWrites = other;
  }

  public void revive() {
    dead = false;
    dyingWrite = -1;
  }

  public boolean isDead() {
    return dead;
  }

  /** Puts and deletes so far. */
  public int writes() {
    return writes;
  }

  /** How often each method was called. */
  public Map<String, Long> requests() {
    return requests;
  }

  /** The first put of each of these is done, but its answer is lost. */
  public void loseAnswers(Predicate<BlobName> blobs) {
    lostAnswers = blobs;
  }

  /** Listings of these blobs do not show what is put from now on, until they are fresh again. */
  public void listStale(Predicate<BlobName> blobs) {
    stale = blobs;
    staleSince = clock.millis();
  }

  public void listFresh() {
    staleSince = Long.MAX_VALUE;
  }

  private void count(String request) throws IOException {
    if (dead) {
      throw new IOException("planned death of the process");
    }
    requests.merge(request, 1L, Long::sum);
  }

  /** True if the call is the one to die after. */
  private boolean write(String request) throws IOException {
    beforeWrites.run();
    count(request);
    boolean dies = writes++ == dyingWrite;
    if (dies) {
      dead = true;
      if (death == Death.BEFORE) {
        throw new IOException("planned death before a " + request);
      }
    }
    return dies;
  }

  @Override
  public PutOutcome put(BlobName name, ByteBuffer bytes) throws IOException {
    boolean dies = write("put");
    PutOutcome outcome = store.put(name, bytes);
    if (outcome instanceof PutOutcome.Stored) {
      putAt.put(name, clock.millis());
    }
    if (dies) {
      throw new IOException("planned death after the put of " + name);
    }
    if (lostAnswers.test(name) && lostOnce.add(name)) {
      return new PutOutcome.Unknown("planned");
    }
    return outcome;
  }

  @Override
  public void replace(BlobName name, ByteBuffer bytes) throws IOException {
    boolean dies = write("replace");
    store.replace(name, bytes);
    putAt.put(name, clock.millis());
    if (dies) {
      throw new IOException("planned death after the replacement of " + name);
    }
  }

  @Override
  public void delete(BlobName name) throws IOException {
    if (!mayDelete) {
      throw new IOException("planned refusal to delete " + name);
    }
    boolean dies = write("delete");
    store.delete(name);
    putAt.remove(name);
    if (dies) {
      throw new IOException("planned death after the delete of " + name);
    }
  }

  @Override
  public byte[] get(BlobName name) throws IOException {
    count("get");
    return store.get(name);
  }

  @Override
  public byte[] getRange(BlobName name, long position, int length) throws IOException {
    count("getRange");
    return store.getRange(name, position, length);
  }

  @Override
  public ByteBuffer view(BlobName name) throws IOException {
    count("get");
    return store.view(name);
  }

  @Override
  public OptionalLong length(BlobName name) throws IOException {
    count("length");
    return store.length(name);
  }

  @Override
  public void list(String folder, Consumer<BlobStatus> onBlob) throws IOException {
    count("list");
    List<BlobStatus> found = new ArrayList<>();
    store.list(folder, found::add);
    for (BlobStatus status : found) {
      long at = putAt.getOrDefault(status.name(), 0L);
      if (at < staleSince || !stale.test(status.name())) {
        onBlob.accept(new BlobStatus(status.name(), status.bytes(), at));
      }
    }
  }

  @Override
  public List<String> listFolders(String folder) throws IOException {
    count("list");
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
