package dev.tidemark.watcher;

import static org.assertj.core.api.Assumptions.assumeThat;

import dev.tidemark.filesystem.linux.Fanotify;
import dev.tidemark.watcher.capture.CaptureMode;
import java.io.IOException;

class FanotifyCaptureTest extends CaptureContract {
  FanotifyCaptureTest(TestLog log) {
    super(log, CaptureMode.FANOTIFY);
  }

  @Override
  void assumeUsable() {
    assumeThat(isAllowed()).as("fanotify needs CAP_SYS_ADMIN").isTrue();
  }

  private static boolean isAllowed() {
    try (Fanotify _ = Fanotify.open(Fanotify.Queue.BOUNDED)) {
      return true;
    } catch (IOException _) {
      return false;
    }
  }
}
