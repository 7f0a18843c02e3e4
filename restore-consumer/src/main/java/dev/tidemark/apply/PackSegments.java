package dev.tidemark.apply;

import dev.tidemark.repository.Repository;
import dev.tidemark.repository.blob.BlobMissingException;
import dev.tidemark.repository.pack.PackId;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;

/**
 * Parts of packs from a store where each request goes over a network. What is asked for lies in the
 * order of paths, packs in the order in which chunks came: a batch of neighbours wants a little of
 * each of several packs, and the next batch what lies behind it. So the second time that something
 * of a segment is wanted the whole segment is read and kept for the others, of which several may
 * wait for it.
 *
 * <p>Memory is bounded by {@link #KEPT} segments and those being read. Thread-safe.
 */
final class PackSegments {
  static final int SEGMENT_BYTES = 4 << 20;

  /** Segments kept, and such of which something was read. */
  private static final int KEPT = 24;

  private static final int REMEMBERED = 4_096;

  private final Repository repository;
  private final Map<PackId, Long> lengths = new ConcurrentHashMap<>();
  private final LinkedHashMap<Key, CompletableFuture<byte[]>> segments = bounded(KEPT);
  private final LinkedHashMap<Key, Boolean> touched = bounded(REMEMBERED);

  private record Key(PackId pack, int number) {}

  PackSegments(Repository repository) {
    this.repository = repository;
  }

  private static <K, V> LinkedHashMap<K, V> bounded(int most) {
    return new LinkedHashMap<>(16, 0.75f, true) {
      private static final long serialVersionUID = 1L;

      @Override
      protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
        return size() > most;
      }
    };
  }

  /** A run of a pack's bytes, as {@link Repository#readPack} gives it. */
  byte[] read(PackId pack, int position, int length) throws IOException {
    int first = position / SEGMENT_BYTES;
    int last = (position + Math.max(length, 1) - 1) / SEGMENT_BYTES;
    if (!isWantedAgain(pack, first, last)) {
      return repository.readPack(pack, position, length);
    }
    byte[] run = new byte[length];
    for (int number = first; number <= last; number++) {
      byte[] segment = segment(new Key(pack, number));
      int start = number * SEGMENT_BYTES;
      int from = Math.max(position, start);
      int to = Math.min(position + length, start + segment.length);
      if (to < Math.min(position + length, start + SEGMENT_BYTES)) {
        // The pack ends before: this says so.
        return repository.readPack(pack, position, length);
      }
      System.arraycopy(segment, from - start, run, from - position, to - from);
    }
    return run;
  }

  private synchronized boolean isWantedAgain(PackId pack, int first, int last) {
    boolean again = true;
    for (int number = first; number <= last; number++) {
      Key key = new Key(pack, number);
      again &= segments.containsKey(key) || touched.containsKey(key);
      touched.put(key, true);
    }
    return again;
  }

  private byte[] segment(Key key) throws IOException {
    CompletableFuture<byte[]> mine = new CompletableFuture<>();
    CompletableFuture<byte[]> there;
    synchronized (this) {
      there = segments.putIfAbsent(key, mine);
    }
    return there == null ? load(key, mine) : await(there);
  }

  private byte[] load(Key key, CompletableFuture<byte[]> mine) throws IOException {
    try {
      int start = key.number() * SEGMENT_BYTES;
      long end = Math.min(start + (long) SEGMENT_BYTES, lengthOf(key.pack()));
      byte[] bytes = repository.readPack(key.pack(), start, (int) Math.max(0, end - start));
      mine.complete(bytes);
      return bytes;
    } catch (IOException | RuntimeException | Error e) {
      synchronized (this) {
        segments.remove(key, mine);
      }
      mine.completeExceptionally(e);
      throw e;
    }
  }

  private long lengthOf(PackId pack) throws IOException {
    Long known = lengths.get(pack);
    if (known != null) {
      return known;
    }
    OptionalLong length = repository.store().length(pack.blobName());
    if (length.isEmpty()) {
      throw new BlobMissingException(pack.blobName(), repository.store().describe(pack.blobName()));
    }
    lengths.put(pack, length.getAsLong());
    return length.getAsLong();
  }

  private static byte[] await(CompletableFuture<byte[]> there) throws IOException {
    try {
      return there.get();
    } catch (ExecutionException e) {
      throw e.getCause() instanceof IOException io
          ? io
          : new IOException("a part of a pack could not be read", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while a part of a pack was read");
    }
  }
}
