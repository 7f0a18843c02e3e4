package dev.tidemark.watcher.capture;

import dev.tidemark.filesystem.linux.Descriptor;
import dev.tidemark.filesystem.linux.Errno;
import dev.tidemark.filesystem.linux.LinuxFiles;
import dev.tidemark.filesystem.linux.NativePath;
import dev.tidemark.filesystem.linux.SystemCallException;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;

/**
 * How the changes of a tree are captured.
 *
 * @param mode never AUTO
 * @param reason why it is this one, for a person
 * @param source to be closed by whoever opened this
 */
public record Capture(CaptureMode mode, String reason, EventSource source) {
  private static final Duration PATIENCE = Duration.ofSeconds(2);

  /**
   * Decides by trying: a source is taken only if it tells of a real event, the opening and closing
   * of the tree's root, on the very filesystem. Nothing is written.
   *
   * @param root open for listing
   * @param path by which it was opened
   * @throws CaptureRefusedException if what was asked for cannot work here
   */
  public static Capture open(
      CaptureMode wanted, Descriptor root, NativePath path, CaptureFaults faults)
      throws IOException {
    Capture chosen = choose(wanted, root, path, faults);
    return new Capture(chosen.mode, chosen.reason, faults.around().apply(chosen.source));
  }

  private static Capture choose(
      CaptureMode wanted, Descriptor root, NativePath path, CaptureFaults faults)
      throws IOException {
    Optional<String> silent = Filesystems.findSilent(LinuxFiles.filesystemType(root));
    return switch (wanted) {
      case AUTO ->
          silent.isPresent()
              ? scan("%s does not tell what other hosts change".formatted(silent.get()))
              : automatic(root, path, faults);
      case FANOTIFY -> {
        Optional<String> obstacle = findObstacleToFanotify(root, path);
        if (obstacle.isPresent()) {
          throw new CaptureRefusedException(
              ("fanotify cannot be used for %s: %s. Run with CAP_SYS_ADMIN on a filesystem that"
                      + " supports it, or with --capture auto.")
                  .formatted(path, obstacle.get()));
        }
        yield fanotify(asked(silent), faults);
      }
      case INOTIFY -> {
        Optional<String> obstacle = findObstacleToInotify(root, path);
        if (obstacle.isPresent()) {
          throw new CaptureRefusedException(
              "inotify cannot be used for %s: %s. Use --capture scan."
                  .formatted(path, obstacle.get()));
        }
        yield inotify(asked(silent));
      }
      case SCAN -> scan("asked for");
    };
  }

  private static String asked(Optional<String> silent) {
    return silent
        .map(name -> "asked for; %s does not tell what other hosts change".formatted(name))
        .orElse("asked for");
  }

  private static Capture automatic(Descriptor root, NativePath path, CaptureFaults faults)
      throws IOException {
    Optional<String> noFanotify = findObstacleToFanotify(root, path);
    if (noFanotify.isEmpty()) {
      return fanotify("one mark covers the filesystem", faults);
    }
    Optional<String> noInotify = findObstacleToInotify(root, path);
    if (noInotify.isEmpty()) {
      return inotify("fanotify cannot be used: " + noFanotify.get());
    }
    return scan(
        "neither fanotify (%s) nor inotify (%s) can be used"
            .formatted(noFanotify.get(), noInotify.get()));
  }

  private static Capture fanotify(String reason, CaptureFaults faults) throws IOException {
    return new Capture(CaptureMode.FANOTIFY, reason, FanotifySource.open(faults.queue()));
  }

  private static Capture inotify(String reason) throws IOException {
    return new Capture(CaptureMode.INOTIFY, reason, InotifySource.open());
  }

  private static Capture scan(String reason) {
    return new Capture(CaptureMode.SCAN, reason, new NoEvents());
  }

  private static Optional<String> findObstacleToFanotify(Descriptor root, NativePath path) {
    try {
      return FanotifySource.tells(root, path, PATIENCE)
          ? Optional.empty()
          : Optional.of("a trial event did not arrive");
    } catch (SystemCallException e) {
      return Optional.of(
          e.errno() == Errno.EPERM && e.call().equals("fanotify_init")
              ? "it needs CAP_SYS_ADMIN"
              : String.valueOf(e.getMessage()));
    }
  }

  private static Optional<String> findObstacleToInotify(Descriptor root, NativePath path) {
    try {
      return InotifySource.tells(root, path, PATIENCE)
          ? Optional.empty()
          : Optional.of("a trial event did not arrive");
    } catch (SystemCallException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }
}
