package dev.tidemark.watcher.read;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.tidemark.filesystem.linux.Descriptor;
import dev.tidemark.filesystem.linux.LinuxFiles;
import dev.tidemark.filesystem.linux.NativePath;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AttributeReaderTest {
  @TempDir Path folder;

  /** Reads as this process may, and tells what it got. */
  private static String read(Path file) throws IOException {
    byte[] name = file.getFileName().toString().getBytes(StandardCharsets.UTF_8);
    try (Descriptor root =
            LinuxFiles.openRoot(NativePath.of(Objects.requireNonNull(file.getParent())));
        Descriptor handle = LinuxFiles.openHandle(root, name)) {
      AttributeReader.Found found = AttributeReader.read(handle);
      return "attributes=%d withheld=%s"
          .formatted(
              found.attributes().size(),
              found.withheld().stream().map(e -> e.call() + " " + e.errno()).toList());
    }
  }

  /** Run by the test below, without the rights of root. */
  public static void main(String[] arguments) throws IOException {
    System.out.println(read(Path.of(arguments[0])));
  }

  @Test
  void whatThisProcessMayNotReadIsToldAndTheRestIsKept() throws Exception {
    Path file = Files.writeString(folder.resolve("write-only"), "x");
    Files.setAttribute(file, "user:a", java.nio.ByteBuffer.wrap(new byte[] {1}));
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("-w-------"));
    List<String> command = new ArrayList<>();
    if (System.getProperty("user.name").equals("root")) {
      Path setpriv = Path.of("/usr/bin/setpriv");
      assumeThat(setpriv).as("takes the rights of root away").isExecutable();
      command.addAll(List.of(setpriv.toString(), "--inh-caps=-all", "--bounding-set=-all"));
    }
    command.addAll(
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            System.getProperty("java.class.path"),
            AttributeReaderTest.class.getName(),
            file.toString()));

    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

    assertThat(process.waitFor()).as(output).isZero();
    assertThat(output.strip()).isEqualTo("attributes=0 withheld=[getxattr EACCES]");
  }
}
