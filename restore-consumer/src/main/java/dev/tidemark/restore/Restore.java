package dev.tidemark.restore;

import dev.tidemark.apply.Exclusions;
import dev.tidemark.apply.SyncListener;
import dev.tidemark.apply.SyncOptions;
import dev.tidemark.apply.SyncOptions.ExtraEntries;
import dev.tidemark.apply.SyncPreview;
import dev.tidemark.apply.SyncReport;
import dev.tidemark.apply.TargetDirectory;
import dev.tidemark.apply.TreeSync;
import dev.tidemark.browse.OpenTree;
import dev.tidemark.browse.TreeReader;
import dev.tidemark.repository.Repository;
import dev.tidemark.repository.blob.BlobStore;
import dev.tidemark.restore.ProgressListener.Progress;
import dev.tidemark.schemas.change.Content;
import dev.tidemark.schemas.change.Node;
import dev.tidemark.schemas.change.NodePath;
import dev.tidemark.schemas.tree.EntryStream;
import dev.tidemark.schemas.tree.TreeEntry;
import java.io.IOException;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Restores a tree at an instant into a directory. */
public final class Restore {
  private static final Logger log = LoggerFactory.getLogger(Restore.class);

  private static final int REMOTE_WORKERS = 8;

  private final RestoreConfig config;
  private final InstantSource clock;

  private Restore(RestoreConfig config, InstantSource clock) {
    this.config = config;
    this.clock = clock;
  }

  /**
   * Restores, and returns when all is in place. Interrupted or failed, it may be run again and goes
   * on.
   *
   * @return also with entries that could not be restored: {@link RestoreReport#isComplete()}
   * @throws dev.tidemark.repository.history.NoSuchInstantException if nothing was recorded at the
   *     instant
   * @throws dev.tidemark.apply.TargetFullException if the target is full; what is done is kept
   * @throws dev.tidemark.apply.TargetInUseException if another restore or mirror writes to the
   *     target
   * @throws IOException if repository, log or target cannot be read or written
   */
  public static RestoreReport run(RestoreConfig config) throws IOException {
    try (Repository repository = openRepository(config)) {
      return run(config, repository);
    }
  }

  /** The same from a repository that is open, and stays so. */
  public static RestoreReport run(RestoreConfig config, Repository repository) throws IOException {
    return new Restore(config, InstantSource.system()).run(repository);
  }

  /**
   * What {@link #run} would do; writes nothing.
   *
   * @throws IOException if repository or log cannot be read, or the target cannot be looked at
   */
  public static RestorePreview preview(RestoreConfig config) throws IOException {
    try (Repository repository = openRepository(config)) {
      return preview(config, repository);
    }
  }

  /** The same from a repository that is open, and stays so. */
  public static RestorePreview preview(RestoreConfig config, Repository repository)
      throws IOException {
    return new Restore(config, InstantSource.system()).preview(repository);
  }

  private static Repository openRepository(RestoreConfig config) throws IOException {
    BlobStore store = Repository.openStore(config.repositoryUrl());
    try {
      return Repository.open(store);
    } catch (IOException | RuntimeException e) {
      store.close();
      throw e;
    }
  }

  private RestoreReport run(Repository repository) throws IOException {
    long start = System.nanoTime();
    try (TreeReader reader = TreeReader.open(repository, config.log(), clock)) {
      OpenTree open = reader.treeAt(config.tree(), config.at());
      SyncReport result = restore(open, reader, repository);
      long millis = (System.nanoTime() - start) / 1_000_000;
      log.atInfo()
          .addKeyValue("tree", config.tree())
          .addKeyValue("sequence", open.sequence())
          .addKeyValue("files", result.filesWritten())
          .addKeyValue("kept", result.kept())
          .addKeyValue("failed", result.failureCount())
          .addKeyValue("bytes", result.bytesWritten())
          .addKeyValue("millis", millis)
          .log("restored");
      return new RestoreReport(
          config.tree(),
          open.sequence(),
          open.logTimeMillis(),
          open.completeToMillis(),
          open.unsealedChanges(),
          result,
          millis);
    }
  }

  /** Over a network most of the time goes by in waiting for answers. */
  private SyncOptions options(Repository repository) {
    SyncOptions options = config.options();
    return repository.store().isRemote()
        ? options.withWorkers(Math.max(options.workers(), REMOTE_WORKERS))
        : options;
  }

  private SyncReport restore(OpenTree open, TreeReader reader, Repository repository)
      throws IOException {
    RepeatedChunks repeated = new RepeatedChunks(repository.index().expectedChunks());
    Progress total = count(open, repeated::add);
    SyncListener listener =
        config.progress() == ProgressListener.NONE
            ? SyncListener.NONE
            : new Reporter(config.progress(), total);
    SyncOptions options = options(repository).withRepeated(repeated);
    return switch (config.placing()) {
      case ONE_BY_ONE -> {
        try (Part part = part(open);
            TargetDirectory target = TargetDirectory.open(config.target())) {
          SyncOptions rules = options.withExclusions(part.exclusions());
          yield new TreeSync(target, reader.frames(), rules, listener).run(part.entries());
        }
      }
      case AT_ONCE -> restoreAtOnce(open, reader, options, listener);
    };
  }

  private SyncReport restoreAtOnce(
      OpenTree open, TreeReader reader, SyncOptions options, SyncListener listener)
      throws IOException {
    if (open.tree().find(config.path()).filter(Node.Directory.class::isInstance).isEmpty()) {
      throw new IOException(
          ("%s is no directory, and all of %s would make place for it. Restore it without --atomic:"
                  + " a single file is replaced at once anyway.")
              .formatted(config.path(), config.target()));
    }
    try (Part part = part(open);
        AtomicTarget target = AtomicTarget.open(config.target())) {
      // An earlier run may have begun with another instant.
      SyncOptions rules = options.withExtras(ExtraEntries.REMOVE);
      TreeSync sync = new TreeSync(target.building(), reader.frames(), rules, listener);
      TargetDirectory old = target.old();
      SyncReport result = (old == null ? sync : sync.reusing(old)).run(part.entries());
      if (!result.isComplete()) {
        throw new IncompleteReplacementException(config.target(), target.beside(), result);
      }
      target.swap();
      return result;
    }
  }

  private RestorePreview preview(Repository repository) throws IOException {
    try (TreeReader reader = TreeReader.open(repository, config.log(), clock)) {
      OpenTree open = reader.treeAt(config.tree(), config.at());
      RepeatedChunks repeated = new RepeatedChunks(repository.index().expectedChunks());
      Progress total = count(open, repeated::add);
      try (Part part = part(open)) {
        SyncOptions rules =
            options(repository).withRepeated(repeated).withExclusions(part.exclusions());
        return new RestorePreview(
            config.tree(),
            open.sequence(),
            open.logTimeMillis(),
            total.totalEntries(),
            total.totalBytes(),
            new SyncPreview(config.target(), reader.frames(), rules).run(part.entries()));
      }
    }
  }

  /** The entries that are wanted, and what of the target is left as it is. */
  private record Part(EntryStream entries, Exclusions exclusions) implements AutoCloseable {
    @Override
    public void close() throws IOException {
      entries.close();
    }
  }

  private Part part(OpenTree open) throws IOException {
    Subtree subtree = Subtree.open(open.tree(), config.path());
    Exclusions exclusions = subtree.exclusions(config.filter());
    return new Part(new FilteredStream(subtree, exclusions), exclusions);
  }

  private Progress count(OpenTree open, Consumer<Content> contents) throws IOException {
    long entries = 0;
    long bytes = 0;
    try (Part part = part(open)) {
      EntryStream stream = part.entries();
      for (Optional<TreeEntry> next = stream.next(); next.isPresent(); next = stream.next()) {
        entries++;
        if (next.get().node() instanceof Node.File file) {
          bytes += file.content().size();
          contents.accept(file.content());
        }
      }
    }
    return new Progress(0, entries, 0, bytes);
  }

  private static final class Reporter implements SyncListener {
    private final ProgressListener progress;
    private final Progress total;
    private final LongAdder entries = new LongAdder();
    private final LongAdder bytes = new LongAdder();

    Reporter(ProgressListener progress, Progress total) {
      this.progress = progress;
      this.total = total;
    }

    @Override
    public void passed(NodePath path, Node node) {
      entries.increment();
      if (node instanceof Node.File file) {
        bytes.add(file.content().size());
      }
      progress.progress(
          new Progress(entries.sum(), total.totalEntries(), bytes.sum(), total.totalBytes()));
    }
  }
}
