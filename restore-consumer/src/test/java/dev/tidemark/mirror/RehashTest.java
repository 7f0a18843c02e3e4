package dev.tidemark.mirror;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tidemark.apply.TestFrames;
import dev.tidemark.filesystem.linux.Descriptor;
import dev.tidemark.filesystem.linux.FileStatus;
import dev.tidemark.filesystem.linux.LinuxFiles;
import dev.tidemark.filesystem.linux.NativePath;
import dev.tidemark.mirror.DriftPlan.Events;
import dev.tidemark.mirror.MirrorState.Place;
import dev.tidemark.schemas.change.Change;
import dev.tidemark.schemas.change.Metadata;
import dev.tidemark.schemas.change.Metadata.FileTime;
import dev.tidemark.schemas.change.Node;
import dev.tidemark.schemas.change.NodePath;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Bytes that have changed without a trace in the file system. */
final class RehashTest {
  private static final Duration LONG = Duration.ofSeconds(120);
  private static final FileTime TIME = new FileTime(1_700_000_000, 123_456_789);

  @TempDir Path folder;
  private final TestFrames frames = new TestFrames();

  @BeforeEach
  void ownersCanBeSet() throws Exception {
    assumeTrue(Privilege.isRoot(), "only root can give files to other owners");
  }

  private static Change.Put put(String path, Node node) {
    return new Change.Put(path.isEmpty() ? NodePath.ROOT : NodePath.ofText(path), node);
  }

  private Node.File file(String text) {
    return frames.file(text.getBytes(StandardCharsets.UTF_8), 0644, TIME);
  }

  private Path at(String name) {
    return folder.resolve("target").resolve(name);
  }

  /** The state takes the signature for its own, as if nothing but the bytes had changed. */
  private void rot(String name, String bytes) throws IOException {
    var time = Files.getLastModifiedTime(at(name));
    Files.writeString(at(name), bytes);
    Files.setLastModifiedTime(at(name), time);
    try (Descriptor root = LinuxFiles.openRoot(NativePath.of(folder.resolve("target")));
        MirrorState state = MirrorState.open(folder.resolve("standby/entries"))) {
      Place place = state.placeOf(NodePath.ofText(name)).orElseThrow();
      FileStatus is = LinuxFiles.status(root, place.name());
      state.put(place, state.find(place).orElseThrow().withSignature(Signature.of(is)));
      state.commit(state.cursor().orElseThrow());
    }
  }

  @Test
  void rottenBytesAreFoundAndMendedUnderAllTheirNames() throws Exception {
    Metadata plain = Metadata.of(0644, 0, 0, TIME);
    Metadata shared =
        new Metadata(0644, 0, 0, plain.owner(), plain.group(), TIME, plain.attributes(), 42);
    var inode = new Node.File(shared, file("linked").content());
    try (TestLog log = TestLog.start(folder.resolve("broker"));
        TestWriter writer =
            new TestWriter(log.connection(), log.topics(), SimulatedLog.TREE, frames)) {
      MirrorConfig config =
          MirrorConfig.of(
                  SimulatedLog.TREE,
                  folder.resolve("target"),
                  folder.resolve("standby"),
                  "one",
                  log.connection())
              .with(
                  DriftPlan.DEFAULT
                      .withInterval(Duration.ofMillis(100))
                      .with(Events.OFF)
                      .withRehash(100)
                      .with(new KeepDrift.In(folder.resolve("aside"))));
      writer.beginEpoch();
      long last =
          writer.write(
              put("", new Node.Directory(Metadata.of(0755, 0, 0, TIME))),
              put("a", file("right")),
              put("l1", inode),
              put("l2", inode));
      try (Mirror mirror = Mirror.start(config.with(DriftPlan.DEFAULT))) {
        mirror.awaitApplied(last, LONG);
      }
      rot("a", "wrong");
      rot("l1", "LINKED");

      try (Mirror mirror = Mirror.start(config)) {
        await().atMost(LONG).untilAsserted(() -> assertThat(at("a")).hasContent("right"));
        await().atMost(LONG).untilAsserted(() -> assertThat(at("l1")).hasContent("linked"));
        await().atMost(LONG).untilAsserted(() -> assertThat(at("l2")).hasContent("linked"));
        assertThat(Files.isSameFile(at("l1"), at("l2"))).as("still one inode").isTrue();
        assertThat(mirror.drifted()).isPositive();
      }
      try (Stream<Path> kept = Files.walk(folder.resolve("aside"))) {
        assertThat(kept.filter(path -> path.endsWith("a")))
            .anySatisfy(path -> assertThat(path).hasContent("wrong"));
      }
      assertThat(folder.resolve("standby/kept-aside")).doesNotExist();
    }
  }

  @Test
  void eachFileIsInOneOfAsManySharesAsMakeAWhole() {
    for (int i = 0; i < 1000; i++) {
      NodePath path = NodePath.ofText("d/f" + i);
      int passes = 0;
      for (int first = 0; first < 100; first += 20) {
        passes += Rehash.isOfShare(path, first, 20) ? 1 : 0;
      }
      assertThat(passes).as("passes of five that read %s", path).isEqualTo(1);
      assertThat(Rehash.isOfShare(path, 7, 0)).isFalse();
      assertThat(Rehash.isOfShare(path, 7, 100)).isTrue();
    }
  }
}
