package dev.tidemark.mirror;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tidemark.apply.OwnerIds;
import dev.tidemark.apply.TestFrames;
import dev.tidemark.mirror.DriftCheck.Kind;
import dev.tidemark.mirror.DriftCheck.Report;
import dev.tidemark.schemas.change.Change;
import dev.tidemark.schemas.change.Metadata;
import dev.tidemark.schemas.change.Metadata.FileTime;
import dev.tidemark.schemas.change.Node;
import dev.tidemark.schemas.change.NodePath;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DriftCheckTest {
  @TempDir Path folder;
  private final TestFrames frames = new TestFrames();
  private final SimulatedLog log;

  DriftCheckTest() throws IOException {
    log = new SimulatedLog();
  }

  @BeforeEach
  void ownersCanBeSet() throws Exception {
    assumeTrue(Privilege.isRoot(), "only root can give files to other owners");
  }

  private static NodePath path(String text) {
    NodePath path = NodePath.ROOT;
    for (String name : text.split("/")) {
      path = path.child(name.getBytes(StandardCharsets.UTF_8));
    }
    return path;
  }

  private static Metadata metadata(int mode) {
    return Metadata.of(mode, 0, 0, new FileTime(1_700_000_000, 123_456_789));
  }

  private void applyTree() throws IOException {
    log.add(new Change.Put(NodePath.ROOT, new Node.Directory(metadata(0755))));
    log.add(new Change.Put(path("d"), new Node.Directory(metadata(0755))));
    for (String name : new String[] {"d/a", "d/b", "c"}) {
      byte[] bytes = ("content of " + name).getBytes(StandardCharsets.UTF_8);
      log.add(new Change.Put(path(name), new Node.File(metadata(0644), frames.content(bytes))));
    }
    applyRest();
  }

  private void applyRest() throws IOException {
    try (TestSession session = new TestSession(folder, frames, CrashPoints.NONE)) {
      session.apply(log.after(session.sequence()));
    }
  }

  private Map<NodePath, Kind> check() throws IOException {
    Map<NodePath, Kind> found = new HashMap<>();
    Report report =
        DriftCheck.runOn(
            folder.resolve("target"), folder.resolve("state"), OwnerIds.BY_NAME, found::put);
    assertThat(report.drifted()).isEqualTo(found.size());
    return found;
  }

  private Path at(String name) {
    return folder.resolve("target").resolve(name);
  }

  @Test
  void contentOfTheSameSizeAndTimeIsFound() throws Exception {
    applyTree();
    var time = Files.getLastModifiedTime(at("d/a"));
    Files.writeString(at("d/a"), "CONTENT of d/a");
    Files.setLastModifiedTime(at("d/a"), time);

    assertThat(check()).containsExactlyEntriesOf(Map.of(path("d/a"), Kind.CONTENT));
  }

  @Test
  void changedMetadataIsFound() throws Exception {
    applyTree();
    Files.setPosixFilePermissions(at("c"), PosixFilePermissions.fromString("rw-------"));

    assertThat(check()).containsExactlyEntriesOf(Map.of(path("c"), Kind.METADATA));
  }

  @Test
  void whatIsGoneAndWhatIsNewAreFoundWithTheTimeOfTheirDirectory() throws Exception {
    applyTree();
    Files.delete(at("d/a"));
    Files.writeString(at("d/new"), "new");

    assertThat(check())
        .isEqualTo(
            Map.of(path("d"), Kind.METADATA, path("d/a"), Kind.MISSING, path("d/new"), Kind.EXTRA));
  }

  @Test
  void aFileInTheWayOfADirectoryIsFoundAndWhatIsBelowItIsNotTold() throws Exception {
    applyTree();
    Files.delete(at("d/a"));
    Files.delete(at("d/b"));
    Files.delete(at("d"));
    Files.writeString(at("d"), "no directory");

    assertThat(check()).isEqualTo(Map.of(NodePath.ROOT, Kind.METADATA, path("d"), Kind.TYPE));
  }

  @Test
  void whatWasChangedThereAndBackIsNoDrift() throws Exception {
    applyTree();
    Files.setPosixFilePermissions(at("c"), PosixFilePermissions.fromString("rw-------"));
    Files.setPosixFilePermissions(at("c"), PosixFilePermissions.fromString("rw-r--r--"));

    assertThat(check()).isEmpty();
  }

  @Test
  void whatTheMirrorDidItselfIsNoDrift() throws Exception {
    long seed = Long.getLong("tidemark.seed", System.nanoTime());
    System.out.println("tidemark.seed=" + seed);
    Random random = new Random(seed);
    RandomChanges changes = new RandomChanges(random, frames, log);
    changes.addRoot();
    for (int part = 0; part < 6; part++) {
      changes.add(40);
      try (TestSession session = new TestSession(folder, frames, CrashPoints.NONE)) {
        session.applyInBatches(log.after(session.sequence()), random);
      }

      assertThat(check()).as("seed %d part %d", seed, part).isEmpty();
    }
  }

  @Test
  void whatWasFoundIsNotedForTheNextStart() throws Exception {
    applyTree();
    check();
    assertThat(isNoted()).isFalse();
    Files.writeString(at("c"), "other");

    check();

    assertThat(isNoted()).isTrue();
  }

  private boolean isNoted() throws IOException {
    try (MirrorState state = MirrorState.open(folder.resolve("state"))) {
      return state.notes().isDriftNoted();
    }
  }

  @Test
  void aStateThatNothingWasAppliedByIsRefused() {
    assertThatThrownBy(
            () -> DriftCheck.run(folder.resolve("target"), folder, OwnerIds.BY_NAME, (_, _) -> {}))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("start the mirror first");
  }
}
