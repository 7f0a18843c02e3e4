package dev.tidemark.cli.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.cli.CommandRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** Two hosts, each a process with a directory and a data folder of its own, change their roles. */
final class MemberEndToEndTest {
  private static final Pattern ADDRESS = Pattern.compile("broker at (\\S+)\\.");

  @TempDir(cleanup = CleanupMode.ON_SUCCESS)
  private static Path shared;

  private static TidemarkProcess broker;
  private static TidemarkProcess store;
  private static String address;
  private static int trees;

  @TempDir(cleanup = CleanupMode.ON_SUCCESS)
  private Path dir;

  private String tree;
  private Path one;
  private Path two;
  private final List<TidemarkProcess> members = new ArrayList<>();

  @BeforeAll
  static void startLog() throws Exception {
    broker =
        TidemarkProcess.startMain(
            shared.resolve("broker.log"), BrokerMain.class, shared.resolve("broker").toString());
    broker.awaitOutput("broker at ", Waiting.LIMIT);
    Matcher matcher = ADDRESS.matcher(broker.output());
    assertThat(matcher.find()).isTrue();
    address = matcher.group(1);
    assertThat(CommandRun.of("topics", "create", "--bootstrap-server", address).exitCode())
        .isZero();
    store =
        TidemarkProcess.start(
            shared.resolve("store.log"),
            "store",
            "--bootstrap-server",
            address,
            "--repository",
            repository(),
            "--flush-interval",
            "1",
            "--data",
            shared.resolve("store-data").toString());
    store.awaitOutput("started: ", Waiting.LIMIT);
  }

  @AfterAll
  static void stopLog() {
    store.close();
    broker.close();
  }

  @BeforeEach
  void newTree() throws IOException {
    trees++;
    tree = "web" + trees;
    one = Files.createDirectories(dir.resolve("one/site"));
    two = dir.resolve("two/site");
    Files.createDirectories(one.resolve("pages/deep"));
    Files.writeString(one.resolve("index.html"), "first");
    Files.writeString(one.resolve("pages/a.html"), "a");
    Files.writeString(one.resolve("pages/deep/b.html"), "b");
    Files.createLink(one.resolve("pages/link.html"), one.resolve("pages/a.html"));
  }

  private static String repository() {
    return shared.resolve("repository").toString();
  }

  private TidemarkProcess member(String host, String... more) throws IOException {
    List<String> args =
        new ArrayList<>(
            List.of(
                "member",
                tree + "=" + dir.resolve(host).resolve("site"),
                "--name",
                host,
                "--bootstrap-server",
                address,
                "--repository",
                repository(),
                "--data",
                data(host)));
    args.addAll(List.of(more));
    TidemarkProcess process =
        TidemarkProcess.start(
            dir.resolve("%s-%d.log".formatted(host, members.size())), args.toArray(String[]::new));
    members.add(process);
    return process;
  }

  private String data(String host) {
    return dir.resolve(host).resolve("data").toString();
  }

  private CommandRun ask(String host, String command) {
    return CommandRun.of(command, tree, "--data", data(host));
  }

  private void stopAll() throws Exception {
    for (TidemarkProcess member : members) {
      if (member.isAlive()) {
        assertThat(member.stop()).as(member.output()).isZero();
      }
    }
  }

  private void closeAll() {
    members.forEach(TidemarkProcess::close);
  }

  @Test
  void aPlannedSwitchOverAndBackLosesNothing() throws Exception {
    try {
      TidemarkProcess first = member("one", "--as", "writer");
      first.awaitOutput("ready: tree " + tree, Waiting.LIMIT);
      TidemarkProcess second = member("two", "--as", "standby");
      second.awaitOutput("standing by", Waiting.LIMIT);
      Waiting.untilEqual(one, two);

      Files.writeString(one.resolve("index.html"), "written at the last moment");
      CommandRun down = ask("one", "rejoin");
      assertThat(down.exitCode()).as(down.err()).isZero();
      assertThat(down.out()).contains("stands by").doesNotContain("kept aside");
      CommandRun up = ask("two", "promote");
      assertThat(up.exitCode()).as(up.err()).isZero();
      assertThat(up.out()).contains("this host writes tree " + tree + " now");
      assertThat(two.resolve("index.html")).hasContent("written at the last moment");

      Files.writeString(two.resolve("index.html"), "from the other host");
      Files.move(two.resolve("pages"), two.resolve("moved"));
      Waiting.untilEqual(one, two);
      assertThat(ask("two", "promote").out()).contains("already");

      assertThat(ask("two", "rejoin").exitCode()).isZero();
      assertThat(ask("one", "promote").exitCode()).isZero();
      Files.writeString(one.resolve("moved/deep/b.html"), "back again");
      Waiting.untilEqual(one, two);
      assertThat(two.resolve("moved/deep/b.html")).hasContent("back again");
      stopAll();
    } finally {
      closeAll();
    }
  }

  @Test
  void aKilledWriterIsReplacedAndWhatItHadOverIsKeptAside() throws Exception {
    try {
      TidemarkProcess first = member("one", "--as", "writer");
      first.awaitOutput("ready: tree " + tree, Waiting.LIMIT);
      member("two", "--as", "standby").awaitOutput("standing by", Waiting.LIMIT);
      Waiting.untilEqual(one, two);

      first.kill();
      Files.writeString(one.resolve("index.html"), "nobody has seen this");
      Files.createDirectory(one.resolve("lost"));
      Files.writeString(one.resolve("lost/only-here"), "nor this");
      Files.delete(one.resolve("pages/deep/b.html"));
      CommandRun up = ask("two", "promote");
      assertThat(up.exitCode()).as(up.err()).isZero();
      Files.writeString(two.resolve("pages/new.html"), "new");

      // At once: it asks the chunk-store who writes before it begins a term.
      TidemarkProcess again = member("one");
      again.awaitOutput("standing by", Waiting.LIMIT);
      Waiting.untilEqual(one, two);
      assertThat(one.resolve("index.html")).hasContent("first");
      assertThat(again.output()).contains("kept aside: 2 entries").contains("index.html");
      assertThat(asideFiles()).containsExactlyInAnyOrder("index.html", "lost/only-here");

      // It may write again, and has all that the other one wrote.
      assertThat(ask("two", "rejoin").exitCode()).isZero();
      assertThat(ask("one", "promote").exitCode()).isZero();
      Files.writeString(one.resolve("index.html"), "again");
      Waiting.untilEqual(one, two);
      assertThat(two.resolve("pages/new.html")).hasContent("new");
      stopAll();
    } finally {
      closeAll();
    }
  }

  /** Files kept aside, without the folder of the time. */
  private List<String> asideFiles() throws IOException {
    Path aside = Path.of(data("one")).resolve("standby").resolve(tree).resolve("kept-aside");
    try (Stream<Path> files = Files.walk(aside)) {
      return files
          .filter(Files::isRegularFile)
          .map(aside::relativize)
          .filter(file -> file.getNameCount() > 1)
          .map(file -> file.subpath(1, file.getNameCount()).toString())
          .toList();
    }
  }

  @Test
  void aWriterThatRunsIsFencedByAPromotionAndStandsBy() throws Exception {
    try {
      TidemarkProcess first = member("one", "--as", "writer");
      first.awaitOutput("ready: tree " + tree, Waiting.LIMIT);
      member("two", "--as", "standby").awaitOutput("standing by", Waiting.LIMIT);
      Waiting.untilEqual(one, two);

      CommandRun up = ask("two", "promote");
      assertThat(up.exitCode()).as(up.err()).isZero();
      first.awaitOutput("standing by", Waiting.LIMIT);
      Files.writeString(two.resolve("index.html"), "second");
      Waiting.untilEqual(one, two);
      assertThat(one.resolve("index.html")).hasContent("second");
      stopAll();
    } finally {
      closeAll();
    }
  }

  @Test
  void aPromotionKilledInTheMidstComesToItsEndAfterTheNextStart() throws Exception {
    try {
      TidemarkProcess first = member("one", "--as", "writer");
      first.awaitOutput("ready: tree " + tree, Waiting.LIMIT);
      TidemarkProcess second = member("two", "--as", "standby");
      second.awaitOutput("standing by", Waiting.LIMIT);
      Waiting.untilEqual(one, two);
      first.kill();

      Thread asking = Thread.ofPlatform().start(() -> ask("two", "promote"));
      second.awaitOutput("promoting:", Waiting.LIMIT);
      second.kill();
      asking.join();
      TidemarkProcess again = member("two");
      again.awaitOutput("ready: tree " + tree, Waiting.LIMIT);
      Files.writeString(two.resolve("pages/a.html"), "changed");
      member("one").awaitOutput("standing by", Waiting.LIMIT);
      Waiting.untilEqual(one, two);
      assertThat(one.resolve("pages/link.html")).hasContent("changed");
      stopAll();
    } finally {
      closeAll();
    }
  }
}
