package dev.tidemark.browse;

import dev.tidemark.apply.FrameSource;
import dev.tidemark.apply.LogFrames;
import dev.tidemark.apply.RepositoryFrames;
import dev.tidemark.browse.UnsealedTail.Listener;
import dev.tidemark.log.FrameReader;
import dev.tidemark.log.LogAdmin;
import dev.tidemark.log.LogConnection;
import dev.tidemark.log.LogTopics;
import dev.tidemark.repository.Repository;
import dev.tidemark.repository.history.At;
import dev.tidemark.repository.history.HistoryViewer;
import dev.tidemark.repository.history.OpenHistory;
import dev.tidemark.repository.history.PathFollower;
import dev.tidemark.repository.history.TreeAt;
import dev.tidemark.schemas.change.NodePath;
import dev.tidemark.schemas.change.TreeName;
import dev.tidemark.schemas.cursor.Cursor;
import java.io.IOException;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Opens trees at instants: from the repository, and with a log also what is not sealed yet. Its
 * methods are for one thread; the frames it gives are for any.
 */
public final class TreeReader implements AutoCloseable {
  private final Repository repository;
  private final InstantSource clock;
  private final @Nullable LogConnection connection;
  private final @Nullable LogTopics topics;
  private final @Nullable LogFrames inLog;

  private TreeReader(
      Repository repository,
      InstantSource clock,
      @Nullable LogConnection connection,
      @Nullable LogTopics topics) {
    this.repository = repository;
    this.clock = clock;
    this.connection = connection;
    this.topics = topics;
    this.inLog =
        connection == null || topics == null
            ? null
            : new LogFrames(new FrameReader(connection, topics));
  }

  /**
   * Opens a reader on a repository, which stays the caller's.
   *
   * @throws dev.tidemark.log.BrokerUnreachableException if a log was asked for and does not answer
   */
  public static TreeReader open(Repository repository, LogAccess access, InstantSource clock)
      throws IOException {
    return switch (access) {
      case LogAccess.RepositoryOnly() -> new TreeReader(repository, clock, null, null);
      case LogAccess.WithLog(LogConnection connection) -> {
        try (LogAdmin admin = LogAdmin.connect(connection)) {
          yield new TreeReader(repository, clock, connection, admin.requireTopics());
        }
      }
    };
  }

  /**
   * The tree at an instant.
   *
   * @throws dev.tidemark.repository.history.NoSuchInstantException if nothing was recorded then
   * @throws NoSuchTreeException if nothing of the tree is sealed, nor logged where a log may be
   *     read
   */
  public OpenTree treeAt(TreeName tree, At at) throws IOException {
    OpenHistory history = repository.history(tree).open();
    if (connection == null || topics == null) {
      return sealedTree(tree, history.at(at));
    }
    Optional<Cursor> sealed = history.resumePoint();
    UnsealedTail tail = new UnsealedTail(connection, topics, tree, clock);
    if (sealed.isEmpty()) {
      OpenTree unsealed = tail.applyAll(at, Listener.NONE);
      if (!unsealed.cursor().hasEpoch()) {
        throw new NoSuchTreeException(tree, "in the repository or the log");
      }
      return requireSequence(unsealed, at);
    }
    if (isSealed(at, sealed.get())) {
      return sealedTree(tree, history.at(at));
    }
    TreeAt newest = history.at(new At.Newest());
    return requireSequence(tail.apply(newest.tree(), newest.cursor(), at, Listener.NONE), at);
  }

  /**
   * What happened to one path: the last {@code most} times that what stands there became another,
   * as far as the history is kept.
   *
   * @throws NoSuchTreeException as for {@link #treeAt}
   */
  public PathFollower follow(TreeName tree, NodePath path, int most) throws IOException {
    return show(tree, () -> new PathFollower(path, most), history -> history.follow(path, most));
  }

  /**
   * All paths that a filter has ever meant, as far as the history is kept, and when.
   *
   * @param most times that something stood at one of them, past which it fails
   * @throws NoSuchTreeException as for {@link #treeAt}
   */
  public PathsEver findEver(TreeName tree, EntryFilter filter, long most) throws IOException {
    Supplier<PathsEver> viewers = () -> new PathsEver(filter, most);
    return show(tree, viewers, history -> history.walk(viewers));
  }

  /**
   * What of a tree was renamed on the way to a later instant of it.
   *
   * @return empty if the log does not tell: since the one is not before the other, or retention has
   *     taken changes between them out of the history
   */
  public Optional<MovedPaths> findMoves(OpenTree before, OpenTree after) throws IOException {
    if (before.sequence() > after.sequence()) {
      return Optional.empty();
    }
    OpenHistory history = repository.history(before.name()).open();
    Optional<Cursor> sealed = history.resumePoint();
    long through = Math.min(after.sequence(), sealed.map(Cursor::sequence).orElse(0L));
    Optional<MovedPaths> moves =
        history.between(before.sequence(), through, () -> new MovedPaths(before.tree()));
    if (moves.isEmpty() || after.sequence() <= through || connection == null || topics == null) {
      return moves;
    }
    UnsealedTail tail = new UnsealedTail(connection, topics, before.name(), clock);
    long told = Math.max(before.sequence(), through);
    Listener show =
        (change, reached, _) -> {
          if (reached.sequence() > told) {
            moves.get().show(change);
          }
        };
    At until = new At.Sequence(after.sequence());
    if (sealed.isEmpty()) {
      tail.applyAll(until, show);
    } else {
      TreeAt newest = history.at(new At.Sequence(sealed.get().sequence()));
      tail.apply(newest.tree(), newest.cursor(), until, show);
    }
    return moves;
  }

  private interface SealedQuestion<V> {
    V ask(OpenHistory history) throws IOException;
  }

  /** What is sealed, and behind it what is only logged. */
  private <V extends HistoryViewer> V show(
      TreeName tree, Supplier<V> viewers, SealedQuestion<V> sealed) throws IOException {
    OpenHistory history = repository.history(tree).open();
    boolean isSealed = history.resumePoint().isPresent();
    if (connection == null || topics == null) {
      if (!isSealed) {
        throw new NoSuchTreeException(tree, "in the repository");
      }
      return sealed.ask(history);
    }
    UnsealedTail tail = new UnsealedTail(connection, topics, tree, clock);
    if (!isSealed) {
      V viewer = viewers.get();
      if (!tail.applyAll(new At.Newest(), showTo(viewer)).cursor().hasEpoch()) {
        throw new NoSuchTreeException(tree, "in the repository or the log");
      }
      return viewer;
    }
    // The tree first: if both do not see the same history, changes come twice and none is missed.
    TreeAt newest = history.at(new At.Newest());
    V viewer = sealed.ask(history);
    tail.apply(newest.tree(), newest.cursor(), new At.Newest(), showTo(viewer));
    return viewer;
  }

  private static Listener showTo(HistoryViewer viewer) {
    return (change, reached, applied) -> {
      if (reached.sequence() > viewer.lastSequence()) {
        viewer.show(reached.sequence(), reached.logTimeMillis(), change, () -> applied);
      }
    };
  }

  private static boolean isSealed(At at, Cursor sealed) {
    return switch (at) {
      case At.Newest() -> false;
      case At.Sequence(long sequence) -> sequence <= sealed.sequence();
      // More changes of the very last millisecond may follow in the log.
      case At.Time(long logTimeMillis) -> logTimeMillis < sealed.logTimeMillis();
    };
  }

  private static OpenTree sealedTree(TreeName tree, TreeAt at) {
    return new OpenTree(
        tree, at.tree(), at.sequence(), at.logTimeMillis(), at.completeToMillis(), 0, at.cursor());
  }

  private static OpenTree requireSequence(OpenTree open, At at) throws IOException {
    if (at instanceof At.Sequence(long wanted) && open.sequence() != wanted) {
      throw new IOException(
          "Tree %s has no change %d: its newest is %d. `tidemark status` shows it."
              .formatted(open.name(), wanted, open.sequence()));
    }
    return open;
  }

  /**
   * Frames of sealed chunks from the repository, of others from the log. Open as long as this
   * reader.
   */
  public FrameSource frames() {
    FrameSource sealed = new RepositoryFrames(repository);
    return inLog == null ? sealed : sealed.orElse(inLog);
  }

  @Override
  public void close() {
    if (inLog != null) {
      inLog.close();
    }
  }
}
