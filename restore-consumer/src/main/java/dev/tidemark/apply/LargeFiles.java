package dev.tidemark.apply;

import dev.tidemark.apply.ExtentWalk.Placed;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Large files, whose windows are fetched and written by several workers at once. */
final class LargeFiles implements AutoCloseable {
  private final FrameSource source;
  private final PartFetch fetch;
  private final Finished finished;
  private final Failed failed;
  private final Set<StagedFile> open = ConcurrentHashMap.newKeySet();

  LargeFiles(FrameSource source, PartFetch fetch, Finished finished, Failed failed) {
    this.source = source;
    this.fetch = fetch;
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

  /** How many are open. */
  int count() {
    return open.size();
  }

  /**
   * Has all windows of a file fetched, but for what is at hand.
   *
   * @param pool where windows are written; its failure is no matter of this file
   */
  void write(SyncJob job, StagedFile file, ExistingParts atHand, WorkPool pool) throws IOException {
    open.add(file);
    LargeFile large = new LargeFile(job, file, atHand);
    try {
      ExtentWalk walk = new ExtentWalk(job.file().content(), source);
      for (List<Placed> window = FileFiller.nextWindow(walk);
          !window.isEmpty() && large.failure.get() == null;
          window = FileFiller.nextWindow(walk)) {
        large.pending.incrementAndGet();
        fetch.add(new Window(large, window));
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

  private static final class Window extends FilePart {
    private final LargeFile file;
    private final List<Placed> placed;

    Window(LargeFile file, List<Placed> placed) {
      super(file.atHand.missing(placed.stream().map(Placed::chunk).toList()));
      this.file = file;
      this.placed = placed;
    }

    @Override
    void fill(FrameSource frames) throws IOException {
      file.fill(placed, frames);
    }
  }

  private final class LargeFile {
    final SyncJob job;
    final StagedFile file;
    final ExistingParts atHand;
    final AtomicInteger pending = new AtomicInteger(1);
    final AtomicReference<@Nullable IOException> failure = new AtomicReference<>();

    LargeFile(SyncJob job, StagedFile file, ExistingParts atHand) {
      this.job = job;
      this.file = file;
      this.atHand = atHand;
    }

    void fill(List<Placed> window, FrameSource frames) throws IOException {
      try {
        if (failure.get() == null) {
          FileFiller.fill(file, window, atHand.orElse(frames));
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
