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
