package dev.tidemark.watcher.capture;

import dev.tidemark.filesystem.linux.Descriptor;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.Semaphore;

/** Where the tree is only compared. */
final class NoEvents implements EventSource {
  private final Semaphore woken = new Semaphore(0);

  @Override
  public OptionalInt watch(Descriptor directory) {
    return OptionalInt.empty();
  }

  @Override
  public void unwatch(int watch) {
    // None was given.
  }

  @Override
  public int read(List<CaptureEvent> into) {
    woken.acquireUninterruptibly();
    return 0;
  }

  @Override
  public boolean readAvailable(List<CaptureEvent> into) {
    return false;
  }

  @Override
  public void wake() {
    woken.release();
  }

  @Override
  public void close() {
    wake();
  }
}
