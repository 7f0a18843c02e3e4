package dev.tidemark.cli.metrics;

import dev.tidemark.cli.metrics.Meters.Readings;
import dev.tidemark.cli.tracing.SpanCounts;
import dev.tidemark.mirror.Mirror;
import dev.tidemark.mirror.MirrorStatus;
import dev.tidemark.repository.verify.Scrubber;
import dev.tidemark.schemas.change.TreeName;
import dev.tidemark.schemas.cursor.Fault;
import dev.tidemark.store.ChunkStoreStatus;
import dev.tidemark.store.ChunkStoreStatus.TreeStatus;
import dev.tidemark.store.ChunkStoreStatus.TreeStatus.Scan;
import dev.tidemark.store.catalogue.TreeStates.Age;
import dev.tidemark.watcher.WatcherStatus;
import io.micrometer.core.instrument.Tags;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;

/** Which numbers of each role's status are told, and under which names; see docs/metrics.md. */
public final class RoleMeters {
  private static final double MILLIS = 1_000;
  private static final double SLICES = 256;

  private RoleMeters() {}

  /**
   * Where a standby is, with what its status does not hold.
   *
   * @param drifted entries that were found changed by others
   */
  public record Standby(MirrorStatus status, long drifted) {
    public static Standby of(Mirror mirror) {
      return new Standby(mirror.status(), mirror.drifted());
    }
  }

  /** Those of traces, where they are on. */
  public static void spans(Meters meters, Supplier<SpanCounts> now) {
    meters.read(
        now,
        spans ->
            spans
                .counter(
                    "tidemark_trace_made_spans",
                    "Spans of changes that the sampler chose.",
                    SpanCounts::made)
                .counter(
                    "tidemark_trace_sent_spans",
                    "Of them, those that the collector took.",
                    SpanCounts::sent)
                .counter(
                    "tidemark_trace_failed_spans",
                    "Of them, those that it did not take, and that were given up.",
                    SpanCounts::failed));
  }

  /** Those of watchers, for as long as they run. */
  public static void watchers(Meters meters, Supplier<Map<TreeName, WatcherStatus>> now) {
    meters.readEach(() -> byTree(now.get()), RoleMeters::watcher);
  }

  private static void watcher(Readings<WatcherStatus> w) {
    w.counter(
            "tidemark_watcher_published_changes",
            "Changes handed to the log.",
            WatcherStatus::publishedChanges)
        .counter(
            "tidemark_watcher_acknowledged_changes",
            "Of them, those that are kept.",
            WatcherStatus::acknowledgedChanges)
        .counter(
            "tidemark_watcher_read_bytes",
            "Read of files, whether published or not.",
            WatcherStatus::bytesRead)
        .counter(
            "tidemark_watcher_sent_frames",
            "Chunks whose bodies were sent.",
            WatcherStatus::framesSent)
        .counter(
            "tidemark_watcher_sent_bytes",
            "Of these, as they travel: compressed.",
            WatcherStatus::bytesSent)
        .gauge(
            "tidemark_watcher_dirty_entries",
            "Entries still to be looked at.",
            WatcherStatus::dirtyEntries)
        .gauge(
            "tidemark_watcher_directories", "Directories of the tree.", WatcherStatus::directories)
        .gauge(
            "tidemark_watcher_watched_directories",
            "Of them, those whose events arrive.",
            WatcherStatus::watchedDirectories)
        .gauge(
            "tidemark_watcher_uncovered_directories",
            "Of them, those that are compared at intervals, since no event tells of them.",
            s -> s.capture().uncoveredDirectories())
        .gauge(
            "tidemark_watcher_scanning",
            "1 while the whole tree is being compared.",
            s -> s.scanning() ? 1 : 0)
        .gauge(
            "tidemark_watcher_scan_completed",
            "1 once the scan of the start is acknowledged.",
            s -> s.scanCompleted() ? 1 : 0)
        .counter(
            "tidemark_watcher_overflows",
            "Times that events were lost; each costs a comparison.",
            WatcherStatus::overflows)
        .counter(
            "tidemark_watcher_misses",
            "Changes that no event had told of, found by comparing.",
            WatcherStatus::misses)
        .counter(
            "tidemark_watcher_reconciled_entries",
            "Entries compared in the background.",
            WatcherStatus::reconciledEntries)
        .counter(
            "tidemark_watcher_unreadable",
            "Looks at entries that could not be read.",
            WatcherStatus::unreadable)
        .counter(
            "tidemark_watcher_torn_reads",
            "Files published while they were being written.",
            WatcherStatus::tornReads);
  }

  /** Those of a chunk-store and of the trees whose partitions it owns. */
  public static void store(Meters meters, Supplier<ChunkStoreStatus> now) {
    meters.read(now, RoleMeters::store);
    meters.readEach(() -> byTree(now.get().trees()), RoleMeters::tree);
  }

  private static void store(Readings<ChunkStoreStatus> s) {
    s.gauge(
            "tidemark_store_running",
            "1 while Kafka Streams processes; 0 while it starts, rebalances or has failed.",
            status -> status.state().equals("RUNNING") ? 1 : 0)
        .counter("tidemark_store_frames", "Frames read from the log.", ChunkStoreStatus::frames)
        .counter("tidemark_store_frame_bytes", "Of these, in bytes.", ChunkStoreStatus::frameBytes)
        .counter(
            "tidemark_store_duplicate_frames",
            "Frames of chunks that were stored already.",
            ChunkStoreStatus::duplicates)
        .counter(
            "tidemark_store_rejected_frames",
            "Frames that are unsound or lost; each leaves a hole.",
            ChunkStoreStatus::rejected)
        .counter("tidemark_store_packs", "Packs stored.", ChunkStoreStatus::packs)
        .counter(
            "tidemark_store_stored_bytes", "Frame bytes in them.", ChunkStoreStatus::storedBytes)
        .counter("tidemark_store_segments", "Log segments stored.", ChunkStoreStatus::segments)
        .counter(
            "tidemark_store_sealed_changes", "Changes sealed.", ChunkStoreStatus::sealedChanges)
        .counter(
            "tidemark_store_undecodable_changes",
            "Records of the changes topic that are no change.",
            ChunkStoreStatus::undecodableChanges)
        .counter(
            "tidemark_store_abandoned_versions",
            "Versions of files left out of the history, since their bytes were lost.",
            ChunkStoreStatus::abandonedVersions)
        .gauge(
            "tidemark_store_watermark_lag_frames",
            "Frames read that are not below the watermark of their partition.",
            ChunkStoreStatus::watermarkLag)
        .gauge(
            "tidemark_store_repository_unreachable",
            "1 while the repository cannot be reached.",
            status -> status.repositoryError().isPresent() ? 1 : 0)
        .gauge(
            "tidemark_store_snapshot_failed",
            "1 if the last snapshot could not be made.",
            status -> status.snapshotError().isPresent() ? 1 : 0);
  }

  private static void tree(Readings<TreeStatus> t) {
    t.gauge(
            "tidemark_tree_fresh_timestamp_seconds",
            "The repository holds all that the writer is known to have had at this time.",
            s -> s.freshMillis() / MILLIS)
        .gauge(
            "tidemark_tree_heard_timestamp_seconds",
            "Last sign of life of the writer.",
            s -> s.heardMillis() / MILLIS)
        .gauge(
            "tidemark_tree_sealed_timestamp_seconds",
            "Log time of the last change that is durable.",
            s -> s.sealedLogTimeMillis() / MILLIS)
        .gauge(
            "tidemark_tree_accepted_timestamp_seconds",
            "Log time of the last change that is accepted.",
            s -> s.acceptedLogTimeMillis() / MILLIS)
        .gauge(
            "tidemark_tree_accepted_sequence",
            "Sequence of the last accepted change.",
            TreeStatus::acceptedSequence)
        .gauge(
            "tidemark_tree_sealed_sequence",
            "Sequence of the last sealed change.",
            TreeStatus::sealedSequence)
        .gauge(
            "tidemark_tree_unsealed_seconds",
            "Age of the oldest change that is not sealed; 0 if all are.",
            s -> s.unsealedMillis() / MILLIS)
        .gauge(
            "tidemark_tree_unsealed_late",
            "1 if that is past half of the retention of the chunks topic.",
            s -> s.age() == Age.LATE ? 1 : 0)
        .gauge(
            "tidemark_tree_scan_open",
            "1 while the writer compares its whole tree: what that has yet to find is not in the"
                + " log.",
            s -> s.scan() == Scan.OPEN ? 1 : 0)
        .counter(
            "tidemark_tree_rejected_records", "Records of fenced writers.", TreeStatus::rejected)
        .counter(
            "tidemark_tree_repeated_records",
            "Records that were there already.",
            TreeStatus::repeated)
        .counter("tidemark_tree_gapped_records", "Records behind a gap.", TreeStatus::gapped)
        .states(
            "tidemark_tree_fault",
            "Why the tree does not go on.",
            "kind",
            Fault.Kind.class,
            s -> s.fault().kind());
  }

  /** Those of standbys, for as long as they run. */
  public static void standbys(Meters meters, Supplier<Map<TreeName, Standby>> now) {
    meters.readEach(() -> byTree(now.get()), RoleMeters::standby);
  }

  private static void standby(Readings<Standby> m) {
    m.gauge(
            "tidemark_standby_applied_sequence",
            "Sequence of the last change that is visible.",
            of(MirrorStatus::appliedSequence))
        .gauge(
            "tidemark_standby_applied_timestamp_seconds",
            "Log time of that change.",
            s -> s.status().appliedLogTimeMillis() / MILLIS)
        .gauge(
            "tidemark_standby_durable_sequence",
            "Sequence of the last change that survives a power loss.",
            of(MirrorStatus::durableSequence))
        .gauge(
            "tidemark_standby_latency_seconds",
            "From the append of the last applied change to its being visible.",
            s -> s.status().lagMillis() / MILLIS)
        .counter(
            "tidemark_standby_rejected_changes",
            "Changes of fenced writers, passed over.",
            s -> s.status().rejectedChanges())
        .counter(
            "tidemark_standby_drifted_entries",
            "Entries that others had changed, put right.",
            Standby::drifted)
        .gauge(
            "tidemark_standby_paused",
            "1 while it stands still, or paths are not what they should be; /health/ready says"
                + " why.",
            s -> s.status().error().isEmpty() ? 0 : 1)
        .states(
            "tidemark_standby_phase",
            "What it is doing.",
            "phase",
            MirrorStatus.Phase.class,
            s -> s.status().phase());
  }

  private static java.util.function.ToDoubleFunction<Standby> of(
      Function<MirrorStatus, Long> number) {
    return standby -> number.apply(standby.status());
  }

  /** Those of a scrub. */
  public static void scrub(Meters meters, Supplier<Scrubber.Status> now) {
    meters.read(
        now,
        s ->
            s.gauge(
                    "tidemark_scrub_progress_ratio",
                    "How much of this cycle is done, 0 to 1.",
                    status -> status.slices() / SLICES)
                .counter(
                    "tidemark_scrub_packs", "Packs read since the start.", Scrubber.Status::packs)
                .counter("tidemark_scrub_bytes", "Of these, in bytes.", Scrubber.Status::bytes)
                .gauge(
                    "tidemark_scrub_damaged_packs",
                    "Packs found damaged since the start, and not found whole since.",
                    status -> status.damaged().size())
                .gauge(
                    "tidemark_scrub_interrupted",
                    "1 if the last pass ended early.",
                    status -> status.error().isEmpty() ? 0 : 1));
  }

  private static <S> Map<Tags, S> byTree(Map<TreeName, S> trees) {
    Map<Tags, S> tagged = new HashMap<>();
    trees.forEach((tree, status) -> tagged.put(Tags.of("tree", tree.value()), status));
    return tagged;
  }
}
