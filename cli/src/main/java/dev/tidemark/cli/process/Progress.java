package dev.tidemark.cli.process;

import dev.tidemark.mirror.MirrorStatus;
import dev.tidemark.repository.verify.Scrubber;
import dev.tidemark.schemas.change.TreeName;
import dev.tidemark.schemas.cursor.Fault;
import dev.tidemark.schemas.cursor.Head;
import dev.tidemark.store.ChunkStoreStatus;
import dev.tidemark.watcher.WatcherStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Where the trees of an {@code up} stand at one moment.
 *
 * @param trees by name
 * @param storedBytes frame bytes put into the repository since the start
 * @param scrub empty if the repository is not scrubbed
 */
public record Progress(
    List<TreeProgress> trees,
    long storedBytes,
    Optional<String> storeError,
    Optional<Scrubber.Status> scrub) {
  public Progress {
    trees = List.copyOf(trees);
  }

  /**
   * Where one tree stands.
   *
   * @param head what the cataloguer last said; empty before it has
   * @param standby empty if the tree has none here
   */
  public record TreeProgress(
      TreeName tree, WatcherStatus watcher, Optional<Head> head, Optional<MirrorStatus> standby) {

    /** Whether the log's readers have counted everything that the watcher has handed over. */
    boolean isCounted() {
      return head.map(
              h ->
                  h.accepted().epoch().offset() == watcher.epoch()
                      && h.accepted().number() >= watcher.lastNumber())
          .orElse(false);
    }

    /** The first scan is in the log, and the standby shows what is in the log. */
    boolean isReady() {
      return watcher.scanCompleted()
          && isCounted()
          && standby
              .map(s -> s.appliedSequence() >= acceptedSequence() && s.error().isEmpty())
              .orElse(true);
    }

    long acceptedSequence() {
      return head.map(h -> h.accepted().sequence()).orElse(0L);
    }

    long unsealed() {
      return head.map(h -> h.accepted().sequence() - h.sealed().sequence()).orElse(0L);
    }

    /** Why the tree stands still, if it does, and what else needs a look. */
    Optional<String> trouble() {
      List<String> troubles = new ArrayList<>();
      head.map(Head::accepted).ifPresent(cursor -> add(troubles, cursor.fault()));
      head.ifPresent(h -> add(troubles, h.sealingFault()));
      String counts = WatcherTrouble.describe(watcher);
      if (!counts.isEmpty()) {
        troubles.add(counts);
      }
      standby
          .filter(s -> !s.error().isEmpty())
          .ifPresent(s -> troubles.add("standby: " + s.error()));
      return troubles.isEmpty() ? Optional.empty() : Optional.of(String.join("; ", troubles));
    }

    private static void add(List<String> troubles, Fault fault) {
      if (!fault.isNone()) {
        troubles.add(fault.kind() + " " + fault.detail());
      }
    }
  }

  static Progress of(
      List<TreeProgress> trees, ChunkStoreStatus store, Optional<Scrubber.Status> scrub) {
    return new Progress(
        trees,
        store.storedBytes(),
        store.alarm().or(store::repositoryError).or(store::snapshotError),
        scrub);
  }

  /** Handed to the log since the start. */
  public long publishedChanges() {
    return trees.stream().mapToLong(tree -> tree.watcher().publishedChanges()).sum();
  }

  /** One line: changes, bytes, lag to the standby, lag of sealing. */
  public String line() {
    long changes = publishedChanges();
    long read = 0;
    long unsealed = 0;
    long behind = 0;
    long lagMillis = 0;
    boolean standbys = false;
    boolean scanning = false;
    for (TreeProgress tree : trees) {
      read += tree.watcher().bytesRead();
      unsealed += tree.unsealed();
      scanning |= !tree.watcher().scanCompleted();
      if (tree.standby().isPresent()) {
        MirrorStatus standby = tree.standby().get();
        standbys = true;
        behind += Math.max(0, tree.acceptedSequence() - standby.appliedSequence());
        lagMillis = Math.max(lagMillis, standby.lagMillis());
      }
    }
    StringBuilder line = new StringBuilder();
    line.append(scanning ? "scanning, " : "");
    line.append(Amounts.count(changes)).append(changes == 1 ? " change, " : " changes, ");
    line.append(Amounts.bytes(read)).append(" read, ");
    line.append(Amounts.bytes(storedBytes)).append(" stored");
    if (standbys) {
      line.append(", standby ");
      line.append(
          behind > 0 ? Amounts.count(behind) + " behind" : Amounts.millis(lagMillis) + " lag");
    }
    line.append(unsealed > 0 ? ", " + Amounts.count(unsealed) + " to seal" : ", all sealed");
    scrub.ifPresent(status -> line.append(", ").append(status.describe()));
    for (TreeProgress tree : trees) {
      tree.trouble().ifPresent(t -> line.append(" | ").append(tree.tree()).append(": ").append(t));
    }
    storeError.ifPresent(error -> line.append(" | store: ").append(error));
    return line.toString();
  }
}
