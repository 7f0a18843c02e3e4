package dev.tidemark.helm;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tidemark.cli.ParsedArguments;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What docs/kubernetes.md shows is what there is. */
final class ManualTest {
  private static final Pattern OBJECT = Pattern.compile("(?s)```yaml\n(.*?)```");
  private static final Pattern SET = Pattern.compile("--set ([A-Za-z.]+)=");

  private final String manual;

  ManualTest() throws IOException {
    manual = Files.readString(Charts.ROOT.resolve("docs/kubernetes.md"));
  }

  @Test
  void itsObjectsAreOfTheApiAndItsArgumentsOfTheProgram() throws Exception {
    Matcher matcher = OBJECT.matcher(manual);
    List<JsonNode> objects = new ArrayList<>();
    while (matcher.find()) {
      objects.add(Charts.yaml(matcher.group(1)));
    }

    assertThat(objects).isNotEmpty();
    for (JsonNode object : objects) {
      assertThat(ApiTypes.read(object)).isNotNull();
      PodOf pod = PodOf.of(object).orElseThrow();
      pod.requireSound();
      for (JsonNode container : pod.containers()) {
        List<String> args = new ArrayList<>();
        container.path("args").forEach(arg -> args.add(arg.asText()));
        ParsedArguments.require(args);
      }
    }
  }

  @Test
  void itsValuesAreThoseOfTheChart() throws Exception {
    List<String> keys = Values.read(Charts.TIDEMARK).leaves();
    List<String> set = SET.matcher(manual).results().map(found -> found.group(1)).toList();

    assertThat(set).isNotEmpty();
    assertThat(keys).containsAll(set);
  }

  /** The lines that an application's chart takes in are those of the example. */
  @Test
  void itsThreeLinesAreThoseOfTheExample() throws Exception {
    String example = Files.readString(Charts.NGINX.resolve("templates/nginx.yaml"));
    List<String> shown =
        manual.lines().filter(line -> line.contains("{{- include \"tidemark")).toList();

    assertThat(shown).hasSize(2);
    assertThat(example.lines()).containsAll(shown);
    assertThat(manual).contains("{{ include \"tidemark.sidecar.podMonitor\" (list . (dict ");
  }
}
