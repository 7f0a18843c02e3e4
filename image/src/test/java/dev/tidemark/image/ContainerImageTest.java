package dev.tidemark.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.github.dockerjava.api.model.Bind;
import com.github.dockerjava.api.model.Capability;
import com.github.dockerjava.api.model.HostConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.testcontainers.containers.Container.ExecResult;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.output.OutputFrame;
import org.testcontainers.containers.wait.strategy.Wait;
import org.testcontainers.utility.DockerImageName;

/**
 * The image, built by the script that operators use, from a distribution and a Debian made here; no
 * published base can be had where there is no network of images. Everything is run with the least:
 * nobody's user, a root filesystem that cannot be written, and no capability at all.
 */
@Tag("churn")
final class ContainerImageTest {
  private static final Path SOURCES = Path.of(System.getProperty("tidemark.source-tree"));
  private static final String VERSION = System.getProperty("tidemark.version");
  private static final Path DISTRIBUTION =
      Path.of(
          System.getProperty(
              "tidemark.distribution",
              SOURCES.resolve("distribution/target/tidemark-" + VERSION).toString()));
  private static final String BASE = "tidemark-test-base:local";
  private static final String IMAGE = "tidemark:" + VERSION;
  private static final int USER = 10001;
  private static final Duration PATIENCE = Duration.ofMinutes(3);

  /** What one may ask of a program that has bash and no other client: the answer to a GET. */
  private static final String GET =
      "exec 3<>/dev/tcp/127.0.0.1/9464; printf 'GET %s HTTP/1.0\\r\\n\\r\\n' >&3; cat <&3";

  @TempDir static Path folder;
  private static @Nullable ContainerEngine engine;

  @BeforeAll
  static void buildTheImage() throws Exception {
    Optional<String> obstacle = ContainerEngine.findObstacle();
    Assumptions.assumeTrue(obstacle.isEmpty(), () -> obstacle.orElseThrow());
    Assumptions.assumeTrue(
        Files.isExecutable(DISTRIBUTION.resolve("bin/tidemark")),
        () -> "no distribution at %s; distribution/build makes it".formatted(DISTRIBUTION));
    ContainerEngine started = ContainerEngine.start(Files.createDirectory(folder.resolve("e")));
    engine = started;
    System.setProperty("DOCKER_HOST", started.address());
    started.docker("import", makeBase(started).toString(), BASE);
    build(started, IMAGE);
  }

  /** The least Debian with what the program's libraries link to; some 10 s of one processor. */
  private static Path makeBase(ContainerEngine running) throws Exception {
    String given = System.getProperty("tidemark.image-base", "");
    if (!given.isEmpty()) {
      return Path.of(given);
    }
    Path archive = folder.resolve("base.tar");
    running.run(
        "mmdebstrap",
        "--quiet",
        "--variant=essential",
        "--include=libstdc++6,zlib1g",
        "bookworm",
        archive.toString());
    return archive;
  }

  private static void build(ContainerEngine running, String tag) throws Exception {
    running.run(
        SOURCES.resolve("packaging/container/build").toString(),
        "--base",
        BASE,
        "--distribution",
        DISTRIBUTION.toString(),
        "--tag",
        tag);
  }

  @AfterAll
  static void stop() {
    System.clearProperty("DOCKER_HOST");
    if (engine != null) {
      engine.close();
    }
  }

  private static ContainerEngine engine() {
    return Objects.requireNonNull(engine);
  }

  @Test
  void twoBuildsOfOneDistributionHaveTheSameLayers() throws Exception {
    String layers = engine().docker("inspect", "--format", "{{json .RootFS.Layers}}", IMAGE);
    engine().docker("builder", "prune", "--all", "--force");

    build(engine(), "tidemark:again");

    assertThat(engine().docker("inspect", "--format", "{{json .RootFS.Layers}}", "tidemark:again"))
        .contains("sha256:")
        .isEqualTo(layers);
  }

  @Test
  void whatIsRunIsNobodyInParticularWithoutAnyRight() throws Exception {
    String status =
        runWithTheLeast("--entrypoint", "cat", IMAGE, "/proc/self/status").replace('\t', ' ');

    assertThat(engine().docker("inspect", "--format", "{{.Config.User}}", IMAGE))
        .isEqualTo("10001:10001");
    assertThat(status)
        .contains("Uid: 10001 10001 10001 10001", "Gid: 10001 10001 10001 10001")
        .contains("CapEff: 0000000000000000", "CapBnd: 0000000000000000");
  }

  @Test
  void theVersionIsTold() throws Exception {
    assertThat(runWithTheLeast(IMAGE, "version")).isEqualTo("tidemark " + VERSION);
  }

  /** A cache is left unused, without a word, where a jar has another time than it was made with. */
  @Test
  void theCachesOfTheDistributionAreUsed() throws Exception {
    Assumptions.assumeTrue(
        Files.exists(DISTRIBUTION.resolve("aot/tidemark-readers.aot")),
        () -> "%s was built without caches".formatted(DISTRIBUTION));

    String loaded =
        runWithTheLeast("--env", "TIDEMARK_JAVA_OPTS=-Xlog:class+load", IMAGE, "version");

    assertThat(loaded).contains("dev.tidemark.cli.Main source: shared objects file");
  }

  private static String runWithTheLeast(String... arguments) throws Exception {
    List<String> command =
        new ArrayList<>(
            List.of("run", "--rm", "--read-only", "--cap-drop", "ALL", "--tmpfs", "/tmp:exec"));
    command.addAll(List.of(arguments));
    return engine().docker(command.toArray(String[]::new));
  }

  @Test
  void aChangeIsOnTheStandbyAndCanBeRestored() throws Exception {
    Path source = ownFolder("source");
    Path standby = ownFolder("standby");
    Path state = ownFolder("state");
    Path out = ownFolder("out");
    Files.writeString(source.resolve("page.html"), "first");
    try (GenericContainer<?> container = up(source, standby, state, out)) {
      container.start();

      Files.writeString(source.resolve("page.html"), "second");

      await()
          .atMost(PATIENCE)
          .untilAsserted(() -> assertThat(standby.resolve("page.html")).hasContent("second"));
      await()
          .atMost(PATIENCE)
          .pollInterval(Duration.ofSeconds(2))
          .untilAsserted(
              () -> assertThat(tidemark(container, "cat", "web", "page.html")).isEqualTo("second"));
      tidemark(container, "restore", "web", "--at", "now", "--to", "/out/restored");
      assertThat(out.resolve("restored/page.html")).hasContent("second");
      assertThat(answer(container, "/health/live")).contains(" 200 ");
      await()
          .atMost(PATIENCE)
          .untilAsserted(() -> assertThat(answer(container, "/health/ready")).contains(" 200 "));
      assertThat(stop(container)).isZero();
    }
  }

  private static Path ownFolder(String name) throws IOException {
    Path made = Files.createDirectory(folder.resolve(name));
    Files.setAttribute(made, "unix:uid", USER);
    Files.setAttribute(made, "unix:gid", USER);
    return made;
  }

  private static GenericContainer<?> up(Path source, Path standby, Path state, Path out) {
    return new GenericContainer<>(DockerImageName.parse(IMAGE))
        .withCommand(
            "up",
            "web=/source",
            "--standby",
            "/standby",
            "--data",
            "/var/lib/tidemark",
            "--metrics-listen",
            "9464")
        .withCreateContainerCmdModifier(
            command -> {
              HostConfig host = Objects.requireNonNull(command.getHostConfig());
              host.withReadonlyRootfs(true)
                  .withCapDrop(Capability.ALL)
                  .withSecurityOpts(List.of("no-new-privileges"))
                  .withTmpFs(Map.of("/tmp", "exec"))
                  .withBinds(
                      Bind.parse(source + ":/source:ro"),
                      Bind.parse(standby + ":/standby"),
                      Bind.parse(state + ":/var/lib/tidemark"),
                      Bind.parse(out + ":/out"));
            })
        .withLogConsumer(line -> System.out.print(line.getUtf8String()))
        .waitingFor(Wait.forLogMessage("ready.*\\s", 1).withStartupTimeout(PATIENCE));
  }

  private static String tidemark(GenericContainer<?> container, String... arguments)
      throws Exception {
    List<String> command = new ArrayList<>(List.of("/opt/tidemark/bin/tidemark"));
    command.addAll(List.of(arguments));
    command.addAll(List.of("--data", "/var/lib/tidemark"));
    ExecResult result = container.execInContainer(command.toArray(String[]::new));
    assertThat(result.getExitCode()).as("%s: %s", command, result.getStderr()).isZero();
    return result.getStdout();
  }

  private static String answer(GenericContainer<?> container, String path) throws Exception {
    return container.execInContainer("bash", "-c", GET.formatted(path)).getStdout();
  }

  /** Asks it to end, as an engine does, and gives its exit code. */
  private static long stop(GenericContainer<?> container) {
    container.getDockerClient().stopContainerCmd(container.getContainerId()).withTimeout(60).exec();
    Long code = container.getCurrentContainerInfo().getState().getExitCodeLong();
    assertThat(code).as(container.getLogs(OutputFrame.OutputType.STDERR)).isNotNull();
    return Objects.requireNonNull(code);
  }
}
