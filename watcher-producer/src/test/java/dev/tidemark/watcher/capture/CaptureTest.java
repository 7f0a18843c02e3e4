package dev.tidemark.watcher.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.filesystem.linux.Descriptor;
import dev.tidemark.filesystem.linux.LinuxFiles;
import dev.tidemark.filesystem.linux.NativePath;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CaptureTest {
  /** Its files have no handles, so that fanotify cannot be used. */
  private static final NativePath PROC =
      NativePath.of("/proc/self".getBytes(StandardCharsets.US_ASCII));

  @TempDir Path folder;

  private static Capture open(CaptureMode wanted, NativePath path) throws IOException {
    try (Descriptor root = LinuxFiles.openRoot(path)) {
      Capture capture = Capture.open(wanted, root, path, CaptureFaults.NONE);
      capture.source().close();
      return capture;
    }
  }

  @Test
  void byItselfOneThatTellsEventsIsUsedForALocalFolder() throws Exception {
    Capture capture = open(CaptureMode.AUTO, NativePath.of(folder));

    assertThat(capture.mode()).isIn(CaptureMode.FANOTIFY, CaptureMode.INOTIFY);
    assertThat(capture.reason()).isNotEmpty();
  }

  @Test
  void whereFanotifyCannotBeUsedTheNextOneIsAndTheReasonSaysSo() throws Exception {
    Capture capture = open(CaptureMode.AUTO, PROC);

    assertThat(capture.mode()).isIn(CaptureMode.INOTIFY, CaptureMode.SCAN);
    assertThat(capture.reason()).contains("fanotify");
  }

  @Test
  void aForcedChoiceThatCannotWorkIsRefusedWithWhatToDo() {
    assertThatThrownBy(() -> open(CaptureMode.FANOTIFY, PROC))
        .isInstanceOf(CaptureRefusedException.class)
        .hasMessageContaining("/proc/self")
        .hasMessageContaining("--capture auto");
  }

  @Test
  void filesystemsThatOthersChangeAreKnown() {
    assertThat(Filesystems.findSilent(0x6969L)).hasValue("nfs");
    assertThat(Filesystems.findSilent(0xef53L)).isEmpty();
  }
}
