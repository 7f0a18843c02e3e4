package dev.tidemark.filesystem.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@EnabledOnOs(value = OS.LINUX, disabledReason = "sockets of Linux")
class UnixDatagramTest {
  private static final String READER =
      """
      import socket, sys
      s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
      name = sys.argv[1]
      s.bind('\\0' + name[1:] if name.startswith('@') else name)
      print('bound', flush=True)
      print(s.recv(4096).hex(), flush=True)
      """;

  @TempDir private Path folder;

  @Test
  void aMessageComesWholeToAPath() throws Exception {
    comes(folder.resolve("socket").toString());
  }

  @Test
  void aMessageComesWholeToANameWithoutFile() throws Exception {
    comes("@tidemark-test-" + ProcessHandle.current().pid() + "-" + System.nanoTime());
  }

  private static void comes(String address) throws Exception {
    Process reader = new ProcessBuilder("python3", "-c", READER, address).start();
    try (BufferedReader heard = reader.inputReader()) {
      assertThat(heard.readLine()).isEqualTo("bound");

      UnixDatagram.send(address, "a\nb\0c".getBytes(StandardCharsets.US_ASCII));

      assertThat(heard.readLine()).isEqualTo("610a620063");
    } finally {
      reader.destroyForcibly().waitFor();
    }
  }

  @Test
  void anAddressWithoutReaderIsNamed() {
    String nowhere = folder.resolve("none").toString();
    assertThatThrownBy(() -> UnixDatagram.send(nowhere, new byte[] {1}))
        .isInstanceOfSatisfying(
            SystemCallException.class, e -> assertThat(e.errno()).isEqualTo(Errno.ENOENT))
        .hasMessageContaining(nowhere);
    assertThatThrownBy(() -> UnixDatagram.send("/" + "x".repeat(108), new byte[] {1}))
        .isInstanceOfSatisfying(
            SystemCallException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EINVAL));
  }
}
