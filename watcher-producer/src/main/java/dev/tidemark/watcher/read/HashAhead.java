package dev.tidemark.watcher.read;

import dev.tidemark.schemas.chunk.ChunkId;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Hashes the chunks of one buffer on a thread of its own while the next of them are cut; what that
 * thread has not begun when all are cut, the caller hashes from the other end. Owned by one reader
 * thread. Hashing takes longer than cutting, so that a large file is read in half of the time.
 */
final class HashAhead implements AutoCloseable {
  private static final long IDLE_SECONDS = 5;

  private final ExecutorService beside;
  private final Deque<Piece> pieces = new ArrayDeque<>();

  /** A chunk in the buffer. */
  record Piece(int from, int length, FutureTask<ChunkId> hash) {
    ChunkId id() throws IOException {
      try {
        return hash.get();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        InterruptedIOException stopped = new InterruptedIOException("stopped while reading");
        stopped.initCause(e);
        throw stopped;
      } catch (ExecutionException e) {
        throw new IllegalStateException(e.getCause());
      }
    }
  }

  HashAhead() {
    ThreadPoolExecutor one =
        new ThreadPoolExecutor(
            1,
            1,
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            Thread.ofPlatform().name("hash-ahead").daemon().factory());
    one.allowCoreThreadTimeOut(true);
    beside = one;
  }

  /** A chunk was cut. The buffer must stay as it is until {@link #finish} has returned. */
  void cut(byte[] buffer, int from, int length) {
    FutureTask<ChunkId> hash = new FutureTask<>(() -> ChunkId.computeOf(buffer, from, length));
    pieces.add(new Piece(from, length, hash));
    beside.execute(hash);
  }

  /** All chunks of the buffer are cut: tells of them in their order. */
  Deque<Piece> finish() throws IOException {
    pieces.descendingIterator().forEachRemaining(piece -> piece.hash().run());
    Deque<Piece> hashed = new ArrayDeque<>(pieces);
    pieces.clear();
    for (Piece piece : hashed) {
      piece.id();
    }
    return hashed;
  }

  @Override
  public void close() {
    beside.shutdownNow();
  }
}
