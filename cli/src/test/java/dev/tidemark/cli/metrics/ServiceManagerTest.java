package dev.tidemark.cli.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.cli.metrics.Health.Part;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Against a socket as systemd has one, read by python3. */
final class ServiceManagerTest {
  private static final String READER =
      """
      import socket, sys
      s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
      name = sys.argv[1]
      s.bind('\\0' + name[1:] if name.startswith('@') else name)
      print('bound', flush=True)
      while True:
          print(s.recv(4096).decode().replace('\\n', ' '), flush=True)
      """;
  private static final Part DOES = new Part("a role", true, "");
  private static final Part DOES_NOT = new Part("a role", false, "");

  private final AtomicLong nanos = new AtomicLong();
  private final AtomicReference<List<Part>> parts = new AtomicReference<>(List.of(DOES_NOT));
  private final Health health = new Health(parts::get, nanos::get);

  @Test
  void aPathHearsOfReadinessLifeAndTheStop(@TempDir Path dir) throws Exception {
    tells(dir.resolve("notify").toString());
  }

  @Test
  void aNameWithoutFileHearsTheSame() throws Exception {
    tells("@tidemark-test-" + ProcessHandle.current().pid() + "-" + System.nanoTime());
  }

  private void tells(String address) throws Exception {
    Process reader = new ProcessBuilder("python3", "-c", READER, address).start();
    try (BufferedReader heard = reader.inputReader()) {
      assertThat(heard.readLine()).isEqualTo("bound");
      ServiceManager manager =
          new ServiceManager(Optional.of(address), Duration.ofSeconds(20), nanos::get);

      manager.cameRound(health);
      assertThat(heard.readLine()).isEqualTo("WATCHDOG=1");

      parts.set(List.of(DOES));
      pass(manager, 9);
      assertThat(heard.readLine()).isEqualTo("READY=1 STATUS=ready");

      pass(manager, 1);
      assertThat(heard.readLine()).isEqualTo("WATCHDOG=1");

      // Hangs: nothing is told but the stop.
      nanos.addAndGet(Duration.ofSeconds(60).toNanos());
      manager.cameRound(health);
      manager.stopping();
      assertThat(heard.readLine()).isEqualTo("STOPPING=1");
    } finally {
      reader.destroyForcibly().waitFor();
    }
  }

  private void pass(ServiceManager manager, int seconds) {
    nanos.addAndGet(Duration.ofSeconds(seconds).toNanos());
    health.cameRound();
    manager.cameRound(health);
  }

  @Test
  void whatIsNotHeardIsSaidAgain(@TempDir Path dir) throws Exception {
    Path socket = dir.resolve("notify");
    parts.set(List.of(DOES));
    ServiceManager manager =
        new ServiceManager(Optional.of(socket.toString()), Duration.ZERO, nanos::get);
    manager.cameRound(health);

    Process reader = new ProcessBuilder("python3", "-c", READER, socket.toString()).start();
    try (BufferedReader heard = reader.inputReader()) {
      assertThat(heard.readLine()).isEqualTo("bound");
      manager.cameRound(health);
      assertThat(heard.readLine()).isEqualTo("READY=1 STATUS=ready");
    } finally {
      reader.destroyForcibly().waitFor();
    }
  }

  @Test
  void aWatchdogOfNoNumberIsRefused() {
    assertThatThrownBy(
            () -> ServiceManager.of(Map.of("NOTIFY_SOCKET", "/x", "WATCHDOG_USEC", "soon")))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("WATCHDOG_USEC=soon");
  }
}
