package dev.tidemark.cli.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.STRING;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tidemark.cli.CommandRun;
import dev.tidemark.cli.ExitCode;
import dev.tidemark.cli.Main;
import dev.tidemark.cli.argument.RawArguments;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** All commands that look at trees, on what one {@code up} has recorded. */
final class BrowseEndToEndTest {
  /** A name that is no text: 0xff, then x. */
  private static final String RAW = "\udcffx";

  private static final String RAW_SHOWN = "\\xffx";

  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir(cleanup = CleanupMode.ON_SUCCESS)
  private Path dir;

  private Path source;
  private Path data;
  private byte[] large;
  private Instant first;

  @Test
  void whatWasRecordedCanBeLookedAt() throws Exception {
    long seed = Long.getLong("tidemark.seed", System.nanoTime());
    System.out.println("tidemark.seed=" + seed);
    source = Files.createDirectories(dir.resolve("source"));
    data = dir.resolve("data");
    large = new SourceFiles(source, seed).bytes(3_000_000);
    create();
    try (TidemarkProcess up =
        TidemarkProcess.start(
            dir.resolve("up.log"),
            "up",
            "demo=" + source,
            "--standby",
            dir.resolve("standby").toString(),
            "--data",
            data.toString())) {
      up.awaitOutput("ready: tree demo", Waiting.LIMIT);
      first = settled();
      change();
      settled();

      look("--data", data.toString());
      Waiting.untilSealed("demo", "--data", data.toString());
      assertThat(up.stop()).as(up.output()).isZero();
    }
    look("--repository", data.resolve("repository").toString());
    catIsCutOffQuietlyAndAFullDiskIsTold();
  }

  private void create() throws IOException {
    Files.writeString(source.resolve("index.html"), "hello\n");
    Files.write(source.resolve("large.bin"), large);
    Files.createDirectories(source.resolve("images/icons"));
    Files.writeString(source.resolve("images/icons/a.png"), "a picture");
    Files.createLink(source.resolve("linked"), source.resolve("index.html"));
    Files.writeString(raw(), "no text");
    Files.writeString(source.resolve("doomed"), "gone soon");
  }

  private Path raw() {
    return RawArguments.path(source + "/" + RAW);
  }

  private void change() throws IOException {
    Files.writeString(source.resolve("index.html"), "hello, world\n");
    Files.move(source.resolve("images"), source.resolve("pictures"));
    Files.delete(source.resolve("doomed"));
    Files.writeString(raw(), "still no text");
    Files.writeString(source.resolve("new.txt"), "new");
  }

  /** An instant at which the standby shows all that was done before. */
  private Instant settled() throws IOException {
    Waiting.untilEqual(source, dir.resolve("standby"));
    return Waiting.instantBetween();
  }

  private void look(String... where) throws Exception {
    cat(where);
    log(where);
    ls(where);
    diff(where);
    find(where);
    status(where);
    stats(where);
  }

  private void cat(String... where) {
    String before = first.toString();
    assertThat(run(where, "cat", "demo", "index.html").out()).isEqualTo("hello, world\n");
    assertThat(run(where, "cat", "demo", "/linked").out()).isEqualTo("hello, world\n");
    assertThat(run(where, "cat", "demo", "index.html", "--at", before).out()).isEqualTo("hello\n");
    assertThat(run(where, "cat", "demo", "doomed", "--at", before).out()).isEqualTo("gone soon");
    assertThat(run(where, "cat", "demo", RAW).out()).isEqualTo("still no text");
    assertThat(run(where, "cat", "demo", "images/icons/a.png", "--at", before).out())
        .isEqualTo("a picture");
    assertThat(fail(where, "cat", "demo", "doomed")).contains("There is no doomed in tree demo");
    assertThat(fail(where, "cat", "demo", "pictures")).contains("is a directory; `tidemark ls`");
    assertThat(fail(where, "cat", "none", "x")).contains("no tree none here; there is demo");
  }

  private void log(String... where) throws IOException {
    assertThat(run(where, "log", "demo", "index.html").out().lines())
        .hasSizeGreaterThanOrEqualTo(2)
        .last(STRING)
        .matches(
            "\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d\\.\\d{3}\\+00:00 +\\d+  scan .* created:"
                + " file, 6 B");
    JsonNode changed = JSON.readTree(run(where, "log", "demo", RAW, "--json").out());
    assertThat(changed.path("path").asText()).isEqualTo(RAW_SHOWN);
    assertThat(changed.at("/events/0/change").asText()).isEqualTo("changed");
    assertThat(changed.at("/events/0/cause").asText()).isEqualTo("live");
    assertThat(changed.at("/events/0/host").asText()).isNotEmpty();
    assertThat(changed.at("/events/0/aspects").toString()).contains("content");
    assertThat(changed.at("/events/0/size").asLong()).isEqualTo(13);
    JsonNode moved = JSON.readTree(run(where, "log", "demo", "pictures/icons", "--json").out());
    assertThat(moved.at("/events/0/movedFrom").asText()).isEqualTo("images/icons");
    JsonNode away = JSON.readTree(run(where, "log", "demo", "images/icons/a.png", "--json").out());
    assertThat(away.at("/events/0/movedTo").asText()).isEqualTo("pictures/icons/a.png");
    assertThat(away.at("/events/1/change").asText()).isEqualTo("created");
    CommandRun limited =
        CommandRun.of(
            Stream.concat(Stream.of("log", "demo", "index.html", "--limit", "1"), Stream.of(where))
                .toArray(String[]::new));
    assertThat(limited.out().lines()).hasSize(1);
    assertThat(limited.err()).contains("older ones are left out; --limit shows more");
    assertThat(fail(where, "log", "demo", "never")).contains("there never was a never");
  }

  private void ls(String... where) throws IOException {
    assertThat(run(where, "ls", "demo").out())
        .containsPattern(
            "(?m)^-rw.* 13 \\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d\\+00:00 index.html$")
        .doesNotContain("a.png");
    assertThat(run(where, "ls", "demo", "--recursive").out())
        .contains(" pictures/icons/a.png\n", " " + RAW_SHOWN + "\n");
    assertThat(run(where, "ls", "demo", "pictures", "-R", "--at", "now", "--long").out().lines())
        .hasSize(2)
        .allMatch(line -> line.matches(".*:\\d\\d\\.\\d{9}\\+00:00 pictures/icons(/a.png)?"));
    JsonNode all = JSON.readTree(run(where, "ls", "demo", "-R", "--json").out());
    assertThat(all.path("tree").asText()).isEqualTo("demo");
    assertThat(all.path("entries").findValuesAsText("path"))
        .containsExactly(
            "index.html",
            "large.bin",
            "linked",
            "new.txt",
            "pictures",
            "pictures/icons",
            "pictures/icons/a.png",
            RAW_SHOWN);
    JsonNode html = all.at("/entries/0");
    assertThat(html.path("linkGroup").asLong())
        .isPositive()
        .isEqualTo(all.at("/entries/2/linkGroup").asLong());
    assertThat(fail(where, "ls", "demo", "images")).contains("There is no images in tree demo");
  }

  private void diff(String... where) throws IOException {
    String before = first.toString();
    String text = run(where, "diff", "demo", before, "now").out();
    assertThat(text.lines())
        .contains(
            "- doomed",
            "> pictures/ from images",
            "M index.html (content, time)",
            "M linked (content, time)",
            "+ new.txt",
            "M " + RAW_SHOWN + " (content, time)")
        .noneMatch(line -> line.contains("large.bin") || line.contains("icons"))
        .last(STRING)
        .contains(": 1 added (3 B), 1 removed (9 B), 3 with other content (39 B, were 19 B)")
        .endsWith(", 1 moved");
    assertThat(run(where, "diff", "demo", before, "now", "--no-moves").out())
        .contains("- images/icons/a.png\n", "+ pictures/icons/a.png\n");
    JsonNode moved =
        lines(where, "diff", "demo", before, "now", "--json").stream()
            .filter(line -> line.path("change").asText().equals("moved"))
            .findFirst()
            .orElseThrow();
    assertThat(moved.path("from").asText()).isEqualTo("images");
    assertThat(moved.path("path").asText()).isEqualTo("pictures");
    List<JsonNode> lines = lines(where, "diff", "demo", "now", before, "images", "--json");
    assertThat(lines).hasSize(4);
    assertThat(lines).first().extracting(json -> json.path("change").asText()).isEqualTo("added");
    assertThat(lines.getLast().at("/summary/addedBytes").asLong()).isEqualTo(9);
    assertThat(lines(where, "diff", "demo", "now", "now", "--json")).hasSize(1);
    assertThat(fail(where, "diff", "demo", "now", "now", "never")).contains("There is no never");
  }

  private void find(String... where) throws IOException {
    String before = first.toString();
    assertThat(run(where, "find", "demo", "*.png").out()).isEqualTo("pictures/icons/a.png\n");
    assertThat(run(where, "find", "demo", "images/**/*.png", "--at", before).out())
        .isEqualTo("images/icons/a.png\n");
    assertThat(run(where, "find", "demo", "*", "--larger", "1M").out()).isEqualTo("large.bin\n");
    assertThat(run(where, "find", "demo", "*", "--type", "directory").out().lines())
        .containsExactly("pictures", "pictures/icons");
    assertThat(run(where, "find", "demo", "\udcff*", "--newer", "-1d", "--long").out())
        .endsWith("+00:00 " + RAW_SHOWN + "\n");
    assertThat(lines(where, "find", "demo", "?x", "--json"))
        .singleElement()
        .extracting(json -> json.path("path").asText())
        .isEqualTo(RAW_SHOWN);
    assertThat(run(where, "find", "demo", "never").out()).isEmpty();
    assertThat(run(where, "find", "demo", "*.png", "--ever").out().lines())
        .satisfiesExactly(
            gone -> assertThat(gone).endsWith("+00:00  images/icons/a.png"),
            there -> assertThat(there).endsWith("now  pictures/icons/a.png"));
    List<JsonNode> stays = lines(where, "find", "demo", "*.png", "--ever", "--json");
    assertThat(stays.getFirst().path("toSequence").asLong())
        .isEqualTo(stays.getLast().path("fromSequence").asLong());
    assertThat(stays.getLast().path("to").isNull()).isTrue();
  }

  private void status(String... where) throws IOException {
    JsonNode state = Waiting.status("demo", where);
    String text = run(where, "status").out();
    assertThat(text).containsPattern("last change  sequence \\d+, \\d{4}-.*\\+00:00, written by ");
    assertThat(run(where, "trees").out()).containsPattern("demo .*, last change \\d{4}.*\\+00:00");
    if (where[0].equals("--repository")) {
      assertThat(state.path("watcherAlive").isNull()).isTrue();
      assertThat(state.path("lastHeartbeat").isNull()).isTrue();
      assertThat(text).contains("no broker").doesNotContain("watcher ");
      return;
    }
    assertThat(Instant.parse(state.path("lastHeartbeat").asText())).isNotNull();
    assertThat(text).containsPattern("watcher      (alive, heard|not heard for) ");
    assertThat(state.path("sealedLagMillis").isIntegralNumber()).isTrue();
    if (state.path("unsealedSince").isNull()) {
      assertThat(state.path("sealedLagMillis").asLong()).isZero();
    }
    JsonNode standby = state.at("/standbys/0");
    assertThat(standby.path("behindChanges").isIntegralNumber()).isTrue();
    assertThat(Instant.parse(standby.path("reportedAt").asText())).isNotNull();
    assertThat(Instant.parse(standby.path("appliedLogTime").asText())).isNotNull();
    assertThat(text).containsPattern("standby      .* lag .*, reported .* ago");
  }

  private void stats(String... where) throws IOException {
    assertThat(run(where, "stats").out())
        .contains("tree demo at change ", "6 files, ", "; 3 directories, 0 others")
        .contains("packs ", "log segments ");
    JsonNode stats = JSON.readTree(run(where, "stats", "demo", "--json").out());
    JsonNode tree = stats.at("/trees/0");
    long hello = "hello, world\n".length();
    long rest = "a picture".length() + "new".length() + "still no text".length();
    assertThat(tree.path("files").asLong()).isEqualTo(6);
    assertThat(tree.path("directories").asLong()).isEqualTo(3);
    assertThat(tree.path("bytes").asLong()).isEqualTo(large.length + 2 * hello + rest);
    assertThat(tree.path("uniqueBytes").asLong()).isEqualTo(large.length + hello + rest);
    assertThat(stats.has("total")).isFalse();
    if (where[0].equals("--repository")) {
      assertThat(tree.path("chunksNotStored").asLong()).isZero();
      assertThat(tree.path("storedBytes").asLong())
          .isBetween(large.length * 9 / 10L, large.length * 11 / 10L);
      assertThat(stats.at("/repository/packs/bytes").asLong())
          .isEqualTo(Waiting.packBytes(data.resolve("repository")));
    }
    assertThat(fail(where, "stats", "none")).contains("no tree none here");
  }

  private void catIsCutOffQuietlyAndAFullDiskIsTold() throws Exception {
    Path errors = dir.resolve("errors");
    String[] args = {
      "cat", "demo", "large.bin", "--repository", data.resolve("repository").toString()
    };
    ProcessBuilder builder = TidemarkProcess.builder(Main.class, args);
    builder.redirectError(errors.toFile());

    Process whole = builder.start();
    assertThat(whole.getInputStream().readAllBytes()).isEqualTo(large);
    assertThat(whole.waitFor()).isZero();

    Process cutOff = builder.start();
    try (InputStream out = cutOff.getInputStream()) {
      assertThat(out.readNBytes(10)).hasSize(10);
    }
    assertThat(cutOff.waitFor()).as(Files.readString(errors)).isZero();
    assertThat(errors).isEmptyFile();

    Process full = builder.redirectOutput(Path.of("/dev/full").toFile()).start();
    assertThat(full.waitFor()).isEqualTo(ExitCode.FAILURE.number());
    assertThat(errors).content().contains("Standard output could not be written");
  }

  /** Runs a command that is to succeed without a word on standard error. */
  private static CommandRun run(String[] where, String... args) {
    CommandRun run =
        CommandRun.of(Stream.concat(Stream.of(args), Stream.of(where)).toArray(String[]::new));
    assertThat(run.exitCode()).as("%s: %s", List.of(args), run.err()).isZero();
    assertThat(run.err()).as("%s", List.of(args)).isEmpty();
    return run;
  }

  private static String fail(String[] where, String... args) {
    CommandRun run =
        CommandRun.of(Stream.concat(Stream.of(args), Stream.of(where)).toArray(String[]::new));
    assertThat(run.exitCode()).as("%s", List.of(args)).isEqualTo(ExitCode.FAILURE.number());
    assertThat(run.out()).as("%s", List.of(args)).isEmpty();
    return run.err();
  }

  /** What a command prints as one JSON object in each line. */
  private static List<JsonNode> lines(String[] where, String... args) throws IOException {
    List<JsonNode> lines = new ArrayList<>();
    for (String line : run(where, args).out().lines().toList()) {
      lines.add(JSON.readTree(line));
    }
    return lines;
  }
}
