package dev.tidemark.mirror;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tidemark.apply.TestFrames;
import dev.tidemark.apply.WithoutCapabilities;
import dev.tidemark.schemas.change.Change;
import dev.tidemark.schemas.change.Metadata;
import dev.tidemark.schemas.change.Metadata.FileTime;
import dev.tidemark.schemas.change.Node;
import dev.tidemark.schemas.change.Node.DeviceKind;
import dev.tidemark.schemas.change.NodePath;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UnmadeDevicesTest {
  private static final FileTime TIME = new FileTime(1_700_000_000, 0);

  @TempDir Path folder;

  /** The process without rights. */
  static final class Apply {
    private Apply() {}

    public static void main(String[] arguments) throws Exception {
      TestFrames frames = new TestFrames();
      SimulatedLog log = new SimulatedLog();
      Node device = new Node.Device(Metadata.of(0666, 0, 0, TIME), DeviceKind.BLOCK, 8, 0);
      byte[] text = "text".getBytes(StandardCharsets.UTF_8);
      for (Change.Body body :
          List.of(
              put("", new Node.Directory(Metadata.of(0755, 0, 0, TIME))),
              put("device", device),
              put("other", device),
              put("over", frames.file(text, 0644, TIME)),
              put("file", frames.file(text, 0644, TIME)),
              put("file2", frames.file(text, 0644, TIME)),
              new Change.Move(path("device"), path("moved")),
              new Change.Move(path("other"), path("over")),
              new Change.Exchange(path("moved"), path("file")),
              new Change.Exchange(path("file2"), path("over")),
              new Change.Exchange(path("file"), path("file2")),
              new Change.Move(path("over"), path("last")))) {
        if (!log.add(body)) {
          throw new IllegalStateException(body.toString());
        }
      }
      try (TestSession session = new TestSession(Path.of(arguments[0]), frames, CrashPoints.NONE)) {
        session.apply(log.accepted());
        System.out.println("applied " + session.sequence());
      }
    }

    private static NodePath path(String text) {
      return text.isEmpty() ? NodePath.ROOT : NodePath.ofText(text);
    }

    private static Change.Put put(String path, Node node) {
      return new Change.Put(path(path), node);
    }
  }

  @Test
  void aDeviceThatMayNotBeMadeIsFollowedWithoutStandingAnywhere() throws Exception {
    assumeTrue(Privilege.isRoot(), "only root has rights to take away");

    String output = WithoutCapabilities.run(Apply.class, folder.toString());

    assertThat(output).contains("applied 13");
    try (var names = java.nio.file.Files.list(folder.resolve("target"))) {
      assertThat(names.map(name -> name.getFileName().toString()))
          .containsExactlyInAnyOrder("moved", "last");
    }
    assertThat(folder.resolve("target/last")).hasContent("text");
  }
}
