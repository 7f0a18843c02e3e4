package dev.tidemark.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.apply.OwnerIds;
import dev.tidemark.apply.TestFrames;
import dev.tidemark.filesystem.linux.Descriptor;
import dev.tidemark.filesystem.linux.LinuxFiles;
import dev.tidemark.filesystem.linux.NativePath;
import dev.tidemark.log.LogConnection;
import dev.tidemark.mirror.MirrorConfig.TargetTakeOver;
import dev.tidemark.mirror.Synchroniser.Known;
import dev.tidemark.schemas.change.Change;
import dev.tidemark.schemas.change.Metadata;
import dev.tidemark.schemas.change.Metadata.FileTime;
import dev.tidemark.schemas.change.Node;
import dev.tidemark.schemas.change.NodePath;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class KeptAsideTest {
  @TempDir Path folder;
  private final TestFrames frames = new TestFrames();

  @Test
  void theListHasEachEntryBeforeItIsReplaced() throws Exception {
    Path target = Files.createDirectory(folder.resolve("target"));
    Files.writeString(target.resolve("b"), "b");
    Files.writeString(target.resolve("a"), "a");
    try (Descriptor root = LinuxFiles.openRoot(NativePath.of(target));
        KeptAside aside = new KeptAside(folder.resolve("state"), Instant.EPOCH).listing(_ -> {})) {
      aside.keep(root, bytes("b"), NodePath.ofText("b"));
      Path list = Path.of(aside.folder() + ".list");

      // A process that is killed here leaves this.
      assertThat(Files.readAllLines(list)).containsExactly("b");
      aside.keep(root, bytes("a"), NodePath.ofText("a"));
      assertThat(Files.readAllLines(list)).containsExactly("b", "a");
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private List<String> keptBy(Known known) throws IOException {
    Path base = Files.createDirectory(folder.resolve(known.toString()));
    SimulatedLog log = new SimulatedLog();
    var time = new FileTime(1_700_000_000, 1);
    log.add(new Change.Put(NodePath.ROOT, new Node.Directory(Metadata.of(0755, 0, 0, time))));
    var config =
        MirrorConfig.of(
                SimulatedLog.TREE,
                base.resolve("target"),
                base.resolve("standby"),
                "one",
                LogConnection.to("localhost:1"))
            .withOwners(OwnerIds.BY_NAME)
            .withTakeOver(TargetTakeOver.OVERWRITE);
    try (TestSession session = new TestSession(base, frames, CrashPoints.NONE)) {
      session.apply(log.accepted());
      Files.writeString(base.resolve("target/foreign"), "of somebody else");
      new Synchroniser(
              config,
              session.target,
              session.state,
              new StatusBoard(Clock.systemUTC()),
              Clock.systemUTC())
          .bootstrap(log.model(), log.cursor(), known, frames);
    }
    assertThat(base.resolve("target/foreign")).doesNotExist();
    Path kept = base.resolve("standby/kept-aside");
    if (!Files.exists(kept)) {
      return List.of();
    }
    try (Stream<Path> files = Files.walk(kept)) {
      return files.filter(Files::isRegularFile).map(f -> f.getFileName().toString()).toList();
    }
  }

  @Test
  void onlyTheFirstBeginningOfAFormerWriterOverwrites() throws Exception {
    assertThat(keptBy(Known.NOTHING)).isEmpty();
    assertThat(keptBy(Known.APPLIED)).containsExactly("foreign");
  }

  @Test
  void whatDriftedIsKeptWhereItIsAskedForOrNotAtAll() throws Exception {
    assertThat(keptByRepair(new KeepDrift.Usual(), "usual/standby/kept-aside")).isTrue();
    assertThat(keptByRepair(new KeepDrift.In(folder.resolve("in/aside")), "in/aside")).isTrue();
    assertThat(keptByRepair(new KeepDrift.No(), "no/standby/kept-aside")).isFalse();
  }

  private boolean keptByRepair(KeepDrift keep, String where) throws IOException {
    Path base = Files.createDirectory(folder.resolve(where.substring(0, where.indexOf('/'))));
    var config =
        MirrorConfig.of(
                SimulatedLog.TREE,
                base.resolve("target"),
                base.resolve("standby"),
                "one",
                LogConnection.to("localhost:1"))
            .with(DriftPlan.DEFAULT.with(keep));
    try (TestSession session = new TestSession(base, frames, CrashPoints.NONE)) {
      Files.writeString(base.resolve("target/foreign"), "of somebody else");
      new Synchroniser(
              config,
              session.target,
              session.state,
              new StatusBoard(Clock.systemUTC()),
              Clock.systemUTC())
          .repair(Long.MAX_VALUE, frames);
    }
    assertThat(base.resolve("target/foreign")).doesNotExist();
    if (!Files.exists(folder.resolve(where))) {
      return false;
    }
    try (Stream<Path> kept = Files.walk(folder.resolve(where))) {
      return kept.anyMatch(path -> path.endsWith("foreign"));
    }
  }
}
