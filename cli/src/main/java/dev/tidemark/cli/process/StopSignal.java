package dev.tidemark.cli.process;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** The wish that this process end in order, as Ctrl-C and a service manager express it. */
public final class StopSignal {
  private final CountDownLatch requested = new CountDownLatch(1);
  private volatile boolean awaited;

  /** Asks for the stop; may be repeated. */
  public void request() {
    requested.countDown();
  }

  /** Waits for the request, for at most {@code time}; true once it has been made. */
  public boolean await(Duration time) throws InterruptedException {
    awaited = true;
    return requested.await(time.toNanos(), TimeUnit.NANOSECONDS);
  }

  /** Whether a command looks at this signal, so that it will end by itself. */
  public boolean isAwaited() {
    return awaited;
  }
}
