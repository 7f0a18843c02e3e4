package dev.tidemark.apply;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.apply.Losses.Loss;
import dev.tidemark.schemas.change.Bytes;
import dev.tidemark.schemas.change.Metadata;
import dev.tidemark.schemas.change.Metadata.ExtendedAttribute;
import dev.tidemark.schemas.change.Metadata.FileTime;
import dev.tidemark.schemas.change.Node;
import dev.tidemark.schemas.change.Node.DeviceKind;
import dev.tidemark.schemas.change.NodePath;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UnprivilegedTest {
  private static final FileTime TIME = new FileTime(1_700_000_000, 0);

  @TempDir Path folder;

  /** The process without rights. */
  static final class Sync {
    private Sync() {}

    public static void main(String[] arguments) throws Exception {
      TestFrames frames = new TestFrames();
      Map<NodePath, Node> tree = TestTarget.tree();
      tree.put(NodePath.ROOT, new Node.Directory(Metadata.of(0755, 0, 0, TIME)));
      var content = frames.content("text".getBytes(StandardCharsets.UTF_8));
      for (String name : List.of("a", "b")) {
        tree.put(NodePath.ofText(name), new Node.File(metadata(04755, 3, "trusted.t"), content));
      }
      tree.put(NodePath.ofText("c"), new Node.File(metadata(0444, 0, "user.u"), content));
      tree.put(
          NodePath.ofText("null"),
          new Node.Device(Metadata.of(0666, 0, 0, TIME), DeviceKind.CHARACTER, 1, 3));
      tree.put(
          NodePath.ofText("zero"),
          new Node.Device(Metadata.of(0666, 0, 0, TIME), DeviceKind.CHARACTER, 1, 5));
      SyncReport report = TestTarget.sync(tree, frames, Path.of(arguments[0]), SyncOptions.DEFAULT);
      for (Loss loss : report.losses()) {
        System.out.println("lost " + loss.kind() + " " + loss.count());
      }
      System.out.println("complete " + report.isComplete() + " " + report.failureCount());
    }

    private static Metadata metadata(int mode, long uid, String attribute) {
      return new Metadata(
          mode,
          uid,
          0,
          "",
          "",
          TIME,
          List.of(new ExtendedAttribute(Bytes.ofText(attribute), Bytes.ofText("x"))),
          0);
    }
  }

  @Test
  void whatMayNotBeSetIsCountedByKindAndTheRestGoesOn() throws Exception {
    String output = WithoutCapabilities.run(Sync.class, folder.resolve("target").toString());

    assertThat(output.lines().filter(line -> line.matches("(lost|complete) .*")))
        .containsExactly(
            "lost OWNERS 2",
            "lost TRUSTED_ATTRIBUTES 2",
            "lost CHARACTER_DEVICES 2",
            "complete false 0");
    // Logged once for each kind, with a path.
    assertThat(output.lines().filter(line -> line.contains("not kept"))).hasSize(3);
    assertThat(folder.resolve("target/b")).hasContent("text");
    // The right to run as somebody is not handed out in the name of somebody else.
    assertThat(Files.getAttribute(folder.resolve("target/b"), "unix:mode")).isEqualTo(0100755);
    assertThat(TestTarget.attributes(folder.resolve("target/c"))).isEqualTo("user.u=78\n");
    assertThat(Files.getAttribute(folder.resolve("target/c"), "unix:mode")).isEqualTo(0100444);
  }
}
