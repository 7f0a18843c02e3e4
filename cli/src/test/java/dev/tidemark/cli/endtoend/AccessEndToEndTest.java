package dev.tidemark.cli.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.cli.CommandRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** Each role as a process with a user of its own, who has the rights of the role and no others. */
final class AccessEndToEndTest {
  private static final String PREFIX = "acme.";
  private static final List<String> ROLES = List.of("watcher", "store", "standby", "operator");

  @TempDir(cleanup = CleanupMode.ON_SUCCESS)
  private Path dir;

  private Path source;
  private Path standby;
  private String repository;

  @BeforeEach
  void createSource() throws IOException {
    source = Files.createDirectories(dir.resolve("source/pages")).getParent();
    standby = dir.resolve("standby");
    repository = dir.resolve("repository").toString();
    Files.writeString(source.resolve("index.html"), "first");
    Files.write(source.resolve("pages/large"), new byte[300_000]);
  }

  @Test
  void theWholeWayWorksWithTheLeastRightsAndNoSecretIsShown() throws Exception {
    try (SecuredBroker broker = SecuredBroker.start(dir.resolve("broker"), ROLES, Map.of())) {
      run(broker, SecuredBroker.ADMIN, "topics", "create");
      for (String role : ROLES) {
        String principal = "User:" + role;
        run(
            broker,
            SecuredBroker.ADMIN,
            "topics",
            "acl",
            "--role",
            role,
            "--principal",
            principal,
            "--apply");
      }
      try (TidemarkProcess store =
          role(broker, "store", "store", "--repository", repository, "--flush-interval", "1")) {
        store.awaitOutput("started: ", Waiting.LIMIT);
        try (TidemarkProcess watch = role(broker, "watcher", "watch", "web=" + source);
            TidemarkProcess mirror =
                role(
                    broker,
                    "standby",
                    "mirror",
                    "web",
                    "--to",
                    standby.toString(),
                    "--repository",
                    repository)) {
          watch.awaitOutput("ready: tree web", Waiting.LIMIT);
          Waiting.untilEqual(source, standby);
          Files.writeString(source.resolve("index.html"), "second");
          Files.move(source.resolve("pages"), source.resolve("moved"));
          Waiting.untilEqual(source, standby);
          operate(broker);
          for (TidemarkProcess process : List.of(mirror, watch, store)) {
            assertThat(process.stop()).as(process.output()).isZero();
            assertThat(process.output()).doesNotContain("Not authorized");
            assertShowsNoSecret(process.output());
          }
        }
      }
    }
  }

  @Test
  void membersTakeOverFromOneAnotherWithTheLeastRights() throws Exception {
    List<String> users = List.of("one", "two", "store");
    Path other = dir.resolve("other");
    try (SecuredBroker broker = SecuredBroker.start(dir.resolve("broker"), users, Map.of())) {
      run(broker, SecuredBroker.ADMIN, "topics", "create");
      for (String user : users) {
        String role = user.equals("store") ? "store" : "member";
        String principal = "User:" + user;
        run(
            broker,
            SecuredBroker.ADMIN,
            "topics",
            "acl",
            "--role",
            role,
            "--principal",
            principal,
            "--apply");
      }
      try (TidemarkProcess store =
              role(broker, "store", "store", "--repository", repository, "--flush-interval", "1");
          TidemarkProcess one = member(broker, "one", source, "writer");
          TidemarkProcess two = member(broker, "two", other, "standby")) {
        one.awaitOutput("ready: tree web", Waiting.LIMIT);
        two.awaitOutput("standing by", Waiting.LIMIT);
        Waiting.untilEqual(source, other);
        ask("one", "rejoin");
        ask("two", "promote");
        Files.writeString(other.resolve("index.html"), "from the other host");
        Waiting.untilEqual(source, other);
        for (TidemarkProcess process : List.of(one, two, store)) {
          assertThat(process.stop()).as(process.output()).isZero();
          assertThat(process.output()).doesNotContain("Not authorized");
        }
      }
    }
  }

  private TidemarkProcess member(SecuredBroker broker, String host, Path tree, String as)
      throws IOException {
    return role(
        broker,
        host,
        "member",
        "web=" + tree,
        "--name",
        host,
        "--as",
        as,
        "--repository",
        repository);
  }

  private void ask(String host, String command) {
    CommandRun run = CommandRun.of(command, "web", "--data", dir.resolve(host + "-data") + "");
    assertThat(run.exitCode()).as(run.out() + run.err()).isZero();
  }

  /** All that an operator does while everything runs. */
  private void operate(SecuredBroker broker) throws IOException {
    String[] where = {"--repository", repository};
    operator(broker, new String[0], "tag", "web", "good", "--wait");
    TreeOracle good = TreeOracle.of(source);
    Files.writeString(source.resolve("index.html"), "broken");
    Waiting.untilEqual(source, standby);
    operator(broker, where, "restore", "web", "--at", "tag:good", "--on", "all");
    assertThat(TreeOracle.of(standby).differences(good)).isEmpty();
    operator(broker, new String[0], "resume", "web", "--on", "all");
    Waiting.untilEqual(source, standby);
    Path restored = dir.resolve("restored");
    operator(broker, where, "restore", "web", "--to", restored.toString());
    assertThat(TreeOracle.of(source).differences(TreeOracle.of(restored))).isEmpty();
    CommandRun status = operator(broker, where, "status", "--json");
    assertThat(status.out()).contains("\"watcherAlive\":true").contains("\"name\":\"two\"");
    assertThat(operator(broker, where, "doctor").out()).contains("no findings");
    operator(broker, where, "retain", "web", "--keep-within", "1d");
  }

  private CommandRun operator(SecuredBroker broker, String[] where, String... args)
      throws IOException {
    return run(
        broker,
        "operator",
        Stream.concat(Stream.of(args), Stream.of(where)).toArray(String[]::new));
  }

  /** With a file of client properties that the environment names, and all that clients log. */
  private TidemarkProcess role(SecuredBroker broker, String user, String... args)
      throws IOException {
    Stream<String> more =
        Stream.of(
            "--bootstrap-server",
            broker.address(),
            "--topic-prefix",
            PREFIX,
            "--data",
            dir.resolve(user + "-data").toString());
    Stream<String> name = user.equals("standby") ? Stream.of("--name", "two") : Stream.empty();
    return TidemarkProcess.startIn(
        Map.of(
            "TIDEMARK_CLIENT_PROPERTIES",
            broker.clientFile(user).toString(),
            "JAVA_TOOL_OPTIONS",
            "-Dtidemark.log.level=DEBUG -Dtidemark.log.kafka=DEBUG"),
        dir.resolve(user + ".log"),
        Stream.of(Stream.of(args), more, name).flatMap(all -> all).toArray(String[]::new));
  }

  private static void assertShowsNoSecret(String output) {
    assertThat(output).contains("DEBUG").contains("SaslClientAuthenticator");
    for (String role : ROLES) {
      assertThat(output).doesNotContain(SecuredBroker.password(role));
    }
  }

  private static CommandRun run(SecuredBroker broker, String user, String... args)
      throws IOException {
    Stream<String> more =
        Stream.of(
            "--bootstrap-server",
            broker.address(),
            "--topic-prefix",
            PREFIX,
            "--client-properties",
            broker.clientFile(user).toString());
    CommandRun run = CommandRun.of(Stream.concat(Stream.of(args), more).toArray(String[]::new));
    assertThat(run.exitCode()).as("%s: %s%s", List.of(args), run.out(), run.err()).isZero();
    return run;
  }
}
