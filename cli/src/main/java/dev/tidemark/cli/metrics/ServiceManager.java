package dev.tidemark.cli.metrics;

import dev.tidemark.filesystem.linux.UnixDatagram;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What systemd hears from a unit of {@code Type=notify}, as sd_notify(3) has it: {@code READY=1}
 * once all roles do what they are for, {@code WATCHDOG=1} twice in the time that the unit gives,
 * and {@code STOPPING=1}. Without {@code NOTIFY_SOCKET} nothing is said. Owned by the main loop.
 */
final class ServiceManager {
  private static final Logger log = LoggerFactory.getLogger(ServiceManager.class);
  private static final ServiceManager NONE =
      new ServiceManager(Optional.empty(), Duration.ZERO, System::nanoTime);

  private final Optional<String> address;
  private final Duration watchdog;
  private final LongSupplier nanoTime;
  private boolean ready;
  private boolean failed;
  private long watchedAt;

  ServiceManager(Optional<String> address, Duration watchdog, LongSupplier nanoTime) {
    this.address = address;
    this.watchdog = watchdog;
    this.nanoTime = nanoTime;
    this.watchedAt = nanoTime.getAsLong() - watchdog.toNanos();
  }

  /**
   * As the environment tells.
   *
   * @throws IOException if it tells of a watchdog in no number
   */
  static ServiceManager of(Map<String, String> environment) throws IOException {
    String address = environment.getOrDefault("NOTIFY_SOCKET", "");
    if (address.isEmpty()) {
      return NONE;
    }
    return new ServiceManager(Optional.of(address), watchdog(environment), System::nanoTime);
  }

  private static Duration watchdog(Map<String, String> environment) throws IOException {
    String pid = environment.getOrDefault("WATCHDOG_PID", "");
    if (!pid.isEmpty() && !pid.equals(Long.toString(ProcessHandle.current().pid()))) {
      // The launcher's exec keeps the number; another one means another process.
      return Duration.ZERO;
    }
    String micros = environment.getOrDefault("WATCHDOG_USEC", "0");
    try {
      return Duration.ofNanos(Math.multiplyExact(Long.parseLong(micros), 1_000));
    } catch (NumberFormatException | ArithmeticException e) {
      throw new IOException(
          "WATCHDOG_USEC=%s: expected microseconds, as systemd sets it".formatted(micros), e);
    }
  }

  void cameRound(Health health) {
    if (address.isEmpty()) {
      return;
    }
    if (!ready && health.look().ready()) {
      ready = say("READY=1\nSTATUS=ready");
    }
    long now = nanoTime.getAsLong();
    boolean due = now - watchedAt >= watchdog.toNanos() / 2;
    if (!watchdog.isZero() && due && health.isLive() && say("WATCHDOG=1")) {
      watchedAt = now;
    }
  }

  void stopping() {
    say("STOPPING=1");
  }

  /** Whether it was heard; else it is to be said again in the next round. */
  private boolean say(String message) {
    if (address.isEmpty()) {
      return false;
    }
    try {
      UnixDatagram.send(address.get(), message.getBytes(StandardCharsets.UTF_8));
      failed = false;
      return true;
    } catch (IOException e) {
      // The work goes on; a manager that waits for the message says what it misses.
      if (!failed) {
        failed = true;
        log.atWarn()
            .setCause(e)
            .addKeyValue("socket", address.get())
            .log("the service manager does not hear this process");
      }
      return false;
    }
  }
}
