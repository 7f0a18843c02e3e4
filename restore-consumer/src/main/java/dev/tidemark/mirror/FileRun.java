package dev.tidemark.mirror;

import dev.tidemark.apply.FileFiller;
import dev.tidemark.apply.FrameSource;
import dev.tidemark.apply.LinkIdentity;
import dev.tidemark.apply.NodeWriter;
import dev.tidemark.apply.StagedFile;
import dev.tidemark.filesystem.linux.FileStatus;
import dev.tidemark.mirror.OpenDirectories.OpenDirectory;
import dev.tidemark.schemas.change.Node;
import dev.tidemark.schemas.change.NodePath;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/**
 * Writes files that stand next to one another in the log and depend on nothing but their
 * directories, a few threads at a time. Of two puts of one path only the later is written.
 */
final class FileRun implements AutoCloseable {
  private static final int PARALLEL_FROM = 8;

  private final NodeWriter writer;
  private final int workers;
  private final ExecutorService threads;
  private final Map<NodePath, Job> jobs = new LinkedHashMap<>();
  private final Set<Long> groups = new HashSet<>();

  FileRun(NodeWriter writer, int workers) {
    this.writer = writer;
    this.workers = workers;
    this.threads =
        Executors.newFixedThreadPool(
            workers,
            task -> {
              Thread thread = new Thread(task, "tidemark-mirror-files");
              thread.setDaemon(true);
              return thread;
            });
  }

  /**
   * One file to write.
   *
   * @param before what the state has of this path
   */
  record Job(
      NodePath path,
      MirrorState.Place place,
      OpenDirectory directory,
      Node.File node,
      @Nullable StateEntry before,
      long sequence) {
    StateEntry entry(FileStatus left) {
      long kept = before == null ? 0 : before.keptSequence();
      return new StateEntry(sequence, kept, 0, Signature.of(left), node);
    }
  }

  boolean isEmpty() {
    return jobs.isEmpty();
  }

  int size() {
    return jobs.size();
  }

  /** Whether a name of the inode that {@code node} may share waits to be written. */
  boolean holdsGroupOf(Node node) {
    return groups.contains(node.metadata().linkGroup());
  }

  boolean holds(NodePath path) {
    return jobs.containsKey(path);
  }

  void add(Job job) {
    jobs.remove(job.path());
    jobs.put(job.path(), job);
    if (LinkIdentity.isShared(job.node())) {
      groups.add(job.node().metadata().linkGroup());
    }
  }

  /** Forgets files that were not written. */
  void drop() {
    jobs.clear();
    groups.clear();
  }

  /** Writes all, and only then notes them in the state. */
  void write(FrameSource frames, MirrorState state) throws IOException {
    List<Job> all = List.copyOf(jobs.values());
    for (Job job : all) {
      job.directory().touch();
    }
    List<StateEntry> left =
        all.size() < PARALLEL_FROM
            ? writeRange(all, frames, new WindowPool(threads, workers))
            : writeParallel(all, frames);
    for (int i = 0; i < all.size(); i++) {
      state.put(all.get(i).place(), left.get(i));
    }
    drop();
  }

  private List<StateEntry> writeParallel(List<Job> all, FrameSource frames) throws IOException {
    List<Callable<List<StateEntry>>> parts = new ArrayList<>();
    int perPart = Math.max(PARALLEL_FROM / 2, (all.size() + 4 * workers - 1) / (4 * workers));
    for (int from = 0; from < all.size(); from += perPart) {
      List<Job> part = all.subList(from, Math.min(all.size(), from + perPart));
      parts.add(() -> writeRange(part, frames, WindowPool.ALONE));
    }
    return WindowPool.results(threads, parts).stream().flatMap(List::stream).toList();
  }

  private List<StateEntry> writeRange(List<Job> part, FrameSource frames, WindowPool pool)
      throws IOException {
    List<StateEntry> entries = new ArrayList<>(part.size());
    for (Job job : part) {
      entries.add(write(job, frames, pool));
    }
    return entries;
  }

  private StateEntry write(Job job, FrameSource frames, WindowPool pool) throws IOException {
    try (StagedFile file = writer.stage(job.node())) {
      fill(job, file, frames, pool);
      return job.entry(file.finish(job.directory().descriptor(), job.path().name()));
    } catch (InterruptedIOException e) {
      throw e;
    } catch (IOException e) {
      throw new ApplyFailedException(job.path(), e);
    }
  }

  private static void fill(Job job, StagedFile file, FrameSource frames, WindowPool pool)
      throws IOException {
    StateEntry before = job.before();
    Optional<OldVersion> old =
        before == null
            ? Optional.empty()
            : OldVersion.open(job.directory().descriptor(), job.path().name(), before, frames);
    if (old.isEmpty()) {
      FileFiller.fill(file, frames);
      return;
    }
    try (OldVersion held = old.get()) {
      held.fill(file, frames, pool);
    }
  }

  @Override
  public void close() {
    threads.shutdown();
  }
}
