package dev.tidemark.cli.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tidemark.cli.CommandRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** A standby that holds a part of a tree, as a process beside the others. */
@Tag("churn")
final class SubsetEndToEndTest {
  @TempDir(cleanup = CleanupMode.ON_SUCCESS)
  private Path dir;

  private Path source;
  private Path target;
  private String data;
  private String broker;
  private int starts;

  @BeforeEach
  void createSource() throws IOException {
    source = Files.createDirectories(dir.resolve("source/site/pages")).getParent().getParent();
    target = dir.resolve("target");
    data = dir.resolve("data").toString();
    Files.createDirectories(source.resolve("tmp/set"));
    Files.writeString(source.resolve("top.txt"), "top");
    Files.writeString(source.resolve("site/pages/a.html"), "a");
    Files.writeString(source.resolve("tmp/set/b.html"), "b");
    Files.createLink(source.resolve("tmp/set/c.html"), source.resolve("tmp/set/b.html"));
  }

  private TidemarkProcess start(String... args) throws IOException {
    return TidemarkProcess.start(dir.resolve("run-%d.log".formatted(starts++)), args);
  }

  private TidemarkProcess up() throws IOException {
    TidemarkProcess up = start("up", "web=" + source, "--data", data);
    up.awaitOutput("ready: tree web", Waiting.LIMIT);
    broker =
        Files.readAllLines(dir.resolve("data/broker/broker.properties")).stream()
            .filter(line -> line.startsWith("bootstrap.servers="))
            .findFirst()
            .orElseThrow()
            .substring("bootstrap.servers=".length())
            .replace("\\", "");
    return up;
  }

  private String[] standbyOptions() {
    return new String[] {
      "--bootstrap-server",
      broker,
      "--repository",
      dir.resolve("data/repository").toString(),
      "--data",
      dir.resolve("standby-data").toString()
    };
  }

  private TidemarkProcess mirror(String... more) throws IOException {
    return start(
        Stream.of(
                Stream.of("mirror", "web", "--to", target.toString(), "--name", "part"),
                Stream.of(standbyOptions()),
                Stream.of(more))
            .flatMap(words -> words)
            .toArray(String[]::new));
  }

  private void untilEqual(String part) {
    Awaitility.await("until %s is equal".formatted(part))
        .atMost(Waiting.LIMIT)
        .ignoreExceptions()
        .untilAsserted(
            () ->
                assertThat(
                        TreeOracle.of(target.resolve(part))
                            .differences(TreeOracle.of(source.resolve(part))))
                    .isEmpty());
  }

  private List<String> names() throws IOException {
    try (Stream<Path> names = Files.list(target)) {
      return names
          .map(name -> name.getFileName().toString())
          .filter(name -> !name.startsWith(".tidemark-"))
          .sorted()
          .toList();
    }
  }

  @Test
  void aPartIsFollowedAcrossItsBorderAndAnotherPartLater() throws Exception {
    try (TidemarkProcess up = up()) {
      try (TidemarkProcess part = mirror("--path", "site/pages", "--path", "/etc")) {
        untilEqual("site/pages");
        assertThat(names()).containsExactly("site");

        Files.move(source.resolve("tmp/set"), source.resolve("site/pages/set"));
        Files.move(source.resolve("site/pages/a.html"), source.resolve("tmp/a.html"));
        Files.createDirectory(source.resolve("etc"));
        Files.move(source.resolve("top.txt"), source.resolve("etc/top.txt"));
        untilEqual("site/pages");
        untilEqual("etc");
        assertThat(names()).containsExactly("etc", "site");

        CommandRun status = CommandRun.of("status", "--digest", "--data", data);
        assertThat(status.exitCode()).as("%s%s", status.out(), status.err()).isZero();
        assertThat(status.out())
            .contains("holds only etc, site/pages")
            .contains("part: not compared, it holds a subset of the tree");
        JsonNode standby = Waiting.status("web", "--data", data).path("standbys").path(0);
        assertThat(standby.path("subset").path(1).asText()).isEqualTo("site/pages");
        assertThat(part.stop()).as(part.output()).isZero();
      }

      try (TidemarkProcess member =
          start(
              Stream.of(
                      Stream.of("member", "web=" + target, "--as", "standby"),
                      Stream.of(standbyOptions()))
                  .flatMap(words -> words)
                  .toArray(String[]::new))) {
        member.awaitOutput("holds a part of tree web only", Waiting.LIMIT);
      }
      CommandRun check =
          CommandRun.of(
              "mirror",
              "web",
              "--to",
              target.toString(),
              "--data",
              dir.resolve("standby-data").toString(),
              "--check");
      assertThat(check.exitCode()).as(check.out()).isZero();

      try (TidemarkProcess all = mirror()) {
        Waiting.untilEqual(source, target);
        assertThat(all.stop()).as(all.output()).isZero();
      }
      try (TidemarkProcess part = mirror("--path", "tmp")) {
        Awaitility.await()
            .atMost(Waiting.LIMIT)
            .untilAsserted(() -> assertThat(names()).containsExactly("tmp"));
        untilEqual("tmp");
        assertThat(part.stop()).as(part.output()).isZero();
      }
      assertThat(dir.resolve("standby-data/standby/web/kept-aside")).doesNotExist();
      assertThat(up.stop()).as(up.output()).isZero();
    }
  }
}
