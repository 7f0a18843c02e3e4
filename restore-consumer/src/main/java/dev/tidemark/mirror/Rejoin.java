package dev.tidemark.mirror;

import dev.tidemark.apply.RepositoryFrames;
import dev.tidemark.apply.SyncListener;
import dev.tidemark.apply.SyncOptions.ExistingFiles;
import dev.tidemark.apply.SyncReport;
import dev.tidemark.apply.TargetDirectory;
import dev.tidemark.filesystem.linux.Descriptor;
import dev.tidemark.filesystem.linux.DirectoryEntry;
import dev.tidemark.filesystem.linux.LinuxFiles;
import dev.tidemark.repository.Repository;
import dev.tidemark.repository.history.At;
import dev.tidemark.repository.history.NoSuchInstantException;
import dev.tidemark.repository.history.OpenHistory;
import dev.tidemark.repository.history.TreeAt;
import dev.tidemark.repository.treelog.LogSegment;
import dev.tidemark.repository.treelog.SealedChangeStream;
import dev.tidemark.repository.treelog.TreeLog;
import dev.tidemark.schemas.change.Change;
import dev.tidemark.schemas.change.Epoch;
import dev.tidemark.schemas.change.NodePath;
import dev.tidemark.schemas.change.SealedChange;
import dev.tidemark.schemas.cursor.Cursor;
import dev.tidemark.schemas.tree.EntryStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Before the directory of a former writer follows another one: makes it what it was by everybody's
 * account at the end of the writer's last term, and keeps aside what stood there that was never
 * accepted. A mirror that begins on it afterwards has nothing left to lose.
 */
public final class Rejoin {
  private static final Logger log = LoggerFactory.getLogger(Rejoin.class);

  private final MirrorConfig config;
  private final InstantSource clock;

  private Rejoin(MirrorConfig config, InstantSource clock) {
    this.config = config;
    this.clock = clock;
  }

  /**
   * The last term of the former writer.
   *
   * @param changesTopic Kafka's id of the topic in which it lies
   * @param end offset of the record that ended it: the next writer's first, or this one's last
   */
  public record Term(UUID changesTopic, Epoch epoch, long end) {}

  /**
   * What was found.
   *
   * @param sequence the end of the term: with what the directory was compared
   * @param kept entries that were kept aside, in no order
   * @param folder where they are, by the same paths; if there are some, it exists, and beside it
   *     their list, a path a line, by its name with {@code .list}
   * @param restored entries that were missing, or were other than accepted
   * @param adjusted files of which only owner, mode or times were other than accepted
   */
  public record Report(
      long sequence, List<NodePath> kept, Path folder, long restored, long adjusted) {
    public Report {
      kept = List.copyOf(kept);
    }
  }

  /**
   * Compares, keeps aside and makes equal. May be repeated after a crash.
   *
   * @param config of the mirror that is to follow; with a repository
   * @return empty if the end of the term is not sealed yet
   * @throws dev.tidemark.apply.TargetInUseException if another process writes to the directory
   * @throws IOException if the repository cannot be read, or the directory not be written
   */
  public static Optional<Report> run(MirrorConfig config, Term term, InstantSource clock)
      throws IOException {
    return new Rejoin(config, clock).run(term);
  }

  private Optional<Report> run(Term term) throws IOException {
    try (Repository repository = Repository.open(Repository.openStore(config.repositoryUrl()))) {
      OpenHistory history = repository.history(config.tree()).open();
      Optional<Cursor> sealed = history.resumePoint();
      if (sealed.isEmpty() || !holdsEnd(sealed.get(), term)) {
        return Optional.empty();
      }
      OptionalLong end = endOf(term, repository.log(config.tree()));
      TreeAt accepted = treeAt(end, history);
      return Optional.of(compare(accepted, repository));
    }
  }

  private static boolean holdsEnd(Cursor sealed, Term term) {
    // In another log the term has ended for good, and nothing of it is still to come.
    return !sealed.changesTopic().equals(term.changesTopic()) || sealed.nextOffset() > term.end();
  }

  /** Sequence of the last change before the next writer's first; empty if no other one is found. */
  private static OptionalLong endOf(Term term, TreeLog log) throws IOException {
    OptionalLong end = OptionalLong.empty();
    for (LogSegment segment : log.segments(0).reversed()) {
      boolean reachesBack = false;
      OptionalLong found = OptionalLong.empty();
      try (SealedChangeStream changes = log.read(segment)) {
        for (Optional<SealedChange> next = changes.next();
            next.isPresent();
            next = changes.next()) {
          SealedChange change = next.get();
          boolean after = isAfter(change, term);
          reachesBack |= !after;
          if (after && found.isEmpty() && change.change().body() instanceof Change.EpochStarted) {
            found = OptionalLong.of(change.sequence() - 1);
          }
        }
      }
      end = found.isPresent() ? found : end;
      if (reachesBack) {
        break;
      }
    }
    return end;
  }

  private static boolean isAfter(SealedChange change, Term term) {
    return change.origin().changesTopic().equals(term.changesTopic())
        && change.origin().offset() > term.epoch().offset();
  }

  /** Where the term's end is not kept, the newest tree: then too much is kept aside, not less. */
  private TreeAt treeAt(OptionalLong end, OpenHistory history) throws IOException {
    if (end.isPresent()) {
      try {
        return history.at(new At.Sequence(end.getAsLong()));
      } catch (NoSuchInstantException e) {
        log.atWarn()
            .addKeyValue("tree", config.tree())
            .addKeyValue("reason", e.getMessage())
            .log("the end of this host's last term is not kept; comparing with the newest state");
      }
    }
    return history.at(new At.Newest());
  }

  /** An empty directory, where a tree was, is how a filesystem looks that is not mounted. */
  private void requireMounted(TargetDirectory target, EntryStream accepted) throws IOException {
    for (DirectoryEntry entry : LinuxFiles.list(target.root())) {
      if (!target.isReserved(entry.name())) {
        return;
      }
    }
    boolean hasRoot = accepted.next().isPresent();
    if (hasRoot && accepted.next().isPresent()) {
      throw new MirrorRefusedException(
          ("Nothing stands in %s, where this host has written tree %s. If its filesystem is not"
                  + " mounted, mount it and start again. If it is meant to be empty, put any file"
                  + " into it: that is kept aside, and the tree comes back.")
              .formatted(target.path(), config.tree()));
    }
  }

  private Report compare(TreeAt accepted, Repository repository) throws IOException {
    List<NodePath> kept = new ArrayList<>();
    Files.createDirectories(config.stateFolder());
    try (TargetDirectory target = TargetDirectory.open(config.target());
        EntryStream any = accepted.tree().subtree(NodePath.ROOT)) {
      requireMounted(target, any);
    }
    try (TargetDirectory target = TargetDirectory.open(config.target());
        KeptAside aside = new KeptAside(config.stateFolder(), clock.instant()).listing(kept::add)) {
      SyncReport report =
          Synchroniser.sync(
              config,
              target,
              Synchroniser.USUAL.withExisting(ExistingFiles.KEEP_IF_CONTENT_EQUAL),
              accepted.tree().subtree(NodePath.ROOT),
              new RepositoryFrames(repository),
              new SyncListener() {
                @Override
                public void displacing(Descriptor parent, byte[] name, NodePath path)
                    throws IOException {
                  aside.keep(parent, name, path);
                }
              });

      return new Report(
          accepted.sequence(),
          kept,
          aside.folder(),
          report.filesWritten() + report.othersWritten(),
          report.metadataChanged());
    }
  }
}
