package dev.tidemark.testing;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Ceph's object gateway with the least cluster behind it (a monitor, one store on a file), on free
 * ports of the loopback: an S3 implementation that shares no code with {@link S3Server}. Ready
 * after some 15 seconds. Its processes end when their starter does, and their folder goes.
 */
public final class RgwServer implements ObjectServer {
  private static final String READY = "ready";
  private static final List<String> PROGRAMS =
      List.of("radosgw", "radosgw-admin", "ceph", "ceph-mon", "ceph-osd", "curl");

  private final Process process;
  private final int port;

  private RgwServer(Process process, int port) {
    this.process = process;
    this.port = port;
  }

  /** Why none can be started on this host; empty if one can. */
  public static Optional<String> findObstacle() {
    for (String program : PROGRAMS) {
      boolean there =
          List.of("/usr/bin", "/usr/sbin", "/usr/local/bin").stream()
              .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
      if (!there) {
        return Optional.of(
            program + " is not installed (Debian: apt-get install radosgw ceph-mon ceph-osd curl)");
      }
    }
    return System.getProperty("user.name").equals("root")
        ? Optional.empty()
        : Optional.of("Ceph's processes are started as root here");
  }

  /** Starts one with the bucket and the credentials of {@link S3Server}. */
  public static RgwServer start() throws IOException {
    int port = freePort();
    Process process =
        new ProcessBuilder(
                "bash",
                "-s",
                Integer.toString(port),
                Integer.toString(freePort()),
                S3Server.BUCKET,
                S3Server.ACCESS_KEY,
                S3Server.SECRET_KEY)
            .redirectErrorStream(true)
            .start();
    try (InputStream script = RgwServer.class.getResourceAsStream("start-rgw.sh")) {
      if (script == null) {
        throw new IOException("no resource start-rgw.sh");
      }
      script.transferTo(process.getOutputStream());
      process.getOutputStream().flush();
    }
    StringBuilder output = new StringBuilder();
    BufferedReader lines =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      if (line.equals(READY)) {
        return new RgwServer(process, port);
      }
      output.append(line).append('\n');
    }
    throw new IOException("Ceph's gateway did not start:\n" + output);
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  @Override
  public URI endpoint() {
    return URI.create("http://127.0.0.1:" + port);
  }

  @Override
  public void close() {
    try {
      // The script ends its daemons when its input ends.
      process.getOutputStream().close();
      if (!process.waitFor(30, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
