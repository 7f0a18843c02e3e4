package dev.tidemark.cli.doctor;

import dev.tidemark.cli.process.Amounts;
import dev.tidemark.cli.reading.TreeState;
import dev.tidemark.log.CompactedTopic;
import dev.tidemark.log.Heads;
import dev.tidemark.log.LogAdmin;
import dev.tidemark.log.LogConnection;
import dev.tidemark.log.LogTopics;
import dev.tidemark.log.UnsealedLog;
import dev.tidemark.schemas.codec.Records;
import dev.tidemark.schemas.cursor.Fault;
import dev.tidemark.schemas.cursor.Head;
import dev.tidemark.schemas.cursor.StandbyStatus;
import dev.tidemark.store.ChunkStoreConfig;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/** What the log tells of those who write and read it. */
final class LogDoctor {
  private static final Duration BEHIND = Duration.ofMinutes(5);

  private final LogConnection connection;
  private final LogAdmin admin;
  private final LogTopics topics;
  private final InstantSource clock;

  LogDoctor(LogConnection connection, LogAdmin admin, LogTopics topics, InstantSource clock) {
    this.connection = connection;
    this.admin = admin;
    this.topics = topics;
    this.clock = clock;
  }

  void examine(List<Check> checks) throws IOException {
    List<Head> heads =
        Heads.readAll(connection, topics).values().stream()
            .sorted(Comparator.comparing(Head::tree))
            .toList();
    try (UnsealedLog unsealed = new UnsealedLog(connection, topics)) {
      Duration unread = oldest(unsealed.oldestUnread(heads));
      Check stores = stores(unread);
      checks.add(stores);
      // Heads are as old as the chunk-store's last look: without one they tell of no watcher.
      if (stores.findings().isEmpty()) {
        checks.add(watchers(heads));
      }
      checks.add(sealing(heads, unsealed, unread));
    }
    checks.add(faults(heads));
    checks.add(standbys());
  }

  private Check stores(Duration unread) throws IOException {
    String group = ChunkStoreConfig.applicationId(connection);
    int members = admin.countMembers(group);
    List<Finding> findings = new ArrayList<>();
    if (members == 0) {
      findings.add(
          new Finding(
              "group " + group,
              "no chunk-store runs" + (unread.isZero() ? "" : ", and changes wait"),
              "start `tidemark store`, or `tidemark up` on its data folder"));
    } else if (unread.compareTo(BEHIND) > 0) {
      findings.add(
          new Finding(
              "group " + group,
              "the changes that it is to read next are %s old".formatted(age(unread)),
              "look at its status line and log: is it alive, can it reach the repository?"));
    }
    return new Check("chunk-store", "%d threads read the log".formatted(members), findings);
  }

  private Check watchers(List<Head> heads) {
    List<Finding> findings = new ArrayList<>();
    for (Head head : heads) {
      Duration silence = since(head.lastHeartbeatMillis());
      if (head.accepted().hasEpoch() && silence.compareTo(TreeState.SILENCE) > 0) {
        findings.add(
            new Finding(
                "tree " + head.tree(),
                "its watcher on %s was last heard %s ago"
                    .formatted(head.accepted().host(), age(silence)),
                "start it there: until then changes of the tree are not recorded"));
      }
    }
    return new Check("watchers", "%d trees are written".formatted(heads.size()), findings);
  }

  /** Half of the retention: what is not sealed by its end is lost. */
  private Check sealing(List<Head> heads, UnsealedLog unsealed, Duration unread)
      throws IOException {
    Duration retention = admin.retention(topics.chunks());
    Duration bound = retention.dividedBy(2);
    List<Finding> findings = new ArrayList<>();
    Duration worst = unread;
    for (Head head : heads) {
      OptionalLong oldest = unsealed.oldestChange(head);
      Duration lag = oldest.isEmpty() ? Duration.ZERO : since(oldest.getAsLong());
      worst = max(worst, lag);
      if (lag.compareTo(bound) > 0) {
        findings.add(tooOld("tree " + head.tree(), "changes that are not sealed", lag, retention));
      }
    }
    for (Map.Entry<Integer, Long> partition : unsealed.oldestFrames().entrySet()) {
      Duration lag = since(partition.getValue());
      worst = max(worst, lag);
      if (lag.compareTo(bound) > 0) {
        findings.add(
            tooOld(
                topics.chunks().name() + " partition " + partition.getKey(),
                "chunks that are in no pack",
                lag,
                retention));
      }
    }
    if (unread.compareTo(bound) > 0) {
      findings.add(
          tooOld(topics.changes().name(), "changes that nobody has read", unread, retention));
    }
    return new Check(
        "sealed-lag",
        worst.isZero()
            ? "all is sealed"
            : "what is not sealed is at most %s old".formatted(age(worst)),
        findings);
  }

  private static Finding tooOld(String subject, String what, Duration lag, Duration retention) {
    return new Finding(
        subject,
        "%s are %s old; the log keeps their bytes for %s only"
            .formatted(what, age(lag), age(retention)),
        ("get the chunk-store to run and the repository to be reachable. If that takes longer, let"
                + " the log keep them: kafka-configs.sh --alter --topic TOPIC --add-config"
                + " retention.ms=%d for chunks, and as much for changes")
            .formatted(retention.toMillis() > Long.MAX_VALUE / 4 ? -1 : 4 * retention.toMillis()));
  }

  private static Check faults(List<Head> heads) {
    List<Finding> findings = new ArrayList<>();
    for (Head head : heads) {
      for (Fault fault : List.of(head.accepted().fault(), head.sealingFault())) {
        if (!fault.isNone()) {
          findings.add(
              new Finding(
                  "tree " + head.tree(),
                  fault.kind() + ": " + fault.detail(),
                  remedy(fault.kind())));
        }
      }
    }
    return new Check("faults", "no tree has any", findings);
  }

  private static String remedy(Fault.Kind kind) {
    return switch (kind) {
      case NONE -> "";
      case GAP -> "restart its watcher";
      case LOST_TAIL -> "its watcher answers with a full scan; start it if it does not run";
      case LOST_RANGE -> "restart its watcher with --take-over: a full scan follows";
      case MISSING_CHUNK -> "its watcher sends it again; start it if it does not run";
      case STALE_FRAME -> "its watcher sends it afresh; start it if it does not run";
      case DISAGREEMENT -> "keep the repository and the log as they are, and report it";
    };
  }

  private Check standbys() throws IOException {
    List<Finding> findings = new ArrayList<>();
    Map<String, byte[]> statuses = CompactedTopic.read(connection, topics.standbys());
    for (byte[] value : statuses.values()) {
      StandbyStatus status = Records.decodeStandbyStatus(value);
      if (!status.error().isEmpty()) {
        findings.add(
            new Finding(
                "standby %s on %s".formatted(status.key(), status.host()),
                status.error(),
                "do what it says; it goes on by itself then"));
      }
    }
    findings.sort(Comparator.comparing(Finding::subject));
    return new Check("standbys", "%d have reported".formatted(statuses.size()), findings);
  }

  private Duration oldest(Map<Integer, Long> times) {
    return times.values().stream()
        .map(this::since)
        .max(Comparator.naturalOrder())
        .orElse(Duration.ZERO);
  }

  private Duration since(long millis) {
    return Duration.ofMillis(Math.max(0, clock.millis() - millis));
  }

  private static Duration max(Duration one, Duration other) {
    return one.compareTo(other) > 0 ? one : other;
  }

  private static String age(Duration age) {
    if (age.toDays() > 0) {
      return "%d d %d h".formatted(age.toDays(), age.toHoursPart());
    }
    return age.toHours() > 0
        ? "%d h %d min".formatted(age.toHours(), age.toMinutesPart())
        : Amounts.millis(age.toMillis());
  }
}
