package dev.tidemark.mirror;

import dev.tidemark.log.LogConnection;
import dev.tidemark.schemas.change.TreeName;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;

/** A mirror in a process of its own, to be killed. */
public final class MirrorProcess {
  private MirrorProcess() {}

  static Process start(MirrorConfig config, Path output) throws IOException {
    List<String> command =
        List.of(
            Path.of(property("java.home"), "bin", "java").toString(),
            "-Xmx256m",
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "-cp",
            property("java.class.path"),
            MirrorProcess.class.getName(),
            config.tree().value(),
            config.target().toString(),
            config.stateFolder().toString(),
            config.log().bootstrapServers());
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(output.toFile())
        .start();
  }

  private static String property(String name) {
    return Objects.requireNonNull(System.getProperty(name), name);
  }

  public static void main(String[] args) throws Exception {
    MirrorConfig config =
        MirrorConfig.of(
            new TreeName(args[0]),
            Path.of(args[1]),
            Path.of(args[2]),
            "standby",
            LogConnection.to(args[3]));
    try (Mirror mirror = Mirror.start(config)) {
      mirror.failure().get();
    }
  }
}
