package dev.tidemark.cli.metrics;

import dev.tidemark.mirror.MirrorStatus;
import dev.tidemark.store.ChunkStoreStatus;
import dev.tidemark.watcher.WatcherStatus;
import dev.tidemark.watcher.capture.CaptureMode;
import java.time.Duration;
import java.util.List;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * Whether this process lives, and whether it does what it is for. It lives while its main loop
 * comes round, which ends the process itself when a role has failed.
 */
public final class Health {
  /** Many rounds of the main loop, and a long stop of the virtual machine. */
  private static final Duration LONGEST_ROUND = Duration.ofSeconds(30);

  private final LongSupplier nanoTime;
  private final Supplier<List<Part>> parts;
  private volatile long lastRound;

  /**
   * One role.
   *
   * @param ready whether it does what it is for
   * @param detail what it is doing, for a person
   */
  public record Part(String name, boolean ready, String detail) {
    /** Ready once it is the writer and changes are watched for. */
    public static Part watcher(String tree, WatcherStatus status) {
      boolean accepted = status.epoch() >= 0;
      boolean watching = status.capture().mode() != CaptureMode.AUTO;
      String detail =
          !accepted
              ? "no term is begun"
              : !watching
                  ? "how changes are found is not decided"
                  : status.lastError().isEmpty()
                      ? "watching by " + status.capture().describe()
                      : "watching; last error: " + status.lastError();
      return new Part("watcher of tree " + tree, accepted && watching, detail);
    }

    /** Ready while Kafka Streams runs. */
    public static Part store(ChunkStoreStatus status) {
      return new Part(
          "chunk-store",
          status.state().equals("RUNNING"),
          "Kafka Streams is "
              + status.state()
              + status.alarm().or(status::repositoryError).map(error -> "; " + error).orElse(""));
    }

    /** Ready while it follows, or stands where it was told to. */
    public static Part standby(String tree, MirrorStatus status) {
      boolean ready =
          switch (status.phase()) {
            case FOLLOWING, HELD -> true;
            case STARTING, SYNCING, CLOSED -> false;
          };
      String doing =
          switch (status.phase()) {
            case FOLLOWING -> "following";
            case HELD -> "standing";
            case STARTING, SYNCING -> "catching up";
            case CLOSED -> "closed";
          };
      return new Part(
          "standby of tree " + tree,
          ready,
          "%s at sequence %d%s"
              .formatted(
                  doing,
                  status.appliedSequence(),
                  status.error().isEmpty() ? "" : "; " + status.error()));
    }
  }

  /** A look at all parts. */
  public record Report(boolean ready, List<Part> parts) {
    public Report {
      parts = List.copyOf(parts);
    }
  }

  /**
   * @param parts asked for each look; none means not ready
   */
  public Health(Supplier<List<Part>> parts) {
    this(parts, System::nanoTime);
  }

  Health(Supplier<List<Part>> parts, LongSupplier nanoTime) {
    this.parts = parts;
    this.nanoTime = nanoTime;
    this.lastRound = nanoTime.getAsLong();
  }

  /** The main loop has come round, and all roles run. */
  public void cameRound() {
    lastRound = nanoTime.getAsLong();
  }

  /** Whether the main loop still comes round. */
  public boolean isLive() {
    return sinceLastRound().compareTo(LONGEST_ROUND) < 0;
  }

  Duration sinceLastRound() {
    return Duration.ofNanos(nanoTime.getAsLong() - lastRound);
  }

  public Report look() {
    List<Part> now = parts.get();
    return new Report(!now.isEmpty() && now.stream().allMatch(Part::ready), now);
  }
}
