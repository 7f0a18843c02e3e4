package dev.tidemark.helm;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The charts, and what Helm makes of them. */
final class Charts {
  /** The module's own folder, in which Maven runs tests. */
  static final Path FOLDER = Path.of("").toAbsolutePath();

  static final Path TIDEMARK = FOLDER.resolve("tidemark");
  static final Path SIDECAR = FOLDER.resolve("tidemark-sidecar");
  static final Path NGINX = FOLDER.resolve("examples/nginx");
  static final Path ROOT = FOLDER.resolveSibling("");

  private static final YAMLMapper YAML =
      YAMLMapper.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

  private Charts() {}

  /** What is rendered and held against the types of the API. */
  enum Case {
    DEFAULTS(List.of()),
    PRODUCTION(List.of("-f", "../examples/values/production.yaml")),
    STRIMZI(List.of("-f", "../examples/values/strimzi.yaml")),
    STRIMZI_TLS(
        List.of(
            "-f",
            "../examples/values/strimzi.yaml",
            "--set",
            "topics.strimzi.users.authentication=tls",
            "--set",
            "topics.replication=1")),
    SIDECAR(List.of()),
    SIDECAR_THAT_READS_ALL(
        List.of(
            "--set",
            "tidemark-sidecar.reads=all",
            "--set",
            "tidemark-sidecar.capture=fanotify",
            "--set",
            "tidemark-sidecar.state.volume=",
            "--set",
            "tidemark-sidecar.holdApplication=false",
            "--set",
            "tidemark-sidecar.kafka.clientProperties.secret=,tidemark-sidecar.kafka.clientProperties.configMap=web",
            "--set",
            "tidemark-sidecar.javaOptions=-Xmx1g"));

    private final List<String> args;

    Case(List<String> args) {
      this.args = args;
    }

    boolean isSidecar() {
      return this == SIDECAR || this == SIDECAR_THAT_READS_ALL;
    }

    List<JsonNode> render(Path work) throws IOException, InterruptedException {
      Path chart = isSidecar() ? nginx(work) : TIDEMARK;
      return Charts.render(chart, args.toArray(String[]::new));
    }
  }

  /** All objects that a release of the chart has, hooks among them. */
  static List<JsonNode> render(Path chart, String... args)
      throws IOException, InterruptedException {
    HelmProgram.Run run = template(chart, args);
    assertThat(run.exitCode()).as(run.err()).isZero();
    return documents(run.out());
  }

  /** The same, where it may be refused. */
  static HelmProgram.Run template(Path chart, String... args)
      throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(List.of("template", "shop", ".", "--namespace", "backup"));
    command.addAll(List.of(args));
    return HelmProgram.run(chart, command.toArray(String[]::new));
  }

  /** The example in a folder of its own, with the library that it depends on. */
  static Path nginx(Path work) throws IOException, InterruptedException {
    Path copy = work.resolve("charts");
    copy(SIDECAR, copy.resolve("tidemark-sidecar"));
    copy(NGINX, copy.resolve("examples/nginx"));
    Path chart = copy.resolve("examples/nginx");
    HelmProgram.Run run = HelmProgram.run(chart, "dependency", "update", ".");
    assertThat(run.exitCode()).as(run.err()).isZero();
    return chart;
  }

  static JsonNode yaml(String text) throws IOException {
    return YAML.readTree(text);
  }

  /** The one object of a kind whose name ends so. */
  static JsonNode find(List<JsonNode> objects, String kind, String nameEnd) {
    List<JsonNode> found =
        objects.stream()
            .filter(object -> object.path("kind").asText().equals(kind))
            .filter(object -> object.at("/metadata/name").asText().endsWith(nameEnd))
            .toList();
    assertThat(found).as("%s *%s", kind, nameEnd).hasSize(1);
    return found.getFirst();
  }

  private static List<JsonNode> documents(String text) throws IOException {
    List<JsonNode> objects = new ArrayList<>();
    try (MappingIterator<JsonNode> all = YAML.readerFor(JsonNode.class).readValues(text)) {
      while (all.hasNext()) {
        JsonNode object = all.next();
        if (object != null && object.isObject()) {
          objects.add(object);
        }
      }
    }
    return objects;
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.walk(from, FileVisitOption.FOLLOW_LINKS)) {
      for (Path file : files.toList()) {
        Path target = to.resolve(from.relativize(file).toString());
        if (Files.isDirectory(file)) {
          Files.createDirectories(target);
        } else {
          Files.copy(file, target);
        }
      }
    }
  }
}
