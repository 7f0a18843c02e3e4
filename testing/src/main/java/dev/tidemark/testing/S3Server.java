package dev.tidemark.testing;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * An S3 server with one bucket, in a process of its own on a free port of the loopback. It checks
 * signatures and honours conditional puts; it has no versions and no locks.
 */
public final class S3Server implements ObjectServer {
  public static final String ACCESS_KEY = "tidemark-test";
  public static final String SECRET_KEY = "not-a-secret-of-anybody";
  public static final String BUCKET = "backup";

  private static final String CLASS_PATH = "server-class-path";
  private static final String LOG_CONFIG = "dev/tidemark/testing/server-logback.xml";

  private final Process process;
  private final int port;

  private S3Server(Process process, int port) {
    this.process = process;
    this.port = port;
  }

  /** Starts one that keeps its blobs in memory; answers requests when this returns. */
  public static S3Server start() throws IOException {
    return start(Optional.empty());
  }

  /** Starts one that keeps its blobs in a folder and runs as fast as it can, for benchmarks. */
  public static S3Server start(Path folder) throws IOException {
    return start(Optional.of(folder));
  }

  private static S3Server start(Optional<Path> folder) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-Xmx512m");
    if (folder.isEmpty()) {
      // Tests want it soon, not fast.
      command.addAll(List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
    }
    command.add("-Dlogback.configurationFile=" + LOG_CONFIG);
    command.addAll(List.of("-cp", classPath(), S3ServerMain.class.getName(), BUCKET));
    folder.ifPresent(path -> command.add(path.toString()));
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    BufferedReader output =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    for (String line = output.readLine(); line != null; line = output.readLine()) {
      if (line.startsWith(S3ServerMain.READY)) {
        int port = Integer.parseInt(line.substring(S3ServerMain.READY.length()));
        return new S3Server(process, port);
      }
    }
    throw new IOException(
        "the S3 server ended before it listened, started by %s with %s"
            .formatted(command.getFirst(), command.subList(command.size() - 2, command.size())));
  }

  private static String classPath() throws IOException {
    try (InputStream in = S3Server.class.getResourceAsStream(CLASS_PATH)) {
      if (in == null) {
        throw new IOException("no resource " + CLASS_PATH + ": build the module testing first");
      }
      Path own =
          Path.of(S3Server.class.getProtectionDomain().getCodeSource().getLocation().toURI());
      String others = new String(in.readAllBytes(), StandardCharsets.UTF_8).strip();
      return own + File.pathSeparator + others;
    } catch (URISyntaxException e) {
      throw new IOException("the class path of the S3 server cannot be told", e);
    }
  }

  @Override
  public URI endpoint() {
    return URI.create("http://127.0.0.1:" + port);
  }

  /** The address of a repository in the bucket, by way of an endpoint. */
  public static String url(URI endpoint, String prefix) {
    return "s3://%s/%s?endpoint=%s".formatted(BUCKET, prefix, endpoint);
  }

  /** The environment in which a process finds its credentials. */
  public static Map<String, String> environment() {
    return Map.of("AWS_ACCESS_KEY_ID", ACCESS_KEY, "AWS_SECRET_ACCESS_KEY", SECRET_KEY);
  }

  @Override
  public void close() {
    try {
      // The server ends with its input.
      process.getOutputStream().close();
      if (!process.waitFor(10, TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    } catch (IOException e) {
      process.destroyForcibly();
      throw new UncheckedIOException(e);
    }
  }
}
