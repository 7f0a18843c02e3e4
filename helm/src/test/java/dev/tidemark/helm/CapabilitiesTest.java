package dev.tidemark.helm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tidemark.helm.Charts.Case;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/**
 * The capabilities that the charts ask for suffice, and each is needed: the program runs as root
 * with those alone, as it does in a container, and with one less.
 */
@Tag("churn")
final class CapabilitiesTest {
  private static final long LIMIT_SECONDS = 300;

  /** What is not as it should be without each. */
  private static final Map<String, String> FAULTS =
      Map.of(
          "CHOWN", "closed: uid",
          "DAC_OVERRIDE", "closed/inside: content",
          "FOWNER", "closed/inside: missing",
          "FSETID", "shared: mode",
          "MKNOD", "null: missing",
          "SETFCAP", "able: capability");

  private static final FileTime TIME = FileTime.from(Instant.parse("2020-01-02T03:04:05Z"));

  @TempDir(cleanup = CleanupMode.ON_SUCCESS)
  private Path dir;

  private Program program;
  private Path source;
  private Path repository;

  @BeforeEach
  void needRoot() throws Exception {
    HelmProgram.assumeThere();
    assumeTrue(Files.getAttribute(dir, "unix:uid").equals(0), "only root has capabilities to drop");
    for (String tool : List.of("setpriv", "setcap", "mknod")) {
      assumeTrue(run("sh", "-c", "command -v " + tool) == 0, "no " + tool + " here");
    }
    program = Program.in(dir);
    repository = dir.resolve("data/repository");
    source = Files.createDirectory(dir.resolve("source"));
    makeTree();
  }

  /** One thing for each capability. */
  private void makeTree() throws Exception {
    Path closed = Files.createDirectory(source.resolve("closed"));
    Files.writeString(closed.resolve("inside"), "of another\n");
    Files.setAttribute(closed.resolve("inside"), "unix:uid", 12_345);
    Files.setLastModifiedTime(closed.resolve("inside"), TIME);
    Files.setAttribute(closed.resolve("inside"), "unix:mode", 0600);
    Files.setAttribute(closed, "unix:uid", 12_345);
    Files.setAttribute(closed, "unix:mode", 0700);
    Path shared = Files.writeString(source.resolve("shared"), "setgid\n");
    Files.setAttribute(shared, "unix:gid", 23_456);
    Files.setAttribute(shared, "unix:mode", 02755);
    Path able = Files.writeString(source.resolve("able"), "program\n");
    assertThat(run("setcap", "cap_net_raw+ep", able.toString())).isZero();
    assertThat(run("mknod", source.resolve("null").toString(), "c", "1", "3")).isZero();
  }

  @Test
  void theWatcherReadsAllAndTheStandbyWritesAllAndNothingLessDoes() throws Exception {
    backUp();
    List<String> six = capabilitiesOfAStandby();
    Path whole = dir.resolve("whole");

    restore("whole", six, whole);
    assertThat(faults(whole)).isEmpty();
    Files.writeString(whole.resolve("closed/inside"), "changed\n");
    restore("whole-again", six, whole);
    assertThat(faults(whole)).isEmpty();

    for (String capability : six) {
      List<String> five = new ArrayList<>(six);
      five.remove(capability);
      Path target = dir.resolve("without-" + capability);
      restore("without-" + capability, five, target);
      if (capability.equals("DAC_OVERRIDE")) {
        // What is new belongs to root until it is done.
        assertThat(faults(target)).isEmpty();
        Files.writeString(target.resolve("closed/inside"), "changed\n");
        restore("again-without-" + capability, five, target);
      }
      assertThat(faults(target))
          .as("without %s: %s", capability, program.log("without-" + capability + ".log"))
          .contains(FAULTS.get(capability));
    }
  }

  @Test
  void fanotifyNeedsToAdministerAndReadingWhatIsClosedIsAnotherThing() throws Exception {
    try (Running up = up(List.of("SYS_ADMIN"))) {
      up.await("ready: tree web");
      up.await("by fanotify");
      up.await("closed");
    }
    Process find = find();
    assertThat(find.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
    assertThat(program.log("find.log")).doesNotContain("closed/inside");
  }

  /** As root that may read what others closed, and nothing else; the rest of `up` needs nothing. */
  private void backUp() throws Exception {
    try (Running up = up(List.of("DAC_READ_SEARCH"))) {
      up.await("by inotify");
      up.await(this::isSealed);
    }
  }

  private Running up(List<String> capabilities) throws IOException {
    return new Running(
        program,
        program.start(
            "up.log",
            limitedTo(capabilities),
            "up",
            "web=" + source,
            "--data=" + dir.resolve("data")));
  }

  private record Running(Program program, Process process) implements AutoCloseable {
    void await(String text) throws Exception {
      await(() -> program.log("up.log").contains(text));
    }

    void await(Callable<Boolean> condition) throws Exception {
      long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(LIMIT_SECONDS);
      while (!condition.call()) {
        assertThat(process.isAlive()).as(program.log("up.log")).isTrue();
        assertThat(System.nanoTime()).as(program.log("up.log")).isLessThan(deadline);
        TimeUnit.MILLISECONDS.sleep(500);
      }
    }

    @Override
    public void close() throws InterruptedException {
      process.destroy();
      assertThat(process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS))
          .as(program.log("up.log"))
          .isTrue();
    }
  }

  /** All of it can be read from the repository. */
  private boolean isSealed() throws Exception {
    assertThat(find().waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
    String listed = program.log("find.log");
    return List.of("able", "closed", "closed/inside", "null", "shared").stream()
        .allMatch(name -> listed.contains("\"" + name + "\""));
  }

  private Process find() throws IOException {
    return program.start(
        "find.log", List.of(), "find", "web", "*", "--repository=" + repository, "--json");
  }

  private void restore(String name, List<String> capabilities, Path target) throws Exception {
    String log = name + ".log";
    Process restore =
        program.start(
            log,
            limitedTo(capabilities),
            "restore",
            "web",
            "--numeric-ids",
            "--to=" + target,
            "--repository=" + repository);
    assertThat(restore.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)).as(program.log(log)).isTrue();
  }

  /** What a standby with all owners asks for in the chart. */
  private List<String> capabilitiesOfAStandby() throws Exception {
    JsonNode mirror = Charts.find(Case.PRODUCTION.render(dir), "StatefulSet", "-mirror-web");
    List<String> asked = new ArrayList<>();
    mirror
        .at("/spec/template/spec/containers/0/securityContext/capabilities/add")
        .forEach(capability -> asked.add(capability.asText()));
    assertThat(asked).containsExactlyInAnyOrderElementsOf(FAULTS.keySet());
    return asked;
  }

  private static List<String> limitedTo(List<String> capabilities) {
    StringBuilder set = new StringBuilder("--bounding-set=-all");
    capabilities.forEach(each -> set.append(",+").append(each.toLowerCase(Locale.ROOT)));
    return List.of("setpriv", "--inh-caps=-all", "--clear-groups", set.toString());
  }

  private Set<String> faults(Path target) throws Exception {
    Set<String> faults = new TreeSet<>();
    compare(target, "closed/inside", List.of("uid", "mode", "lastModifiedTime"), faults);
    compare(target, "closed", List.of("uid", "mode"), faults);
    compare(target, "shared", List.of("gid", "mode"), faults);
    compare(target, "null", List.of("rdev", "mode"), faults);
    if (Files.exists(target.resolve("closed/inside"))
        && !Files.readString(target.resolve("closed/inside")).equals("of another\n")) {
      faults.add("closed/inside: content");
    }
    if (run(
            "sh",
            "-c",
            "getcap \"$1\" | grep -q cap_net_raw",
            "sh",
            target.resolve("able").toString())
        != 0) {
      faults.add("able: capability");
    }
    return faults;
  }

  private void compare(Path target, String name, List<String> attributes, Set<String> faults)
      throws IOException {
    Path path = target.resolve(name);
    if (!Files.exists(path)) {
      faults.add(name + ": missing");
      return;
    }
    for (String attribute : attributes) {
      Object wanted = Files.getAttribute(source.resolve(name), "unix:" + attribute);
      if (!Files.getAttribute(path, "unix:" + attribute).equals(wanted)) {
        faults.add(name + ": " + attribute);
      }
    }
  }

  private static int run(String... command) throws IOException, InterruptedException {
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .start()
        .waitFor();
  }
}
