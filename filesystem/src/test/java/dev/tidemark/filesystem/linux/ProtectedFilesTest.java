package dev.tidemark.filesystem.linux;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ProtectedFilesTest {
  @TempDir private Path folder;

  private static boolean change(String flag, Path path) throws Exception {
    try {
      Process process =
          new ProcessBuilder("chattr", flag, path.toString())
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      return process.waitFor() == 0;
    } catch (IOException noSuchCommand) {
      return false;
    }
  }

  @Test
  void immutableAndAppendOnlyEntriesAreTold() throws Exception {
    Path file = Files.createFile(folder.resolve("f"));
    byte[] name = "f".getBytes(UTF_8);
    try (Descriptor root = LinuxFiles.openRoot(NativePath.of(folder))) {
      assertThat(LinuxFiles.isProtected(root, name)).isFalse();
      assertThat(LinuxFiles.isProtected(root, "none".getBytes(UTF_8))).isFalse();
      assertThat(LinuxFiles.isProtected(root)).isFalse();
      for (String flag : new String[] {"i", "a"}) {
        assumeTrue(change("+" + flag, file), "flags cannot be set here");
        try {
          assertThat(LinuxFiles.isProtected(root, name)).as(flag).isTrue();
        } finally {
          assertThat(change("-" + flag, file)).isTrue();
        }
        assertThat(LinuxFiles.isProtected(root, name)).as(flag).isFalse();
      }
    }
  }
}
