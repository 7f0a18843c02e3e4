package dev.tidemark.cli.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tidemark.cli.CommandRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** Standbys of one tree, which are told where to stand. */
@Tag("churn")
final class FleetEndToEndTest {
  @TempDir(cleanup = CleanupMode.ON_SUCCESS)
  private Path dir;

  private Path source;
  private String data;
  private String broker;
  private int starts;

  @BeforeEach
  void createSource() throws IOException {
    source = Files.createDirectories(dir.resolve("source/pages")).getParent();
    data = dir.resolve("data").toString();
    Files.writeString(source.resolve("index.html"), "first");
    Files.writeString(source.resolve("same.html"), "these bytes");
    Files.writeString(source.resolve("pages/a.html"), "a");
    Files.createLink(source.resolve("pages/link.html"), source.resolve("pages/a.html"));
  }

  private Path target(String name) {
    return dir.resolve(name);
  }

  private TidemarkProcess mirror(String name, String... more) throws IOException {
    String[] args =
        Stream.concat(
                Stream.of(
                    "mirror",
                    "web",
                    "--to",
                    target(name).toString(),
                    "--name",
                    name,
                    "--bootstrap-server",
                    broker,
                    "--repository",
                    dir.resolve("data/repository").toString(),
                    "--data",
                    dir.resolve(name + "-data").toString()),
                Stream.of(more))
            .toArray(String[]::new);
    return TidemarkProcess.start(dir.resolve("%s-%d.log".formatted(name, starts++)), args);
  }

  private CommandRun run(String... args) {
    return CommandRun.of(
        Stream.concat(Stream.of(args), Stream.of("--data", data)).toArray(String[]::new));
  }

  private JsonNode standby(String name) throws IOException {
    for (JsonNode standby : Waiting.status("web", "--data", data).path("standbys")) {
      if (standby.path("name").asText().equals(name)) {
        return standby;
      }
    }
    throw new AssertionError("no standby " + name);
  }

  private TidemarkProcess up() throws IOException {
    TidemarkProcess up =
        TidemarkProcess.start(
            dir.resolve("up-%d.log".formatted(starts++)), "up", "web=" + source, "--data", data);
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

  private static void write(Path file, String text) throws IOException {
    Files.writeString(file, text);
  }

  @Test
  void anOperatorPutsAllStandbysAtAnInstantAndLetsThemFollowAgain() throws Exception {
    List<TidemarkProcess> mirrors = new ArrayList<>();
    try (TidemarkProcess up = up()) {
      mirrors.add(mirror("one"));
      mirrors.add(mirror("two"));
      Waiting.untilEqual(source, target("one"));
      Waiting.untilEqual(source, target("two"));
      assertThat(run("tag", "web", "good", "--wait").exitCode()).isZero();
      TreeOracle good = TreeOracle.of(source);

      write(source.resolve("index.html"), "broken");
      // Neither size nor time tells of these other bytes.
      FileTime old = Files.getLastModifiedTime(source.resolve("same.html"));
      write(source.resolve("same.html"), "other bytes");
      Files.setLastModifiedTime(source.resolve("same.html"), old);
      Files.delete(source.resolve("pages/a.html"));
      Files.move(source.resolve("pages"), source.resolve("moved"));
      Waiting.untilEqual(source, target("one"));
      Waiting.untilEqual(source, target("two"));

      CommandRun back = run("restore", "web", "--at", "tag:good", "--on", "all");
      assertThat(back.exitCode()).as("%s%s", back.out(), back.err()).isZero();
      assertThat(back.out()).contains("one: stands at sequence").contains("two: stands at");
      assertThat(TreeOracle.of(target("one")).differences(good)).isEmpty();
      assertThat(TreeOracle.of(target("two")).differences(good)).isEmpty();
      assertThat(target("one").resolve("same.html")).hasContent("these bytes");
      assertThat(standby("one").path("appliedSequence").asLong())
          .isEqualTo(standby("two").path("appliedSequence").asLong());

      // They stay there whatever is written, and after a kill as well.
      mirrors.get(0).kill();
      mirrors.add(mirror("one"));
      write(source.resolve("later.html"), "later");
      mirrors.getLast().awaitOutput("started: ", Waiting.LIMIT);
      Waiting.untilSealed("web", "--data", data);
      assertThat(standby("two").path("phase").asText()).isEqualTo("held");
      assertThat(TreeOracle.of(target("one")).differences(good)).isEmpty();
      assertThat(TreeOracle.of(target("two")).differences(good)).isEmpty();

      // Only what was asked for, and only where it was asked for.
      assertThat(run("resume", "web", "--on", "two").exitCode()).isZero();
      Waiting.untilEqual(source, target("two"));
      assertThat(TreeOracle.of(target("one")).differences(good)).isEmpty();
      CommandRun resumed = run("resume", "web", "--on", "one");
      assertThat(resumed.exitCode()).as("%s%s", resumed.out(), resumed.err()).isZero();
      Waiting.untilEqual(source, target("one"));
      write(source.resolve("index.html"), "mended");
      Waiting.untilEqual(source, target("one"));
      Waiting.untilEqual(source, target("two"));
      assertThat(dir.resolve("one-data/standby/web/kept-aside")).doesNotExist();
      assertThat(dir.resolve("two-data/standby/web/kept-aside")).doesNotExist();

      // What somebody does to a standby that stands is kept when it is moved again.
      assertThat(run("restore", "web", "--at", "tag:good", "--on", "one").exitCode()).isZero();
      write(target("one").resolve("index.html"), "edited where it stands");
      assertThat(run("restore", "web", "--at", "tag:good", "--on", "one").exitCode()).isZero();
      assertThat(TreeOracle.of(target("one")).differences(good)).isEmpty();
      try (Stream<Path> kept = Files.walk(dir.resolve("one-data/standby/web/kept-aside"))) {
        assertThat(kept.filter(Files::isRegularFile))
            .singleElement()
            .satisfies(file -> assertThat(file).hasContent("edited where it stands"));
      }
      assertThat(run("resume", "web", "--on", "one").exitCode()).isZero();
      Waiting.untilEqual(source, target("one"));

      CommandRun unknown = run("restore", "web", "--on", "three");
      assertThat(unknown.exitCode()).isEqualTo(2);
      assertThat(unknown.err()).contains("one, two");
      stop(mirrors);
      assertThat(up.stop()).as(up.output()).isZero();
    } finally {
      mirrors.forEach(TidemarkProcess::close);
    }
  }

  @Test
  void aStandbyThatWasAwayDoesItWhenItReturnsUnlessThatHasExpired() throws Exception {
    List<TidemarkProcess> mirrors = new ArrayList<>();
    try (TidemarkProcess up = up()) {
      mirrors.add(mirror("one"));
      Waiting.untilEqual(source, target("one"));
      stop(mirrors);
      assertThat(run("tag", "web", "good", "--wait").exitCode()).isZero();
      TreeOracle good = TreeOracle.of(source);
      write(source.resolve("index.html"), "newer");
      assertThat(run("tag", "web", "newer", "--wait").exitCode()).isZero();

      CommandRun asked =
          run("restore", "web", "--at", "tag:good", "--on", "one", "--timeout", "1s");
      assertThat(asked.exitCode()).as("%s%s", asked.out(), asked.err()).isEqualTo(3);
      assertThat(asked.err()).contains("not done yet on one");
      mirrors.add(mirror("one"));
      untilPhase("one", "held");
      assertThat(TreeOracle.of(target("one")).differences(good)).isEmpty();
      assertThat(run("resume", "web", "--on", "one").exitCode()).isZero();
      Waiting.untilEqual(source, target("one"));
      stop(mirrors);

      CommandRun late =
          run(
              "restore",
              "web",
              "--at",
              "tag:good",
              "--on",
              "one",
              "--timeout",
              "0",
              "--expires",
              "1ms");
      assertThat(late.exitCode()).as(late.err()).isZero();
      write(source.resolve("index.html"), "newest");
      mirrors.add(mirror("one"));
      Waiting.untilEqual(source, target("one"));
      untilPhase("one", "following");
      assertThat(standby("one").path("command").path("state").asText()).isEqualTo("failed");
      stop(mirrors);
      assertThat(up.stop()).as(up.output()).isZero();
    } finally {
      mirrors.forEach(TidemarkProcess::close);
    }
  }

  @Test
  void aStandbyFollowsUpToATagAndNoFurtherUntilItIsTold() throws Exception {
    List<TidemarkProcess> mirrors = new ArrayList<>();
    try (TidemarkProcess up = up()) {
      mirrors.add(mirror("one", "--to-tag", "release", "--fsync", "none", "--frames", "kafka"));
      Waiting.untilEqual(source, target("one"));
      write(source.resolve("index.html"), "release 1");
      Waiting.untilEqual(source, target("one"));
      assertThat(run("tag", "web", "release", "--wait").exitCode()).isZero();
      TreeOracle release = TreeOracle.of(source);
      write(source.resolve("index.html"), "work goes on");
      untilPhase("one", "held");
      assertThat(run("tag", "web", "after", "--wait").exitCode()).isZero();
      assertThat(TreeOracle.of(target("one")).differences(release)).isEmpty();

      // The same with a standby that begins now, and one that is started anew.
      mirrors.add(
          mirror("two", "--to-tag", "release", "--fsync", "file", "--frames", "repository"));
      untilPhase("two", "held");
      assertThat(TreeOracle.of(target("two")).differences(release)).isEmpty();
      assertThat(mirrors.getFirst().stop()).isZero();
      mirrors.add(mirror("one", "--to-tag", "release"));
      mirrors.getLast().awaitOutput("started: ", Waiting.LIMIT);
      Waiting.untilSealed("web", "--data", data);
      assertThat(TreeOracle.of(target("one")).differences(release)).isEmpty();

      assertThat(run("resume", "web", "--on", "all").exitCode()).isZero();
      Waiting.untilEqual(source, target("one"));
      Waiting.untilEqual(source, target("two"));

      // Passed is passed, also for a start that finds the tag in the repository.
      stop(mirrors);
      write(source.resolve("index.html"), "further on");
      mirrors.add(mirror("one", "--to-tag", "release"));
      Waiting.untilEqual(source, target("one"));
      stop(mirrors);
      assertThat(up.stop()).as(up.output()).isZero();
    } finally {
      mirrors.forEach(TidemarkProcess::close);
    }
  }

  private void untilPhase(String name, String phase) throws IOException {
    long deadline = System.nanoTime() + Waiting.LIMIT.toNanos();
    String is = "";
    while (!is.equals(phase)) {
      assertThat(System.nanoTime()).as("%s is %s, not %s", name, is, phase).isLessThan(deadline);
      Waiting.instantBetween();
      for (JsonNode standby : Waiting.status("web", "--data", data).path("standbys")) {
        is = standby.path("name").asText().equals(name) ? standby.path("phase").asText() : is;
      }
    }
  }

  private static void stop(List<TidemarkProcess> mirrors) throws Exception {
    for (TidemarkProcess mirror : mirrors) {
      if (mirror.isAlive()) {
        assertThat(mirror.stop()).as(mirror.output()).isZero();
      }
    }
  }
}
