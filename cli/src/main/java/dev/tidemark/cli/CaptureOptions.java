package dev.tidemark.cli;

import dev.tidemark.cli.argument.ArgumentException;
import dev.tidemark.watcher.WatcherConfig;
import dev.tidemark.watcher.capture.CaptureMode;
import dev.tidemark.watcher.read.Mounts;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import picocli.CommandLine.Option;

/** How {@code watch} and {@code up} find changes. */
final class CaptureOptions {
  private static final Pattern INTERVAL = Pattern.compile("(\\d{1,9})(ms|s|m|h)");

  @Option(
      names = "--capture",
      paramLabel = "HOW",
      defaultValue = "auto",
      description =
          "How changes are found: fanotify (needs CAP_SYS_ADMIN; no limit of directories), inotify"
              + " (a watch per directory), scan (the tree is compared at an interval), or auto: the"
              + " first of them that works there. Default: ${DEFAULT-VALUE}.")
  private String capture = "auto";

  @Option(
      names = "--scan-interval",
      paramLabel = "TIME",
      defaultValue = "60s",
      description =
          "Time between two comparisons of the tree where no events are told, as 30s or 5m."
              + " Default: ${DEFAULT-VALUE}.")
  private String scanInterval = "60s";

  @Option(
      names = "--cross-mounts",
      description =
          "Take filesystems mounted below the directory as part of the tree. Without it, a mount"
              + " point is kept as an empty directory.")
  private boolean crossMounts;

  WatcherConfig.Capture settings() {
    return new WatcherConfig.Capture(mode(), interval(), crossMounts ? Mounts.CROSS : Mounts.STAY);
  }

  private CaptureMode mode() {
    Optional<CaptureMode> mode =
        Stream.of(CaptureMode.values())
            .filter(m -> m.toString().equals(capture.toLowerCase(Locale.ROOT)))
            .findFirst();
    return mode.orElseThrow(
        () ->
            new ArgumentException(
                "--capture %s: expected auto, fanotify, inotify or scan".formatted(capture)));
  }

  private Duration interval() {
    Matcher matcher = INTERVAL.matcher(scanInterval);
    if (!matcher.matches()) {
      throw badInterval();
    }
    long amount = Long.parseLong(matcher.group(1));
    Duration interval =
        switch (matcher.group(2)) {
          case "ms" -> Duration.ofMillis(amount);
          case "s" -> Duration.ofSeconds(amount);
          case "m" -> Duration.ofMinutes(amount);
          default -> Duration.ofHours(amount);
        };
    if (interval.compareTo(Duration.ofMillis(100)) < 0) {
      throw badInterval();
    }
    return interval;
  }

  private ArgumentException badInterval() {
    return new ArgumentException(
        "--scan-interval %s: expected a number with ms, s, m or h, at least 100ms"
            .formatted(scanInterval));
  }
}
