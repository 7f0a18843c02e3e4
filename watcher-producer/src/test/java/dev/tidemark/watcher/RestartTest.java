package dev.tidemark.watcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.filesystem.linux.SystemCallException;
import dev.tidemark.schemas.change.Change;
import dev.tidemark.schemas.change.Change.ScanKind;
import dev.tidemark.schemas.change.Epoch;
import dev.tidemark.schemas.change.NodePath;
import dev.tidemark.schemas.cursor.Cursor;
import dev.tidemark.schemas.cursor.Fault;
import dev.tidemark.schemas.cursor.Head;
import dev.tidemark.watcher.read.ListFaults;
import dev.tidemark.watcher.state.InodeIndexCheck;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@ExtendWith(SharedLog.class)
class RestartTest {
  @TempDir Path folder;
  private final TestLog log;

  RestartTest(TestLog log) {
    this.log = log;
  }

  private WatchedTree tree(String name) throws Exception {
    return new WatchedTree(log, folder, name);
  }

  /** A kill at the n-th time that a step is reached. */
  private static final class KilledError extends Error {
    private static final long serialVersionUID = 1L;
  }

  private static Checkpoints killAt(Checkpoints.Step step, int time) {
    AtomicInteger left = new AtomicInteger(time);
    return reached -> {
      if (reached == step && left.decrementAndGet() == 0) {
        throw new KilledError();
      }
    };
  }

  private static void awaitKilled(WatchedTree tree) {
    assertThatThrownBy(() -> tree.watcher().failure().get(60, TimeUnit.SECONDS))
        .hasCauseInstanceOf(KilledError.class);
  }

  @Test
  void restartPublishesWhatDiffersAndNothingElse() throws Exception {
    try (WatchedTree tree = tree("restart")) {
      for (int i = 0; i < 200; i++) {
        tree.write("d" + i % 7 + "/f" + i, "text " + i);
      }
      tree.start();
      tree.awaitIdentical();
      tree.stop();
      tree.view.read();
      int before = tree.view.accepted().size();

      tree.write("d1/f1", "edited while nobody watched");
      Files.delete(tree.path("d2/f2"));
      tree.deleteTree("d3");
      tree.write("d8/new", "new");
      tree.start();
      tree.awaitIdentical();

      List<Change.Body> bodies = tree.view.bodies(before);
      assertThat(bodies).contains(new Change.Remove(NodePath.ofText("d2/f2")));
      assertThat(bodies).contains(new Change.Remove(NodePath.ofText("d3")));
      // The two edited or made files, their directories and the root.
      assertThat(bodies).hasSizeLessThan(10);
      assertThat(tree.view.gaps()).isEmpty();
    }
  }

  @Test
  void whatWasReadWithinATickOfItsChangeIsReadAgainByTheNextScan() throws Exception {
    try (WatchedTree tree = tree("racy")) {
      Environment process = tree.environment();
      tree.write("f", "text");
      // By this clock the file has changed after it was read, or at that moment.
      tree.in(process.withClock(() -> Instant.now().minus(Duration.ofHours(1))));
      tree.start();
      tree.awaitIdentical();
      tree.stop();

      tree.in(process);
      tree.start();
      assertThat(tree.status().bytesRead()).isEqualTo("text".length());
      tree.stop();
      tree.start();
      assertThat(tree.status().bytesRead()).isZero();

      tree.view.read();
      // The root and the file, once each.
      assertThat(tree.view.bodies()).hasSize(2);
    }
  }

  /** Whatever step a kill hits, first scan or live: nothing is lost, nothing stays that is gone. */
  @ParameterizedTest
  @EnumSource(Checkpoints.Step.class)
  void aKillAtAnyStepIsHealedByTheNextStart(Checkpoints.Step step) throws Exception {
    try (WatchedTree tree = tree("kill-" + step.name().toLowerCase(java.util.Locale.ROOT))) {
      Environment process = tree.environment();
      for (int i = 0; i < 50; i++) {
        tree.write("d" + i % 5 + "/f" + i, "text " + i);
      }
      tree.in(process.withCheckpoints(killAt(step, 3))).begin();
      awaitKilled(tree);
      assertThat(InodeIndexCheck.differences(tree.state)).isEmpty();
      Files.delete(tree.path("d1/f1"));
      tree.in(process).start();
      tree.awaitIdentical();
      tree.stop();

      tree.in(process.withCheckpoints(killAt(step, 12))).start();
      for (int i = 0; i < 200 && !tree.watcher().failure().isDone(); i++) {
        tree.write("x" + i + "/y", "live " + i);
        Files.createLink(tree.path("x" + i + "/linked"), tree.path("x" + i + "/y"));
        Files.move(tree.path("x" + i), tree.path("z" + i));
        Thread.onSpinWait();
      }
      awaitKilled(tree);
      assertThat(InodeIndexCheck.differences(tree.state)).isEmpty();
      tree.deleteTree("z0");
      tree.deleteTree("d2");
      tree.write("d2", "a file where a directory was");
      tree.in(process).start();
      tree.awaitIdentical();
      assertThat(tree.view.gaps()).isEmpty();
    }
  }

  /**
   * x is made and acknowledged, the kill comes before that is remembered, x goes while nobody
   * watches.
   */
  @Test
  void aPathInDoubtThatIsGoneIsRemoved() throws Exception {
    AtomicBoolean armed = new AtomicBoolean();
    Checkpoints kill =
        step -> {
          if (step == Checkpoints.Step.BEFORE_SETTLE && armed.get()) {
            throw new KilledError();
          }
        };
    // Directories are published late, so that the next acknowledgement is that of x.
    try (WatchedTree tree =
        tree("doubt").configure(c -> c.withDelays(Duration.ofSeconds(1), Duration.ofSeconds(60)))) {
      Environment process = tree.environment();
      tree.in(process.withCheckpoints(kill)).start();
      armed.set(true);
      tree.write("x", "now");
      awaitKilled(tree);
      tree.view.await("x in the log", () -> tree.view.bodies().toString().contains("path=x"));
      Files.deleteIfExists(tree.path("x"));

      tree.in(process).start();
      tree.awaitIdentical();

      assertThat(tree.view.bodies()).contains(new Change.Remove(NodePath.ofText("x")));
    }
  }

  @Test
  void aDamagedStateStoreIsMovedAsideAndAFullScanFollows() throws Exception {
    try (WatchedTree tree = tree("damaged")) {
      tree.write("a", "a");
      tree.write("b", "b");
      tree.start();
      tree.awaitIdentical();
      tree.stop();
      tree.view.read();
      try (var files = Files.list(tree.state.resolve("entries"))) {
        for (Path file : files.filter(f -> f.toString().contains("MANIFEST")).toList()) {
          byte[] bytes = Files.readAllBytes(file);
          Arrays.fill(bytes, (byte) 7);
          Files.write(file, bytes);
        }
      }
      Files.delete(tree.path("b"));

      tree.start();
      tree.awaitIdentical();

      assertThat(tree.view.accepted())
          .anyMatch(c -> c.body().equals(new Change.ScanCompleted(ScanKind.FULL)));
    }
  }

  @Test
  void aRestartOfTheMachineIsAnsweredByAFullScan() throws Exception {
    try (WatchedTree tree = tree("reboot")) {
      tree.write("a", "a");
      tree.start();
      tree.awaitIdentical();
      tree.kill();
      Path writer = tree.state.resolve("writer");
      Files.writeString(writer, Files.readString(writer).replaceAll("boot=.*", "boot=another"));
      Files.delete(tree.path("a"));
      tree.write("b", "b");

      tree.start();
      tree.awaitIdentical();

      assertThat(tree.view.accepted())
          .anyMatch(c -> c.body().equals(new Change.ScanCompleted(ScanKind.FULL)));
      assertThat(tree.view.gaps()).isEmpty();
    }
  }

  @Test
  void anothersTreeIsRefusedUntilItIsTakenOver() throws Exception {
    try (WatchedTree tree = tree("take-over")) {
      tree.write("a", "a");
      tree.write("theirs", "only in the log");
      tree.configure(c -> c.withHost("first.example")).start();
      tree.awaitIdentical();
      tree.stop();
      tree.view.read();
      WatchedTree.deleteTree(tree.state);
      Files.delete(tree.path("theirs"));

      log.publish(tree.view.head(System.currentTimeMillis()));
      assertThatThrownBy(tree::begin)
          .isInstanceOf(WatcherRefusedException.class)
          .hasMessageContaining("first.example")
          .hasMessageContaining("is alive")
          .hasMessageContaining("--take-over");
      log.publish(tree.view.head(0));
      assertThatThrownBy(tree::begin)
          .isInstanceOf(WatcherRefusedException.class)
          .hasMessageContaining("last writer")
          .hasMessageContaining("--take-over");

      tree.configure(c -> c.with(TakeOver.FORCE)).start();
      tree.awaitIdentical();
      assertThat(tree.view.find("theirs")).isEmpty();
    }
  }

  /** What the chunk-store tells is a second behind: in that second another host took over. */
  @Test
  void aWriterThatComesBackAsksWhoWritesBeforeItBegins() throws Exception {
    try (WatchedTree tree = tree("asks").start()) {
      tree.write("a", "a");
      tree.awaitIdentical();
      tree.stop();
      tree.view.read();
      log.publish(tree.view.head(System.currentTimeMillis()));
      long begun = begun(tree);

      CompletableFuture<Watcher> started =
          CompletableFuture.supplyAsync(
              () -> {
                try {
                  return Watcher.start(tree.config());
                } catch (IOException e) {
                  throw new CompletionException(e);
                }
              });
      tree.view.await("the question", () -> tree.view.questions() > 0);
      Cursor theirs = begunByAnother(tree.view.cursor());
      log.publish(
          new Head(tree.name, theirs, theirs, System.currentTimeMillis(), Fault.NONE, 0, 0, 0));

      assertThatThrownBy(started::join)
          .hasCauseInstanceOf(OtherWriterException.class)
          .hasMessageContaining("other.example");
      tree.view.read();
      assertThat(begun(tree)).isEqualTo(begun);
    }
  }

  private static long begun(WatchedTree tree) {
    return tree.view.accepted().stream()
        .filter(change -> change.body() instanceof Change.EpochStarted)
        .count();
  }

  /** Where a reader stands that has read another writer's term behind all that is there. */
  private static Cursor begunByAnother(Cursor ours) {
    return new Cursor(
        ours.changesTopic(),
        ours.partition(),
        ours.nextOffset() + 1,
        new Epoch(ours.nextOffset(), new UUID(9, 9)),
        "other.example",
        0,
        List.of(),
        ours.sequence() + 1,
        ours.nextOffset(),
        ours.logTimeMillis(),
        ours.terms(),
        List.of(),
        Cursor.OpenScan.NONE,
        0,
        Fault.NONE);
  }

  @Test
  void aFencedWatcherStopsAndForgetsWhatWasRejected() throws Exception {
    try (WatchedTree tree = tree("fenced").start()) {
      tree.write("a", "a");
      tree.awaitIdentical();
      Cursor ours = tree.view.cursor();
      log.publish(tree.view.head(System.currentTimeMillis()));
      Cursor theirs = begunByAnother(ours);

      log.publish(new Head(tree.name, theirs, theirs, 0, Fault.NONE, 0, 0, 0));

      assertThatThrownBy(() -> tree.watcher().failure().get(60, TimeUnit.SECONDS))
          .isInstanceOf(ExecutionException.class)
          .cause()
          .isInstanceOf(WatcherFencedException.class)
          .hasMessageContaining("other.example");
      assertThat(Files.readString(tree.state.resolve("writer"))).contains("standing=VOID");
    }
  }

  @Test
  void aLostTailOfTheLogIsHealedByAFullScan() throws Exception {
    try (WatchedTree tree = tree("lost-tail").start()) {
      tree.write("a", "a");
      tree.awaitIdentical();
      tree.view.read();
      Cursor c = tree.view.cursor();
      Cursor faulty =
          new Cursor(
              c.changesTopic(),
              c.partition(),
              c.nextOffset(),
              c.epoch(),
              c.host(),
              c.number(),
              c.ended(),
              c.sequence(),
              c.lastOffset(),
              c.logTimeMillis(),
              c.terms(),
              c.tags(),
              c.openScan(),
              c.scanCompleted(),
              new Fault(Fault.Kind.LOST_TAIL, c.sequence(), c.lastOffset(), "for the test"));

      log.publish(new Head(tree.name, faulty, faulty, 0, Fault.NONE, 0, 0, 0));

      tree.view.await(
          "a full scan",
          () ->
              tree.view.accepted().stream()
                  .anyMatch(x -> x.body().equals(new Change.ScanCompleted(ScanKind.FULL))));
      tree.awaitIdentical();
      tree.write("b", "still at work");
      tree.awaitIdentical();
    }
  }

  @Test
  void chunksThatTheStoreLacksAreSentAgain() throws Exception {
    try (WatchedTree tree = tree("missing-chunk").start()) {
      tree.write("a", "some bytes");
      tree.awaitIdentical();
      long frames = tree.status().framesSent();
      int before = tree.view.accepted().size();
      Fault missing =
          new Fault(
              Fault.Kind.MISSING_CHUNK, 1, 1, "for the test", NodePath.ofText("a"), List.of());

      log.publish(tree.view.head(missing));

      tree.view.await(
          "a new put",
          () ->
              tree.view.bodies(before).stream()
                  .anyMatch(b -> b instanceof Change.Put(var p, _) && p.toString().equals("a")));
      assertThat(tree.status().framesSent()).isEqualTo(frames + 1);
    }
  }

  @Test
  void aDirectoryThatCannotBeListedIsKeptByAFullScan() throws Exception {
    try (WatchedTree tree = tree("keep")) {
      tree.write("locked/inside", "x");
      tree.write("open/gone", "x");
      tree.start();
      tree.awaitIdentical();
      tree.kill();
      Path writer = tree.state.resolve("writer");
      Files.writeString(writer, Files.readString(writer).replaceAll("boot=.*", "boot=another"));
      Files.delete(tree.path("open/gone"));
      ListFaults faults =
          path ->
              new String(path, StandardCharsets.UTF_8).equals("locked")
                  ? Optional.of(new SystemCallException("getdents64", "locked", 13))
                  : Optional.empty();

      tree.in(tree.environment().withFaults(faults)).start();
      tree.awaitIdentical();

      assertThat(tree.view.bodies()).contains(new Change.Keep(NodePath.ofText("locked")));
      assertThat(tree.view.find("locked/inside")).isPresent();
      assertThat(tree.status().unreadable()).isPositive();
    }
  }

  @Test
  void aStateFolderInsideTheTreeIsRefused() throws Exception {
    try (WatchedTree tree = tree("inside")) {
      WatcherConfig config =
          WatcherConfig.of(tree.name, tree.root, tree.path("state"), log.connection());

      assertThatThrownBy(() -> Watcher.start(config))
          .isInstanceOf(WatcherRefusedException.class)
          .hasMessageContaining("inside the watched directory");
    }
  }
}
