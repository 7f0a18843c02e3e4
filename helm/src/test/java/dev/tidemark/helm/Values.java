package dev.tidemark.helm;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The values of a chart, as its file explains them: a comment that begins with {@code # -- } stands
 * above each key, and goes on in the comments behind it.
 */
final class Values {
  private static final Pattern COMMENT = Pattern.compile(" *# (-- )?(.*)");
  private static final Pattern KEY = Pattern.compile("( *)([A-Za-z][A-Za-z0-9]*):.*");
  private static final String INDENT = "  ";

  private final JsonNode tree;
  private final Map<String, String> explained = new LinkedHashMap<>();

  private Values(JsonNode tree) {
    this.tree = tree;
  }

  static Values read(Path chart) throws IOException {
    Path file = chart.resolve("values.yaml");
    Values values = new Values(Charts.yaml(Files.readString(file)));
    values.explain(Files.readAllLines(file));
    return values;
  }

  /** Keys with dots between, and what is said of them, in the order of the file. */
  Map<String, String> explained() {
    return explained;
  }

  /** What a key is where nothing is said. */
  JsonNode at(String key) {
    return tree.at("/" + key.replace('.', '/'));
  }

  /** All keys that have a value: not those that are only the heading of others. */
  List<String> leaves() {
    List<String> leaves = new ArrayList<>();
    leaves("", tree, leaves);
    return leaves;
  }

  private void leaves(String key, JsonNode node, List<String> into) {
    if (!key.isEmpty() && (!node.isObject() || explained.containsKey(key))) {
      into.add(key);
      return;
    }
    node.properties()
        .forEach(
            child ->
                leaves(
                    key.isEmpty() ? child.getKey() : key + "." + child.getKey(),
                    child.getValue(),
                    into));
  }

  private void explain(List<String> lines) {
    List<String> above = new ArrayList<>();
    List<String> said = new ArrayList<>();
    for (String line : lines) {
      Matcher comment = COMMENT.matcher(line);
      Matcher key = KEY.matcher(line);
      if (comment.matches()) {
        if (comment.group(1) != null) {
          said.clear();
          said.add(comment.group(2));
        } else if (!said.isEmpty()) {
          said.add(comment.group(2));
        }
      } else if (key.matches()) {
        int depth = key.group(1).length() / INDENT.length();
        assertThat(depth).as(line).isLessThanOrEqualTo(above.size());
        above.subList(depth, above.size()).clear();
        above.add(key.group(2));
        if (!said.isEmpty()) {
          explained.put(String.join(".", above), String.join(" ", said));
        }
        said.clear();
      }
    }
  }
}
