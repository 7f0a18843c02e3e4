package dev.tidemark.helm;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What is said of a chart's values, in its page and in its schema, is said of those that it has.
 */
final class ReadmeFileTest {
  @ParameterizedTest
  @ValueSource(strings = {"tidemark", "tidemark-sidecar"})
  void thePageIsMadeOfTheComments(String chart) throws IOException {
    Path folder = Charts.FOLDER.resolve(chart);
    Values values = Values.read(folder);
    JsonNode about = Charts.yaml(Files.readString(folder.resolve("Chart.yaml")));
    List<String> lines = new ArrayList<>();
    lines.add("# " + chart);
    lines.add("");
    lines.add(about.path("description").asText());
    lines.add("");
    lines.add("[docs/kubernetes.md](../../docs/kubernetes.md) says how it is used.");
    lines.add("");
    lines.add("| key | default | meaning |");
    lines.add("|---|---|---|");
    for (var key : values.explained().entrySet()) {
      lines.add(
          "| `%s` | `%s` | %s |"
              .formatted(
                  key.getKey(),
                  new ObjectMapper().writeValueAsString(values.at(key.getKey())),
                  key.getValue().replace("|", "\\|")));
    }

    WrittenFile.requireSame(folder.resolve("README.md"), String.join("\n", lines) + "\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"tidemark", "tidemark-sidecar"})
  void everyValueIsExplainedAndInTheSchemaAndNoOther(String chart) throws IOException {
    Path folder = Charts.FOLDER.resolve(chart);
    Values values = Values.read(folder);

    assertThat(values.explained().keySet()).containsAll(values.leaves());
    Set<String> keys = new TreeSet<>();
    JsonNode schema = new ObjectMapper().readTree(folder.resolve("values.schema.json").toFile());
    collect("", schema, schema.path("definitions"), values, keys);
    // Helm's own, which it hands to each chart that another one includes.
    assertThat(keys.remove("global")).isTrue();
    assertThat(keys).containsExactlyInAnyOrderElementsOf(values.leaves());
  }

  private static void collect(
      String key, JsonNode given, JsonNode definitions, Values values, Set<String> into) {
    String reference = given.path("$ref").asText();
    JsonNode schema =
        reference.isEmpty()
            ? given
            : definitions.path(reference.substring(reference.lastIndexOf('/') + 1));
    JsonNode properties = schema.path("properties");
    if (!key.isEmpty() && (!properties.isObject() || values.explained().containsKey(key))) {
      into.add(key);
      return;
    }
    assertThat(schema.path("additionalProperties").asBoolean(true))
        .as("other keys of %s are refused", key)
        .isFalse();
    properties
        .properties()
        .forEach(
            below ->
                collect(
                    key.isEmpty() ? below.getKey() : key + "." + below.getKey(),
                    below.getValue(),
                    definitions,
                    values,
                    into));
  }
}
