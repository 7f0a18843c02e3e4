package dev.tidemark.helm;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The charts as Helm itself judges and packs them. */
final class LintTest {
  private static final Pattern VERSION = Pattern.compile("<version>([^<]+)</version>");

  @TempDir private Path dir;

  @ParameterizedTest
  @ValueSource(strings = {"", "production", "strimzi"})
  void helmHasNothingToSay(String values) throws Exception {
    HelmProgram.assumeThere();
    List<String> file =
        values.isEmpty() ? List.of() : List.of("-f", "../examples/values/" + values + ".yaml");

    requireClean(Charts.TIDEMARK, file);
  }

  @Test
  void helmHasNothingToSayOfTheLibraryAndTheExample() throws Exception {
    HelmProgram.assumeThere();

    requireClean(Charts.SIDECAR, List.of());
    requireClean(Charts.nginx(dir), List.of());
  }

  private static void requireClean(Path chart, List<String> more) throws Exception {
    List<String> args = new java.util.ArrayList<>(List.of("lint", "--strict", "."));
    args.addAll(more);
    HelmProgram.Run run = HelmProgram.run(chart, args.toArray(String[]::new));
    assertThat(run.exitCode()).as(run.out() + run.err()).isZero();
    assertThat(run.out()).doesNotContain("[WARNING]", "[ERROR]");
  }

  /** The alerts and the dashboard are links in the source tree, and files in what is installed. */
  @Test
  void whatIsPackedIsWhole() throws Exception {
    HelmProgram.assumeThere();
    HelmProgram.Run packed =
        HelmProgram.run(Charts.TIDEMARK, "package", ".", "--destination", dir.toString());
    assertThat(packed.exitCode()).as(packed.err()).isZero();
    Path archive = dir.resolve("tidemark-0.1.0.tgz");

    for (String file : List.of("prometheus/tidemark-rules.yml", "grafana/tidemark.json")) {
      Path source = Charts.ROOT.resolve("packaging").resolve(file);
      Process tar =
          new ProcessBuilder(
                  "tar", "-xzOf", archive.toString(), "tidemark/files/" + source.getFileName())
              .start();
      String text = new String(tar.getInputStream().readAllBytes(), UTF_8);
      assertThat(tar.waitFor()).isZero();
      assertThat(text).isEqualTo(Files.readString(source));
    }
  }

  /** The image that is taken where none is named is that of this very source tree. */
  @Test
  void theChartsAreOfTheProgramsVersion() throws Exception {
    Matcher version = VERSION.matcher(Files.readString(Charts.ROOT.resolve("pom.xml")));
    assertThat(version.find()).isTrue();

    for (Path chart : List.of(Charts.TIDEMARK, Charts.SIDECAR)) {
      assertThat(
              Charts.yaml(Files.readString(chart.resolve("Chart.yaml")))
                  .path("appVersion")
                  .asText())
          .isEqualTo(version.group(1));
    }
  }
}
