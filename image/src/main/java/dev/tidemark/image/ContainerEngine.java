package dev.tidemark.image;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * A Docker engine of a test's own. It runs in a network namespace that holds a loopback alone and
 * goes with it, and keeps all it has in one folder; {@link #close} stops it by its process.
 */
final class ContainerEngine implements AutoCloseable {
  /** In the engine's namespace, then the engine in place of the shell: one process to stop. */
  private static final String START =
      """
      ip link set lo up || exit 1
      exec dockerd --data-root "$1/data" --exec-root "$1/run" --pidfile "$1/pid" \
        --host "unix://$1/docker.sock" --iptables=false --ip-masq=false
      """;

  private static final List<String> PROGRAMS =
      List.of("dockerd", "docker", "unshare", "ip", "mmdebstrap");
  private static final List<String> FOLDERS =
      List.of("/usr/bin", "/usr/sbin", "/bin", "/sbin", "/usr/local/bin", "/usr/local/sbin");

  private final Process process;
  private final Path folder;

  private ContainerEngine(Process process, Path folder) {
    this.process = process;
    this.folder = folder;
  }

  /** Why none can be started on this host; empty if one may be. */
  static Optional<String> findObstacle() {
    for (String program : PROGRAMS) {
      if (findProgram(program).isEmpty()) {
        return Optional.of(
            program
                + " is not installed (Debian: RUNLEVEL=1 apt-get install docker.io mmdebstrap"
                + " iproute2)");
      }
    }
    return System.getProperty("user.name").equals("root")
        ? Optional.empty()
        : Optional.of("a container engine is started as root here");
  }

  private static Optional<Path> findProgram(String name) {
    return FOLDERS.stream()
        .map(folder -> Path.of(folder, name))
        .filter(Files::isExecutable)
        .findFirst();
  }

  /**
   * Starts one and waits until it answers.
   *
   * @param folder empty; short, since sockets stand in it
   * @throws IOException with the engine's last words if it does not come up
   */
  static ContainerEngine start(Path folder) throws IOException, InterruptedException {
    Path log = folder.resolve("log");
    Process process =
        new ProcessBuilder("unshare", "--net", "sh", "-c", START, "sh", folder.toString())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    ContainerEngine engine = new ContainerEngine(process, folder);
    long start = System.nanoTime();
    while (!engine.answers()) {
      if (!process.isAlive() || System.nanoTime() - start > Duration.ofMinutes(2).toNanos()) {
        engine.close();
        List<String> words = Files.readAllLines(log);
        throw new IOException(
            "the container engine did not start:\n"
                + String.join("\n", words.subList(Math.max(0, words.size() - 10), words.size())));
      }
      Thread.sleep(100);
    }
    return engine;
  }

  private boolean answers() throws IOException, InterruptedException {
    return Files.exists(folder.resolve("docker.sock")) && call(List.of("version")).code() == 0;
  }

  /** Where it listens, as {@code DOCKER_HOST} has it. */
  String address() {
    return "unix://" + folder.resolve("docker.sock");
  }

  /** What a command said on both outputs, and how it ended. */
  record Answer(int code, String output) {}

  /** Calls {@code docker} and wants success; gives what it said. */
  String docker(String... arguments) throws IOException, InterruptedException {
    return require(call(List.of(arguments)), List.of(arguments));
  }

  /** Runs another program, which finds this engine in its environment, and wants success. */
  String run(String... command) throws IOException, InterruptedException {
    return require(execute(List.of(command)), List.of(command));
  }

  private static String require(Answer answer, List<String> command) throws IOException {
    if (answer.code() != 0) {
      throw new IOException(
          "%s ended with %d:%n%s".formatted(command, answer.code(), answer.output()));
    }
    return answer.output().strip();
  }

  private Answer call(List<String> arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(client()));
    command.addAll(arguments);
    return execute(command);
  }

  private Answer execute(List<String> command) throws IOException, InterruptedException {
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("DOCKER_HOST", address());
    builder.environment().put("DOCKER", client());
    Process started = builder.start();
    started.getOutputStream().close();
    String output = new String(started.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Answer(started.waitFor(), output);
  }

  /** The client that came with the engine: another one may lack a part that builds. */
  private static String client() {
    return findProgram("docker").orElse(Path.of("docker")).toString();
  }

  /** Stops it, and removes what it kept. */
  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(60, TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor();
      }
      for (String kept : List.of("data", "run")) {
        new ProcessBuilder("rm", "-rf", "--one-file-system", folder.resolve(kept).toString())
            .inheritIO()
            .start()
            .waitFor();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
