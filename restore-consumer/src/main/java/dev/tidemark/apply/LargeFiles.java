package dev.tidemark.apply;

import dev.tidemark.apply.ExtentWalk.Placed;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Large files, whose windows are read and written by several workers at once. */
final class LargeFiles implements AutoCloseable {
  private final FrameSource source;
  private final Finished finished;
  private final Failed failed;
  private final Set<StagedFile> open = ConcurrentHashMap.newKeySet();

  LargeFiles(FrameSource source, Finished finished, Failed failed) {
    this.source = source;
    this.finished = finished;
    this.failed = failed;
  }

  /** Hears of a file that has all its bytes, and closes it. */
  interface Finished {
    void finished(SyncJob job, StagedFile file) throws IOException;
  }

  /** Hears of a file that could not be read or written. */
  interface Failed {
    void failed(SyncJob job, IOException cause) throws IOException;
  }

  /** Submits all windows of a file. */
  void write(SyncJob job, StagedFile file, WorkPool pool) throws IOException {
    open.add(file);
    LargeFile large = new LargeFile(job, file);
    try {
      ExtentWalk walk = new ExtentWalk(job.file().content(), source);
      for (List<Placed> window = FileFiller.nextWindow(walk);
          !window.isEmpty() && large.failure.get() == null;
          window = FileFiller.nextWindow(walk)) {
        List<Placed> placed = window;
        large.pending.incrementAndGet();
        pool.submit(() -> large.fill(placed));
      }
    } catch (TargetFullException e) {
      throw e;
    } catch (IOException e) {
      if (pool.isFailed()) {
        throw e;
      }
      large.failure.compareAndSet(null, e);
    }
    large.done();
  }

  private final class LargeFile {
    final SyncJob job;
    final StagedFile file;
    final AtomicInteger pending = new AtomicInteger(1);
    final AtomicReference<@Nullable IOException> failure = new AtomicReference<>();

    LargeFile(SyncJob job, StagedFile file) {
      this.job = job;
      this.file = file;
    }

    void fill(List<Placed> window) throws IOException {
      try {
        if (failure.get() == null) {
          FileFiller.fill(file, window, source);
        }
      } catch (TargetFullException e) {
        throw e;
      } catch (IOException e) {
        failure.compareAndSet(null, e);
      }
      done();
    }

    void done() throws IOException {
      if (pending.decrementAndGet() > 0) {
        return;
      }
      IOException cause = failure.get();
      if (cause == null) {
        finished.finished(job, file);
      } else {
        file.close();
        failed.failed(job, cause);
      }
      open.remove(file);
    }
  }

  @Override
  public void close() throws IOException {
    for (StagedFile file : open) {
      file.close();
    }
  }
}
