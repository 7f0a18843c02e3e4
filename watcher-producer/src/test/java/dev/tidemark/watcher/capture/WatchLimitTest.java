package dev.tidemark.watcher.capture;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.filesystem.linux.Descriptor;
import dev.tidemark.filesystem.linux.LinuxFiles;
import dev.tidemark.filesystem.linux.NativePath;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WatchLimitTest {
  @TempDir Path folder;

  @Test
  void allDirectoriesAreCountedButForThoseSkipped() throws Exception {
    Files.createDirectories(folder.resolve("a/b/c"));
    Files.createDirectories(folder.resolve("skipped/d/e"));
    Files.writeString(folder.resolve("a/file"), "no directory");
    Files.createSymbolicLink(folder.resolve("link"), folder.resolve("a"));

    try (Descriptor root = LinuxFiles.openRoot(NativePath.of(folder))) {
      assertThat(WatchLimit.countDirectories(root, (_, _) -> false)).isEqualTo(7);
      assertThat(
              WatchLimit.countDirectories(
                  root, (path, _) -> new String(path, StandardCharsets.US_ASCII).equals("skipped")))
          .isEqualTo(5);
    }
  }

  @Test
  void theKernelsLimitsAreReadWhole() throws Exception {
    try (var lines = Files.lines(Path.of("/proc/sys/fs/inotify/max_user_watches"))) {
      assertThat(WatchLimit.userWatches()).hasValue(Long.parseLong(lines.findFirst().orElse("")));
    }
    assertThat(WatchLimit.queuedEvents()).isPresent();
  }

  @Test
  void aRefusalNamesTheNumbersAndASettingThatIsEnough() {
    assertThat(WatchLimit.refusal("/srv", 300_000, 192_536))
        .contains("300,000", "192,536", "sysctl fs.inotify.max_user_watches=450008", "--capture");
  }
}
