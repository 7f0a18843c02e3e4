package dev.tidemark.cli.reading;

import dev.tidemark.browse.LogAccess;
import dev.tidemark.browse.TreeReader;
import dev.tidemark.cli.argument.InstantArgument;
import dev.tidemark.log.CompactedTopic;
import dev.tidemark.log.Descriptors;
import dev.tidemark.log.Heads;
import dev.tidemark.log.LogAdmin;
import dev.tidemark.log.LogConnection;
import dev.tidemark.log.LogTopics;
import dev.tidemark.log.Tags;
import dev.tidemark.log.UnsealedLog;
import dev.tidemark.repository.Repository;
import dev.tidemark.repository.blob.BlobStore;
import dev.tidemark.repository.history.At;
import dev.tidemark.repository.treelog.LogSegment;
import dev.tidemark.repository.treelog.SealedChangeStream;
import dev.tidemark.repository.treelog.TreeLog;
import dev.tidemark.schemas.change.Change;
import dev.tidemark.schemas.change.TreeName;
import dev.tidemark.schemas.codec.Records;
import dev.tidemark.schemas.cursor.Cursor;
import dev.tidemark.schemas.cursor.Fault;
import dev.tidemark.schemas.cursor.Head;
import dev.tidemark.schemas.cursor.StandbyStatus;
import dev.tidemark.schemas.topic.Partitioning;
import dev.tidemark.schemas.topic.RepositoryDescriptor;
import java.io.IOException;
import java.time.InstantSource;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;

/** A repository, and the log that belongs to it where one can be reached. */
public final class Reading implements AutoCloseable {
  private final Repository repository;
  private final Optional<LogConnection> log;

  private Reading(Repository repository, Optional<LogConnection> log) {
    this.repository = repository;
    this.log = log;
  }

  /**
   * Opens both.
   *
   * @throws dev.tidemark.repository.RepositoryMissingException if there is no repository
   */
  public static Reading open(String repositoryUrl, Optional<LogConnection> log) throws IOException {
    BlobStore store = Repository.openStore(repositoryUrl);
    try {
      return new Reading(Repository.open(store), log);
    } catch (IOException | RuntimeException e) {
      store.close();
      throw e;
    }
  }

  public Repository repository() {
    return repository;
  }

  /** Where unsealed changes may be looked for. */
  public LogAccess logAccess() {
    return log.map(LogAccess::to).orElse(LogAccess.NONE);
  }

  /** A reader of trees at instants; to be closed before this. */
  public TreeReader openTrees(InstantSource clock) throws IOException {
    return TreeReader.open(repository, logAccess(), clock);
  }

  /**
   * Checks a tree's name against those that there are.
   *
   * @throws UnknownTreeException if it is none of them; names them
   */
  public void requireKnown(TreeName tree) throws IOException {
    if (repository.trees().contains(tree)) {
      return;
    }
    List<TreeName> known = states().stream().map(TreeState::tree).toList();
    if (!known.contains(tree)) {
      throw new UnknownTreeException(tree, known);
    }
  }

  /**
   * The instant that an argument of {@code --at} names.
   *
   * @throws dev.tidemark.cli.argument.ArgumentException if it is in none of the known forms
   * @throws IOException if the tree has no such tag; its message is for the user
   */
  public At instant(TreeName tree, String argument, InstantSource clock, ZoneId zone)
      throws IOException {
    Optional<String> tag = InstantArgument.findTag(argument);
    return tag.isEmpty()
        ? InstantArgument.parse(argument, clock, zone)
        : new At.Sequence(requireTag(tree, tag.get()));
  }

  /**
   * Sequence of the newest tag of that name: what is not sealed yet is newer than what is.
   *
   * @return empty if there is none
   */
  public OptionalLong findTag(TreeName tree, String label) throws IOException {
    return findTag(tree, label, new TreeSet<>());
  }

  private OptionalLong findTag(TreeName tree, String label, Set<String> others) throws IOException {
    OptionalLong found = log.isPresent() ? logged(log.get(), tree, label) : OptionalLong.empty();
    return found.isPresent() ? found : sealed(tree, label, others);
  }

  private long requireTag(TreeName tree, String label) throws IOException {
    Set<String> others = new TreeSet<>();
    OptionalLong found = findTag(tree, label, others);
    return found.orElseThrow(
        () ->
            new IOException(
                "Tree %s has no tag %s%s. %s"
                    .formatted(
                        tree,
                        label,
                        log.isPresent()
                            ? ""
                            : " in the repository; it may be in the log only, which is read while"
                                + " `tidemark up` runs, or with --bootstrap-server",
                        others.isEmpty()
                            ? "No tag of it is sealed; `tidemark tag` places one."
                            : "Those that are sealed: %s.".formatted(String.join(", ", others)))));
  }

  private OptionalLong logged(LogConnection connection, TreeName tree, String label)
      throws IOException {
    LogTopics topics;
    try (LogAdmin admin = LogAdmin.connect(connection)) {
      topics = admin.requireTopics();
    }
    Optional<Cursor> sealed = repository.history(tree).resumePoint();
    if (sealed.isPresent() && !sealed.get().changesTopic().equals(topics.changes().id())) {
      // Another log than the one that is sealed: nothing of it is in the repository.
      sealed = Optional.empty();
    }
    Optional<RepositoryDescriptor> descriptor = Descriptors.find(connection, topics);
    int partition =
        Partitioning.of(
            tree,
            descriptor
                .map(RepositoryDescriptor::changesPartitions)
                .orElse(topics.changes().partitions()));
    long after = descriptor.map(RepositoryDescriptor::sequencesAfter).orElse(0L);
    return Tags.findAfter(
        connection,
        topics,
        tree,
        sealed.orElse(Cursor.start(topics.changes().id(), partition, 0, after)),
        label);
  }

  /**
   * @param others gets the names of all tags, if none is found
   */
  private OptionalLong sealed(TreeName tree, String label, Set<String> others) throws IOException {
    TreeLog sealedLog = repository.log(tree);
    for (LogSegment segment : sealedLog.segments(0).reversed()) {
      OptionalLong found = OptionalLong.empty();
      try (SealedChangeStream changes = sealedLog.read(segment)) {
        for (var next = changes.next(); next.isPresent(); next = changes.next()) {
          if (next.get().change().body() instanceof Change.Tag(_, var name)) {
            others.add(name);
            found = name.equals(label) ? OptionalLong.of(next.get().sequence()) : found;
          }
        }
      }
      if (found.isPresent()) {
        return found;
      }
    }
    return OptionalLong.empty();
  }

  /** All trees by name. */
  public List<TreeState> states() throws IOException {
    Map<TreeName, TreeState> states = new TreeMap<>();
    for (TreeName tree : repository.trees()) {
      Optional<Cursor> sealed = repository.history(tree).resumePoint();
      sealed.ifPresent(
          cursor ->
              states.put(tree, new TreeState(tree, cursor, cursor, cursor.fault(), 0, List.of())));
    }
    if (log.isPresent()) {
      addLogged(states, log.get());
    }
    return List.copyOf(states.values());
  }

  private static void addLogged(Map<TreeName, TreeState> states, LogConnection connection)
      throws IOException {
    LogTopics topics;
    try (LogAdmin admin = LogAdmin.connect(connection)) {
      topics = admin.requireTopics();
    }
    List<StandbyStatus> standbys = new ArrayList<>();
    for (byte[] value : CompactedTopic.read(connection, topics.standbys()).values()) {
      standbys.add(Records.decodeStandbyStatus(value));
    }
    standbys.sort(Comparator.comparing(StandbyStatus::key));
    for (Head head : Heads.readAll(connection, topics).values()) {
      states.merge(head.tree(), state(head, standbys), Reading::newerSeal);
    }
  }

  private static TreeState state(Head head, List<StandbyStatus> standbys) {
    Fault fault = head.accepted().fault().isNone() ? head.sealingFault() : head.accepted().fault();
    return new TreeState(
        head.tree(),
        head.accepted(),
        head.sealed(),
        fault,
        head.lastHeartbeatMillis(),
        standbys.stream().filter(standby -> standby.tree().equals(head.tree())).toList());
  }

  /** The repository may be a moment ahead of what the heads say of it. */
  private static TreeState newerSeal(TreeState inRepository, TreeState logged) {
    Cursor sealed =
        inRepository.sealed().sequence() > logged.sealed().sequence()
            ? inRepository.sealed()
            : logged.sealed();
    Cursor accepted = sealed.sequence() > logged.accepted().sequence() ? sealed : logged.accepted();
    return new TreeState(
        logged.tree(),
        accepted,
        sealed,
        logged.fault(),
        logged.lastHeardMillis(),
        logged.standbys());
  }

  /** Since when the oldest change that only the log holds waits, of each tree that has any. */
  public Map<TreeName, Long> unsealedSince(List<TreeState> states) throws IOException {
    Map<TreeName, Long> since = new TreeMap<>();
    if (log.isEmpty() || states.stream().allMatch(state -> state.unsealed() == 0)) {
      return since;
    }
    LogTopics topics;
    try (LogAdmin admin = LogAdmin.connect(log.get())) {
      topics = admin.requireTopics();
    }
    try (UnsealedLog unsealed = new UnsealedLog(log.get(), topics)) {
      for (TreeState state : states) {
        unsealed
            .oldestChange(state.tree(), state.accepted(), state.sealed())
            .ifPresent(millis -> since.put(state.tree(), millis));
      }
    }
    return since;
  }

  /** For display: the repository's identity. */
  public UUID repositoryId() {
    return repository.descriptor().id();
  }

  @Override
  public void close() throws IOException {
    repository.close();
  }

  /** No tree has that name; the message names those that there are. */
  public static final class UnknownTreeException extends IOException {
    private static final long serialVersionUID = 1L;

    UnknownTreeException(TreeName tree, List<TreeName> known) {
      super(
          known.isEmpty()
              ? "There is no tree %s: nothing has been recorded here yet.".formatted(tree)
              : "There is no tree %s here; there is %s."
                  .formatted(
                      tree, String.join(", ", known.stream().map(TreeName::value).toList())));
    }
  }
}
