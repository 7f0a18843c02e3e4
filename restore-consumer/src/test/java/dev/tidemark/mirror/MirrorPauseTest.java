package dev.tidemark.mirror;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tidemark.apply.TestFrames;
import dev.tidemark.log.CompactedTopic;
import dev.tidemark.mirror.MirrorConfig.TargetTakeOver;
import dev.tidemark.schemas.change.Change;
import dev.tidemark.schemas.change.Metadata;
import dev.tidemark.schemas.change.Metadata.FileTime;
import dev.tidemark.schemas.change.Node;
import dev.tidemark.schemas.change.NodePath;
import dev.tidemark.schemas.change.TreeName;
import dev.tidemark.schemas.codec.Records;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A target that cannot be written for a while, or in one place. */
final class MirrorPauseTest {
  private static final Duration LONG = Duration.ofSeconds(120);
  private static final FileTime TIME = new FileTime(1_700_000_000, 123_456_789);
  private static final TreeName WEB = new TreeName("web");

  @TempDir Path folder;
  private final TestFrames frames = new TestFrames();
  private Path target = Path.of("");

  @BeforeEach
  void makeTarget() throws Exception {
    assumeTrue(Privilege.isRoot(), "only root can mount a filesystem");
    target = Files.createDirectory(folder.resolve("target"));
  }

  @AfterEach
  void unmountTarget() throws Exception {
    if (Privilege.isRoot()) {
      run("chattr", "-R", "-i", target.toString());
      run("umount", "-l", target.toString());
    }
  }

  private static int run(String... command) throws Exception {
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    return process.exitValue();
  }

  private MirrorConfig config(TestLog log) {
    return MirrorConfig.of(WEB, target, folder.resolve("state"), "standby", log.connection());
  }

  private Node.File file(String text) {
    return frames.file(text.getBytes(StandardCharsets.UTF_8), 0644, TIME);
  }

  private static Node.Directory directory() {
    return new Node.Directory(Metadata.of(0755, 0, 0, TIME));
  }

  private static Change.Put put(String path, Node node) {
    return new Change.Put(path.isEmpty() ? NodePath.ROOT : NodePath.ofText(path), node);
  }

  /** A filesystem that met an error, as ext4 is then by default on most systems. */
  private void mountExt4() throws Exception {
    Path image = folder.resolve("image");
    assumeTrue(
        run("truncate", "-s", "32M", image.toString()) == 0
            && run("mkfs.ext4", "-q", "-F", image.toString()) == 0
            && run("mount", "-o", "loop", image.toString(), target.toString()) == 0,
        "an ext4 image cannot be mounted here");
  }

  @Test
  void aTargetThatBecomesReadOnlyPausesTheStandby() throws Exception {
    mountExt4();
    try (TestLog log = TestLog.start(folder.resolve("broker"));
        TestWriter writer = new TestWriter(log.connection(), log.topics(), WEB, frames)) {
      Mirror mirror = Mirror.start(config(log).withTakeOver(TargetTakeOver.REPLACE));
      try {
        writer.beginEpoch();
        long before = writer.write(put("", directory()), put("a", file("old")));
        mirror.awaitApplied(before, LONG);
        assumeTrue(
            run("mount", "-o", "remount,abort", target.toString()) == 0
                && run("touch", target.resolve("probe").toString()) != 0,
            "this ext4 does not become read-only when it is told to");

        writer.write(put("a", file("new")), put("d", directory()));

        await().atMost(LONG).until(() -> mirror.status().error().contains("EROFS"));
        assertThat(mirror.status().error()).contains("mount that filesystem writable");
        assertThat(mirror.status().appliedSequence()).isEqualTo(before);
        assertThat(target.resolve("a")).hasContent("old");
        await().atMost(LONG).until(() -> reportedError(log).contains("EROFS"));
      } finally {
        closeReadOnly(mirror);
      }
    }
  }

  private void mountTmpfs() throws Exception {
    assumeTrue(
        run("mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", target.toString()) == 0,
        "a tmpfs cannot be mounted here");
    Path probe = Files.createFile(folder.resolve("target/probe"));
    assumeTrue(
        run("chattr", "+i", probe.toString()) == 0
            && run("touch", probe.toString()) != 0
            && run("chattr", "-i", probe.toString()) == 0,
        "files cannot be made immutable here");
    Files.delete(probe);
  }

  private void flag(String flag, String path) throws Exception {
    assertThat(run("chattr", flag, target.resolve(path).toString())).isZero();
  }

  @Test
  void anImmutableEntryWaitsAloneAndIsMendedOnceItMayBeChanged() throws Exception {
    mountTmpfs();
    try (TestLog log = TestLog.start(folder.resolve("broker"));
        TestWriter writer = new TestWriter(log.connection(), log.topics(), WEB, frames)) {
      writer.beginEpoch();
      long after;
      try (Mirror mirror = Mirror.start(config(log))) {
        long before =
            writer.write(
                put("", directory()),
                put("a", file("a1")),
                put("d", directory()),
                put("d/x", file("x")),
                put("e", directory()),
                put("e/g", file("g1")),
                put("m", file("m")));
        mirror.awaitApplied(before, LONG);
        for (String path : List.of("a", "d", "e/g", "m")) {
          flag("+i", path);
        }
        after =
            writer.write(
                put("a", file("a2")),
                put("c", file("c")),
                put("d/new", directory()),
                put("d/new/f", file("f")),
                new Change.Remove(NodePath.ofText("d/x")),
                new Change.Move(NodePath.ofText("e"), NodePath.ofText("e2")),
                put("e2/g", file("g2")),
                new Change.Move(NodePath.ofText("m"), NodePath.ofText("moved")),
                put("a", file("a3")),
                put("last", file("last")));
        mirror.awaitApplied(after, LONG);

        assertThat(target.resolve("c")).hasContent("c");
        assertThat(target.resolve("last")).hasContent("last");
        assertThat(target.resolve("a")).hasContent("a1");
        assertThat(target.resolve("e2/g")).hasContent("g1");
        await()
            .atMost(LONG)
            .untilAsserted(
                () ->
                    assertThat(mirror.status().error())
                        .contains("paths wait")
                        .contains("chattr -i"));
        await().atMost(LONG).until(() -> reportedError(log).contains("the first is a."));
      }

      try (Mirror mirror = Mirror.start(config(log))) {
        await().atMost(LONG).until(() -> mirror.status().error().contains("paths wait"));
        flag("-i", "a");
        await().atMost(LONG).untilAsserted(() -> assertThat(target.resolve("a")).hasContent("a3"));
        assertThat(target.resolve("m")).hasContent("m");

        for (String path : List.of("d", "e2/g", "m")) {
          flag("-i", path);
        }
        await().atMost(LONG).until(() -> mirror.status().error().isEmpty());
        assertThat(target.resolve("d/new/f")).hasContent("f");
        assertThat(target.resolve("d/x")).doesNotExist();
        assertThat(target.resolve("e2/g")).hasContent("g2");
        assertThat(target.resolve("moved")).hasContent("m");
        assertThat(target.resolve("m")).doesNotExist();
        mirror.awaitApplied(writer.write(put("a", file("a4"))), LONG);
        assertThat(target.resolve("a")).hasContent("a4");
      }
    }
  }

  @Test
  void anImmutableFileInARemovedDirectoryIsInNobodysWay() throws Exception {
    mountTmpfs();
    try (TestLog log = TestLog.start(folder.resolve("broker"));
        TestWriter writer = new TestWriter(log.connection(), log.topics(), WEB, frames)) {
      writer.beginEpoch();
      try (Mirror mirror = Mirror.start(config(log))) {
        mirror.awaitApplied(
            writer.write(put("", directory()), put("d", directory()), put("d/f", file("f"))), LONG);
        flag("+i", "d/f");
        mirror.awaitApplied(writer.write(new Change.Remove(NodePath.ofText("d"))), LONG);
        assertThat(target.resolve("d")).doesNotExist();
      }
      try (Mirror mirror = Mirror.start(config(log))) {
        mirror.awaitApplied(writer.write(put("b", file("b"))), LONG);
        assertThat(target.resolve("b")).hasContent("b");
      }
    }
  }

  @Test
  void flagsThatAreTakenOffOneAfterTheOtherAreAllNoticed() throws Exception {
    mountTmpfs();
    try (TestLog log = TestLog.start(folder.resolve("broker"));
        TestWriter writer = new TestWriter(log.connection(), log.topics(), WEB, frames)) {
      writer.beginEpoch();
      try (Mirror mirror = Mirror.start(config(log).withDriftInterval(Duration.ZERO))) {
        mirror.awaitApplied(
            writer.write(put("", directory()), put("d", directory()), put("d/x", file("x1"))),
            LONG);
        flag("+i", "d/x");
        flag("+i", "d");
        mirror.awaitApplied(
            writer.write(
                put("d/x", file("x2")),
                put("d", new Node.Directory(Metadata.of(0700, 0, 0, TIME)))),
            LONG);
        await().atMost(LONG).until(() -> mirror.status().error().contains("the first is d."));

        flag("-i", "d");
        await().atMost(LONG).until(() -> mirror.status().error().contains("the first is d/x."));
        assertThat(target.resolve("d/x")).hasContent("x1");

        flag("-i", "d/x");
        await().atMost(LONG).until(() -> mirror.status().error().isEmpty());
        assertThat(target.resolve("d/x")).hasContent("x2");
      }
    }
  }

  @Test
  void anImmutableEntryWaitsAloneWhenAStandbyBegins() throws Exception {
    mountTmpfs();
    Files.writeString(target.resolve("a"), "of before");
    Files.createDirectory(target.resolve("d"));
    Files.writeString(target.resolve("d/f"), "in the way of a directory");
    flag("+i", "a");
    flag("+i", "d/f");
    try (TestLog log = TestLog.start(folder.resolve("broker"));
        TestWriter writer = new TestWriter(log.connection(), log.topics(), WEB, frames)) {
      writer.beginEpoch();
      try (Mirror mirror = Mirror.start(config(log).withTakeOver(TargetTakeOver.REPLACE))) {
        long last =
            writer.write(
                put("", directory()),
                put("a", file("a")),
                put("b", file("b")),
                put("d", directory()),
                put("d/f", directory()),
                put("d/f/g", file("g")));
        mirror.awaitApplied(last, LONG);
        assertThat(target.resolve("b")).hasContent("b");
        assertThat(target.resolve("a")).hasContent("of before");
        await().atMost(LONG).until(() -> mirror.status().error().contains("paths wait"));

        flag("-i", "a");
        await().atMost(LONG).untilAsserted(() -> assertThat(target.resolve("a")).hasContent("a"));
        await()
            .atMost(LONG)
            .untilAsserted(() -> assertThat(target.resolve("d/f/g")).hasContent("g"));
        await().atMost(LONG).until(() -> mirror.status().error().isEmpty());
      }
    }
  }

  private static String reportedError(TestLog log) throws Exception {
    byte[] report =
        CompactedTopic.read(log.connection(), log.topics().standbys()).get(WEB + "/standby");
    return report == null ? "" : Records.decodeStandbyStatus(report).error();
  }

  /** Its lock cannot be taken away there. */
  private static void closeReadOnly(Mirror mirror) {
    try {
      mirror.close();
    } catch (IOException e) {
      assertThat(e).hasMessageContaining("EROFS");
    }
  }
}
