package dev.tidemark.watcher;

import dev.tidemark.watcher.capture.CaptureMode;

class InotifyCaptureTest extends CaptureContract {
  InotifyCaptureTest(TestLog log) {
    super(log, CaptureMode.INOTIFY);
  }

  @Override
  void assumeUsable() {
    // Every user may.
  }
}
