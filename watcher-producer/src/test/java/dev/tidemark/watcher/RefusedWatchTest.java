package dev.tidemark.watcher;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.filesystem.linux.Descriptor;
import dev.tidemark.filesystem.linux.Errno;
import dev.tidemark.filesystem.linux.Fanotify;
import dev.tidemark.filesystem.linux.SystemCallException;
import dev.tidemark.watcher.capture.CaptureEvent;
import dev.tidemark.watcher.capture.CaptureFaults;
import dev.tidemark.watcher.capture.CaptureMode;
import dev.tidemark.watcher.capture.EventSource;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Watches run out: at the start nothing is watched in part, later the rest is compared. */
@ExtendWith(SharedLog.class)
class RefusedWatchTest {
  @TempDir Path folder;
  private final AtomicInteger left = new AtomicInteger(Integer.MAX_VALUE);

  private WatchedTree tree(TestLog log, String name) throws Exception {
    return new WatchedTree(log, folder, name)
        .configure(
            c ->
                c.with(c.capture().with(CaptureMode.INOTIFY))
                    .with(c.limits().withRetryUncovered(Duration.ofMillis(200))))
        .in(
            Environment.ofProcess()
                .withFaults(
                    new CaptureFaults(
                        Fanotify.Queue.UNLIMITED, source -> new Scarce(source, left))));
  }

  /** A source whose kernel has only so many watches. */
  private record Scarce(EventSource real, AtomicInteger left) implements EventSource {
    @Override
    public OptionalInt watch(Descriptor directory) throws SystemCallException {
      if (left.getAndDecrement() <= 0) {
        throw new SystemCallException("inotify_add_watch", "a directory", Errno.ENOSPC.number());
      }
      return real.watch(directory);
    }

    @Override
    public void unwatch(int watch) throws SystemCallException {
      real.unwatch(watch);
    }

    @Override
    public int read(List<CaptureEvent> into) throws SystemCallException {
      return real.read(into);
    }

    @Override
    public boolean readAvailable(List<CaptureEvent> into) throws SystemCallException {
      return real.readAvailable(into);
    }

    @Override
    public void wake() throws SystemCallException {
      real.wake();
    }

    @Override
    public void close() throws SystemCallException {
      real.close();
    }
  }

  @Test
  void aTreeThatCannotBeWatchedWholeIsRefusedWithTheNumbers(TestLog log) throws Exception {
    try (WatchedTree tree = tree(log, "scarce")) {
      tree.write("a/b/c/file", "x");
      left.set(2);
      tree.begin();

      Throwable thrown =
          Assertions.catchThrowable(
              () -> tree.watcher().failure().orTimeout(60, TimeUnit.SECONDS).join());

      assertThat(thrown).isInstanceOf(CompletionException.class);
      assertThat(thrown).hasCauseInstanceOf(WatcherRefusedException.class);
      assertThat(Objects.requireNonNull(thrown.getCause()).getMessage())
          .contains("has 4 directories", "sysctl fs.inotify.max_user_watches=");
    }
  }

  @Test
  void whatCannotBeWatchedLaterIsSaidAndComparedUntilItCan(TestLog log) throws Exception {
    try (WatchedTree tree = tree(log, "scarce-later")) {
      tree.write("file", "x");
      tree.start();
      left.set(0);

      tree.write("new/file", "made in a directory that is not watched");
      tree.view.await(
          "an uncovered directory", () -> tree.status().capture().uncoveredDirectories() == 1);
      tree.awaitIdentical();
      tree.write("new/later", "no event tells of this");
      tree.write("new/deeper/file", "nor of this");
      tree.awaitIdentical();

      left.set(Integer.MAX_VALUE);
      tree.view.await(
          "all covered again", () -> tree.status().capture().uncoveredDirectories() == 0);
      tree.write("new/deeper/last", "an event tells of this");
      tree.awaitIdentical();
    }
  }
}
