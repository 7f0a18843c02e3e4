package dev.tidemark.mirror;

import dev.tidemark.apply.FrameRun;
import dev.tidemark.apply.FrameSource;
import dev.tidemark.apply.RepositoryFrames;
import dev.tidemark.repository.Repository;
import dev.tidemark.repository.RepositoryMissingException;
import dev.tidemark.repository.blob.BlobStore;
import dev.tidemark.repository.history.At;
import dev.tidemark.repository.history.History;
import dev.tidemark.repository.history.TreeAt;
import dev.tidemark.repository.snapshot.SnapshotInfo;
import dev.tidemark.repository.snapshot.SnapshotStore;
import dev.tidemark.repository.treelog.Gaps;
import dev.tidemark.repository.treelog.LogSegment;
import dev.tidemark.repository.treelog.TreeLog;
import dev.tidemark.schemas.change.Extent;
import dev.tidemark.schemas.change.SealedChange;
import dev.tidemark.schemas.change.TreeName;
import dev.tidemark.schemas.chunk.ChunkId;
import dev.tidemark.schemas.cursor.Cursor;
import dev.tidemark.schemas.cursor.Cursor.OpenScan;
import dev.tidemark.schemas.frame.CorruptFrameException;
import dev.tidemark.schemas.tree.TreeBase;
import java.io.IOException;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A repository as a mirror's origin. It may be made by another process after the mirror has begun.
 */
final class RepositoryOrigin implements Origin {
  private final TreeName tree;
  private final String url;
  private @Nullable Repository repository;

  private RepositoryOrigin(TreeName tree, String url) {
    this.tree = tree;
    this.url = url;
  }

  static Origin open(MirrorConfig config) throws IOException {
    RepositoryOrigin origin = new RepositoryOrigin(config.tree(), config.repositoryUrl());
    origin.repository();
    return origin;
  }

  private synchronized Optional<Repository> repository() throws IOException {
    if (repository == null) {
      BlobStore store = Repository.openStore(url);
      try {
        repository = Repository.open(store);
      } catch (RepositoryMissingException e) {
        store.close();
        return Optional.empty();
      } catch (IOException | RuntimeException e) {
        store.close();
        throw e;
      }
    }
    return Optional.of(repository);
  }

  @Override
  public Optional<StartingPoint> newest() throws IOException {
    Optional<Repository> opened = repository();
    if (opened.isEmpty()) {
      return Optional.empty();
    }
    History history = opened.get().history(tree);
    Optional<Cursor> end = history.resumePoint();
    if (end.isEmpty()) {
      return Optional.empty();
    }
    if (end.get().openScan() == OpenScan.FULL) {
      return beforeFullScan(history, opened.get().log(tree), opened.get().snapshots(tree));
    }
    TreeAt newest = history.at(new At.Newest());
    return Optional.of(new StartingPoint(newest.tree(), newest.cursor()));
  }

  @Override
  public TreeAt at(long sequence) throws IOException {
    Optional<Repository> opened = repository();
    if (opened.isEmpty()) {
      throw new IOException("There is no repository at %s yet.".formatted(url));
    }
    return opened.get().history(tree).at(new At.Sequence(sequence));
  }

  /**
   * A reader that starts between the marks would not know what was put before, and remove it at the
   * end.
   */
  private Optional<StartingPoint> beforeFullScan(
      History history, TreeLog log, SnapshotStore snapshots) throws IOException {
    List<LogSegment> segments = log.segments(0);
    Gaps removed = log.list().removed();
    for (LogSegment segment : segments.reversed()) {
      Cursor cursor = log.resumePoint(segment);
      if (cursor.openScan() != OpenScan.FULL && !removed.contains(cursor.sequence())) {
        TreeAt before = history.at(new At.Sequence(cursor.sequence()));
        return Optional.of(new StartingPoint(before.tree(), cursor));
      }
    }
    // Where retention has taken out what was before the scan, it has made a snapshot there.
    Optional<SnapshotInfo> newest = snapshots.newestAtOrBefore(Long.MAX_VALUE);
    if (newest.isPresent()) {
      return Optional.of(new StartingPoint(snapshots.open(newest.get()), newest.get().cursor()));
    }
    Optional<SealedChange> first = log.first();
    if (first.isEmpty()) {
      return Optional.empty();
    }
    SealedChange.Origin origin = first.get().origin();
    return Optional.of(
        new StartingPoint(
            TreeBase.EMPTY,
            Cursor.start(
                origin.changesTopic(),
                origin.partition(),
                origin.offset(),
                first.get().sequence() - 1)));
  }

  @Override
  public FrameSource frames() {
    return new FrameSource() {
      @Override
      public Map<ChunkId, byte[]> read(Collection<Extent.Chunk> wanted) throws IOException {
        Optional<Repository> opened = repository();
        return opened.isEmpty() ? Map.of() : new RepositoryFrames(opened.get()).read(wanted);
      }

      @Override
      public List<FrameRun> runs(Collection<Extent.Chunk> wanted) throws IOException {
        Optional<Repository> opened = repository();
        return opened.isEmpty() ? List.of() : new RepositoryFrames(opened.get()).runs(wanted);
      }

      @Override
      public long frameBytes(Extent.Chunk chunk) {
        try {
          return repository()
              .map(opened -> new RepositoryFrames(opened).frameBytes(chunk))
              .orElse((long) chunk.plainBytes());
        } catch (IOException e) {
          // Whoever reads the frame meets it again, and tells of it.
          return chunk.plainBytes();
        }
      }

      @Override
      public byte[] recover(Extent.Chunk chunk, CorruptFrameException damage) throws IOException {
        Optional<Repository> opened = repository();
        if (opened.isEmpty()) {
          throw damage;
        }
        return new RepositoryFrames(opened.get()).recover(chunk, damage);
      }
    };
  }

  @Override
  public synchronized void close() throws IOException {
    if (repository != null) {
      repository.close();
    }
  }
}
