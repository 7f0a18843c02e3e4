package dev.tidemark.cli.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import dev.tidemark.cli.CommandRun;
import dev.tidemark.cli.Main;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/**
 * The pair of the classic recipe: two hosts with nginx and keepalived, real ones, in network
 * namespaces, with what is shipped in {@code packaging/keepalived}; and a third host with the
 * broker, the chunk-store, and a client of the address that the two share.
 */
@Tag("churn")
final class TakeOverTest {
  private static final Duration LIMIT = Duration.ofSeconds(120);
  private static final Path SHIPPED = Path.of("../packaging/keepalived").toAbsolutePath();
  private static final String TREE = "web";

  @TempDir(cleanup = CleanupMode.ON_SUCCESS)
  private Path dir;

  private Network network;
  private final List<TidemarkProcess> processes = new ArrayList<>();
  private final Map<String, TidemarkProcess> members = new HashMap<>();
  private String broker;
  private int starts;

  @BeforeEach
  void startHosts() throws Exception {
    assumeThat(Network.whyNot()).as("network namespaces").isEmpty();
    for (String program : List.of("keepalived", "nginx", "curl")) {
      assumeThat(new ProcessBuilder("sh", "-c", "command -v " + program).start().waitFor())
          .as("%s is installed (0) or not", program)
          .isZero();
    }
    network = Network.create();
    network.add("a", 11);
    network.add("b", 12);
    startHub();
    Files.createDirectories(site("a"));
    Files.writeString(site("a").resolve("index.html"), "first");
    startMember("a", "--as", "writer").awaitOutput("ready: tree", LIMIT);
    startMember("b", "--as", "standby").awaitOutput("standing by", LIMIT);
    // The preferred one first: it has the address before the other one looks for it.
    startServices("a", 100);
    awaitAddressAt("a");
    startServices("b", 90);
  }

  private void startHub() throws IOException {
    TidemarkProcess log =
        keep(
            TidemarkProcess.startBehind(
                network.on("hub"),
                dir.resolve("broker.log"),
                BrokerMain.class,
                dir.resolve("broker").toString(),
                network.hub()));
    log.awaitOutput("broker at ", LIMIT);
    broker = log.output().replaceAll("(?s).*broker at (\\S+)\\..*", "$1");
    TidemarkProcess topics =
        keep(start("hub", "topics.log", "topics", "create", "--bootstrap-server", broker));
    await().atMost(LIMIT).until(() -> !topics.isAlive());
    TidemarkProcess store =
        keep(
            start(
                "hub",
                "store.log",
                "store",
                "--bootstrap-server",
                broker,
                "--repository",
                repository(),
                "--flush-interval",
                "1",
                "--data",
                dir.resolve("store-data").toString()));
    store.awaitOutput("started: ", LIMIT);
  }

  private TidemarkProcess start(String host, String log, String... args) throws IOException {
    return TidemarkProcess.startBehind(network.on(host), dir.resolve(log), Main.class, args);
  }

  private TidemarkProcess keep(TidemarkProcess process) {
    processes.add(process);
    return process;
  }

  private String repository() {
    return dir.resolve("repository").toString();
  }

  private Path site(String host) {
    return dir.resolve(host).resolve("site");
  }

  private String data(String host) {
    return dir.resolve(host).resolve("data").toString();
  }

  private TidemarkProcess startMember(String host, String... more) throws IOException {
    String[] args =
        Stream.concat(
                Stream.of(
                    "member",
                    TREE + "=" + site(host),
                    "--name",
                    host,
                    "--bootstrap-server",
                    broker,
                    "--repository",
                    repository(),
                    "--data",
                    data(host)),
                Stream.of(more))
            .toArray(String[]::new);
    TidemarkProcess member = keep(start(host, "%s-%d.log".formatted(host, starts++), args));
    members.put(host, member);
    return member;
  }

  /** nginx on the site, and keepalived as it is shipped, with this network's names. */
  private void startServices(String host, int priority) throws IOException {
    Path folder = dir.resolve(host);
    Path nginx = folder.resolve("nginx.conf");
    Files.writeString(
        nginx,
        """
        daemon off;
        worker_processes 1;
        user root;
        pid %1$s/nginx.pid;
        error_log %1$s/nginx.log;
        events {}
        http {
          access_log off;
          client_body_temp_path %1$s/nginx-temp;
          server { listen 80; root %1$s/site; }
        }
        """
            .formatted(folder));
    program(host, "nginx.out", List.of("nginx", "-c", nginx.toString()));

    Path tidemark = script(folder.resolve("tidemark"), launcher());
    Path notify =
        script(
            folder.resolve("notify"),
            "TIDEMARK=%s TIDEMARK_RUN=%s exec %s/tidemark-notify \"$@\""
                .formatted(tidemark, folder.resolve("run"), SHIPPED));
    String conf =
        Files.readString(SHIPPED.resolve("keepalived.conf.example"))
            // The temporary folder is everybody's.
            .replace("enable_script_security", "")
            .replace("/usr/lib/tidemark/tidemark-notify", notify.toString())
            .replace("/usr/lib/tidemark", SHIPPED.toString())
            .replace("/var/lib/tidemark", data(host))
            .replace("192.0.2.10", network.shared())
            .replaceFirst("priority 100", "priority " + priority)
            // Hosts that share two processors with a build must not be taken for dead.
            .replaceFirst("advert_int 1", "advert_int 2");
    assertThat(conf).contains(notify.toString(), network.shared(), data(host));
    Path file = folder.resolve("keepalived.conf");
    Files.writeString(file, conf);
    program(
        host,
        "keepalived.log",
        List.of(
            "keepalived",
            "--dont-fork",
            "--log-console",
            "--vrrp",
            "--use-file=" + file,
            "--pid=" + folder.resolve("keepalived.pid"),
            "--vrrp_pid=" + folder.resolve("vrrp.pid")));
  }

  private static String launcher() {
    return TidemarkProcess.builder(Main.class).command().stream()
            .map("'%s'"::formatted)
            .collect(Collectors.joining(" ", "exec ", " "))
        + "\"$@\"";
  }

  private static Path script(Path file, String line) throws IOException {
    Files.writeString(file, "#!/bin/sh\n" + line + "\n");
    return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
  }

  private void program(String host, String log, List<String> command) throws IOException {
    List<String> all = new ArrayList<>(network.on(host));
    all.addAll(command);
    keep(TidemarkProcess.startProgram(dir.resolve(host).resolve(log), all));
  }

  @AfterEach
  void stopHosts() throws Exception {
    for (TidemarkProcess process : processes.reversed()) {
      if (process.isAlive()) {
        process.stop();
      }
    }
    if (network != null) {
      network.close();
    }
  }

  private boolean hasAddress(String host) throws IOException, InterruptedException {
    return network.ask(host, "ip", "addr").orElse("").contains(network.shared() + "/");
  }

  private void awaitAddressAt(String host) {
    await(dir + ": the address at " + host)
        .atMost(LIMIT)
        .pollInterval(Duration.ofMillis(200))
        .until(() -> hasAddress(host));
  }

  private void awaitRole(String host, String role) {
    await(dir + ": " + host + " is " + role)
        .atMost(LIMIT)
        .pollInterval(Duration.ofMillis(200))
        .until(() -> isRole(host, role));
  }

  private boolean isRole(String host, String role) throws IOException, InterruptedException {
    String check = SHIPPED.resolve("tidemark-check").toString();
    return network.ask(host, check, TREE, data(host), role).isPresent();
  }

  /** A writer that comes back looks at what the chunk-store tells, which is a second behind. */
  private void awaitWriter(String host) {
    await(dir + ": the writer is " + host)
        .atMost(LIMIT)
        .until(
            () -> {
              TidemarkProcess status =
                  keep(
                      start(
                          "hub",
                          "status-%d.log".formatted(starts++),
                          "status",
                          "--json",
                          "--repository",
                          repository(),
                          "--bootstrap-server",
                          broker));
              return status.awaitExit(LIMIT) == 0
                  && status.output().contains("\"host\":\"" + host + "\"");
            });
  }

  /** Until one host has the address and writes, and the other stands by. */
  private void awaitPair(String writer, String standby) {
    awaitRole(writer, "writer");
    awaitRole(standby, "standby");
    awaitAddressAt(writer);
    await(dir + ": no address at " + standby).atMost(LIMIT).until(() -> !hasAddress(standby));
  }

  /** What a client gets of a page by the address that both hosts share. */
  private Optional<String> get(String from, String page) throws IOException, InterruptedException {
    return network.ask(
        from, "curl", "-sf", "--max-time", "5", "http://%s/%s".formatted(network.shared(), page));
  }

  private void awaitPage(String from, String page, String content) {
    await(dir + ": " + page + " is " + content)
        .atMost(LIMIT)
        .pollInterval(Duration.ofMillis(200))
        .until(() -> get(from, page).equals(Optional.of(content)));
  }

  private void write(String host, String page, String content) throws IOException {
    Files.writeString(site(host).resolve(page), content);
  }

  private CommandRun ask(String host, String command) {
    return CommandRun.of(command, TREE, "--data", data(host));
  }

  private List<String> keptAside(String host) throws IOException {
    Path aside = Path.of(data(host)).resolve("standby").resolve(TREE).resolve("kept-aside");
    if (!Files.isDirectory(aside)) {
      return List.of();
    }
    try (Stream<Path> files = Files.walk(aside, 1)) {
      List<String> names = new ArrayList<>();
      for (Path list : files.filter(file -> file.toString().endsWith(".list")).toList()) {
        names.addAll(Files.readAllLines(list));
      }
      return names;
    }
  }

  @Test
  void theAddressAndTheWritersPlaceGoTogetherWhateverHappens() throws Exception {
    awaitPair("a", "b");
    awaitPage("hub", "index.html", "first");

    // The writer's process dies.
    write("a", "acknowledged.html", "kept");
    Waiting.untilEqual(site("a"), site("b"));
    members.get("a").kill();
    write("a", "unseen.html", "never acknowledged");
    awaitAddressAt("b");
    awaitRole("b", "writer");
    awaitPage("hub", "acknowledged.html", "kept");
    write("b", "index.html", "by the other one");
    awaitPage("hub", "index.html", "by the other one");
    awaitWriter("b");
    startMember("a");
    awaitPair("b", "a");
    Waiting.untilEqual(site("b"), site("a"));
    assertThat(keptAside("a")).containsExactly("unseen.html");

    // Planned: what was written up to the last moment goes along.
    write("b", "last.html", "at the last moment");
    CommandRun down = ask("b", "rejoin");
    assertThat(down.exitCode()).as(down.err()).isZero();
    CommandRun up = ask("a", "promote");
    assertThat(up.exitCode()).as(up.err()).isZero();
    awaitPair("a", "b");
    awaitPage("hub", "last.html", "at the last moment");
    assertThat(keptAside("b")).isEmpty();

    // The writer's network is cut: both have the address, and both think that they write.
    write("a", "acknowledged.html", "before the cut");
    Waiting.untilEqual(site("a"), site("b"));
    network.cut("a");
    write("a", "unseen-either.html", "while cut off");
    awaitAddressAt("b");
    awaitRole("b", "writer");
    assertThat(hasAddress("a")).isTrue();
    assertThat(isRole("a", "writer")).isTrue();
    awaitPage("hub", "acknowledged.html", "before the cut");
    awaitPage("a", "unseen-either.html", "while cut off");
    write("b", "index.html", "after the cut");
    network.heal("a");
    awaitPair("b", "a");
    awaitPage("hub", "index.html", "after the cut");
    Waiting.untilEqual(site("b"), site("a"));
    assertThat(keptAside("a")).containsExactlyInAnyOrder("unseen.html", "unseen-either.html");

    // One history: what is kept of it is what both hosts have.
    await().atMost(LIMIT).until(() -> restored().differences(TreeOracle.of(site("b"))).isEmpty());
  }

  private TreeOracle restored() throws IOException {
    Path target = dir.resolve("restored-" + starts++);
    CommandRun run =
        CommandRun.of("restore", TREE, "--to", target.toString(), "--repository", repository());
    assertThat(run.exitCode()).as(run.err()).isZero();
    return TreeOracle.of(target);
  }
}
