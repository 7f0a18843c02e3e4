package dev.tidemark.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code migrate lsyncd}, on configurations as they are found on servers. */
final class MigrateCommandTest {
  private static final String WEB_FARM =
      """
      settings {
        logfile = "/var/log/lsyncd.log",
        statusFile = "/var/log/lsyncd.status",
        statusInterval = 20,
        maxProcesses = 4,
      }
      local targets = { "web2", "web3" }
      for _, host in ipairs(targets) do
        sync {
          default.rsyncssh,
          source = "/srv/www/",
          host = "deploy@" .. host .. ".example.org",
          targetdir = "/srv/www/",
          delay = 5,
          delete = "running",
          exclude = { "*.tmp", "/cache/", "app/log" },
          rsync = { archive = true, compress = true, bwlimit = 2000, _extra = { "--omit-dir-times", "-HAX" } },
          ssh = { port = 2222 },
        }
      end
      """;

  private static final String DAEMON_AND_LOCAL =
      """
      settings = { nodaemon = true, inotifyMode = "CloseWrite or Modify" }
      sync(default.rsync, {
        source = "/home",
        target = "backup.example.org::homes",
        delete = false,
        rsync = { owner = false, numeric_ids = true, password_file = "/etc/rsyncd.secret" },
      })
      sync{ default.direct, source = "/var/home", target = "/mnt/mirror/home" }
      bash = { onStartup = "cp -r ^source ^target", onModify = function(event) spawn(event, "touch") end }
      sync{ bash, source = "/etc", target = "/backup/etc/", onCreate = "echo" }
      """;

  @TempDir Path dir;

  private Path file(String text) throws IOException {
    return Files.writeString(dir.resolve("lsyncd.conf.lua"), text);
  }

  private JsonNode plan(String text) throws IOException {
    CommandRun run =
        CommandRun.of(
            "migrate",
            "lsyncd",
            file(text).toString(),
            "--bootstrap-server",
            "k:9",
            "--repository",
            "s3://b/r",
            "--json");
    assertThat(run.exitCode()).as(run.err()).isZero();
    return new ObjectMapper().readTree(run.out());
  }

  private static List<String> losses(JsonNode plan) {
    List<String> names = new ArrayList<>();
    for (JsonNode setting : plan.get("settings")) {
      if (setting.get("isLoss").asBoolean()) {
        names.add(setting.get("tree").asText() + "/" + setting.get("name").asText());
      }
    }
    return names;
  }

  private static String arguments(JsonNode service) {
    return service.get("arguments").asText();
  }

  @Test
  void aFarmOfWebServersBecomesOneTreeWithAStandbyOnEach() throws IOException {
    JsonNode plan = plan(WEB_FARM);

    assertThat(arguments(plan.get("store")))
        .isEqualTo("store --repository s3://b/r --bootstrap-server k:9");
    assertThat(plan.get("trees")).hasSize(1);
    JsonNode tree = plan.get("trees").get(0);
    assertThat(arguments(tree.get("watch")))
        .isEqualTo(
            "watch www=/srv/www --exclude *.tmp --exclude /cache/ --exclude **/app/log"
                + " --bootstrap-server k:9");
    assertThat(tree.get("mirrors")).hasSize(2);
    assertThat(tree.get("mirrors").get(1).get("host").asText()).isEqualTo("web3.example.org");
    assertThat(arguments(tree.get("mirrors").get(1)))
        .isEqualTo("mirror www --to /srv/www --repository s3://b/r --bootstrap-server k:9");
    assertThat(losses(plan))
        .containsExactlyInAnyOrder("www/delete", "www/rsync.bwlimit", "www/rsync.omit_dir_times");
  }

  @Test
  void modulesFoldersAndLayersOfOnesOwnAreTold() throws IOException {
    JsonNode plan = plan(DAEMON_AND_LOCAL);

    List<String> trees = new ArrayList<>();
    plan.get("trees").forEach(tree -> trees.add(tree.get("tree").asText()));
    assertThat(trees).containsExactly("home", "var-home", "etc");
    JsonNode home = plan.get("trees").get(0).get("mirrors").get(0);
    assertThat(home.get("host").asText()).isEqualTo("backup.example.org");
    assertThat(arguments(home)).contains("--to PATH-OF-homes ").contains(" --numeric-ids ");
    assertThat(arguments(plan.get("trees").get(1).get("mirrors").get(0)))
        .contains("--to /mnt/mirror/home --name standby ");
    assertThat(losses(plan))
        .contains("home/delete", "home/target", "home/rsync.owner", "etc/sync", "etc/onStartup")
        .contains("etc/onModify", "etc/onCreate");
  }

  @Test
  void whatIsPrintedCanBePutIntoFiles() throws IOException {
    CommandRun run = CommandRun.of("migrate", "lsyncd", file(WEB_FARM).toString());

    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.out().lines())
        .contains("tidemark topics create --replication 3 --bootstrap-server kafka:9092")
        .contains(
            "# On web2.example.org, /etc/tidemark/mirror-www.conf; then systemctl enable --now"
                + " tidemark-mirror@www")
        .contains("TIDEMARK_REPOSITORY=s3://bucket/tidemark", "TIDEMARK_DIR=/srv/www")
        .contains("TIDEMARK_ARGS=--exclude *.tmp --exclude /cache/ --exclude **/app/log")
        .anyMatch(line -> line.startsWith("#   www: delete = running: no counterpart"));
  }

  @Test
  void aSecondStandbyOnAHostHasAFolderOfItsOwn() throws IOException {
    JsonNode tree =
        plan("sync{default.direct, source='/a', target='/b'}"
                + " sync{default.direct, source='/a', target='/c'}")
            .get("trees")
            .get(0);

    assertThat(tree.get("mirrors").get(0).get("unit").asText()).isEqualTo("tidemark-mirror@a");
    JsonNode second = tree.get("mirrors").get(1);
    assertThat(second.get("unit").asText()).isEqualTo("tidemark@mirror-a-2");
    assertThat(second.get("lines"))
        .extracting(JsonNode::asText)
        .containsExactly(
            "TIDEMARK_DATA=/var/lib/tidemark/2",
            "TIDEMARK_ARGS=mirror a --to /c --name standby-2 --repository s3://b/r"
                + " --bootstrap-server k:9");
  }

  @Test
  void patternsOfAFileAreRead() throws IOException {
    Path patterns = Files.writeString(dir.resolve("excludes"), "# c\n- *.bak\n\n; c\n!odd\n");
    String text = "sync{default.rsync, source='/a b', target='h:/b', excludeFrom='%s'}";

    JsonNode read = plan(text.formatted(patterns));
    JsonNode missing = plan(text.formatted(dir.resolve("none")));

    assertThat(arguments(read.get("trees").get(0).get("watch")))
        .contains("--exclude *.bak --exclude \\!odd ");
    assertThat(losses(read)).contains("a-b/quoting");
    // What rsync includes again cannot be told by a pattern alone.
    Files.writeString(patterns, "+ keep.tmp\n- *.tmp\n");
    JsonNode including = plan(text.formatted(patterns));
    assertThat(arguments(including.get("trees").get(0).get("watch"))).doesNotContain("--exclude");
    assertThat(losses(including)).contains("a-b/excludeFrom");
    assertThat(losses(missing)).contains("a-b/excludeFrom");
  }

  @Test
  void aProgramThatReachesOutOrDoesNotEndIsRefusedWithItsLine() throws IOException {
    for (String text :
        List.of(
            "local h = io.popen('hostname')",
            "local h = os.getenv('HOME')",
            "require 'posix'",
            "dofile('/etc/other.lua')",
            "sync{",
            "while true do end",
            "function f() return f() + 1 end f()",
            "settings{}")) {
      CommandRun run = CommandRun.of("migrate", "lsyncd", file(text).toString());

      assertThat(run.exitCode()).as(text).isEqualTo(ExitCode.FAILURE.number());
      assertThat(run.err()).as(text).contains("lsyncd.conf.lua").doesNotContain("\tat ");
    }
  }

  @Test
  void whatIsNoConfigurationIsRefusedByItsName() throws IOException {
    CommandRun folder = CommandRun.of("migrate", "lsyncd", dir.toString());
    assertThat(folder.exitCode()).isEqualTo(ExitCode.FAILURE.number());
    assertThat(folder.err()).contains(dir + " is a directory");

    CommandRun open = CommandRun.of("migrate", "lsyncd", file("sync{").toString());
    assertThat(open.err()).contains("is no program in Lua").contains("at the end of the file");

    Path bytes = Files.write(dir.resolve("bytes"), new byte[] {(byte) 0xff, (byte) 0xfe, 0});
    CommandRun binary = CommandRun.of("migrate", "lsyncd", bytes.toString());
    assertThat(binary.err()).contains(bytes + " is no text in UTF-8");
  }

  /** The configurations of these tests are such as lsyncd takes. */
  @Test
  void lsyncdItselfReadsWhatIsReadHere() throws Exception {
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/lsyncd")), "lsyncd is not installed");
    Path source = Files.createDirectory(dir.resolve("source"));
    Path target = Files.createDirectory(dir.resolve("target"));
    Path file =
        file(
            """
            settings { nodaemon = true }
            for _, name in ipairs({ "one" }) do
              sync { default.direct, source = "%s", target = "%s", delay = 1 }
            end
            """
                .formatted(source, target));

    Files.writeString(source.resolve("page"), "text");
    Process lsyncd =
        new ProcessBuilder("/usr/bin/lsyncd", "-nodaemon", file.toString())
            .redirectErrorStream(true)
            .redirectOutput(dir.resolve("log").toFile())
            .start();
    try {
      await()
          .atMost(Duration.ofSeconds(60))
          .until(() -> Files.exists(target.resolve("page")) || !lsyncd.isAlive());
      assertThat(target.resolve("page")).as(Files.readString(dir.resolve("log"))).exists();
    } finally {
      lsyncd.destroy();
      lsyncd.waitFor();
    }

    assertThat(plan(Files.readString(file)).get("trees").get(0).get("source").asText())
        .isEqualTo(source.toString());
  }
}
