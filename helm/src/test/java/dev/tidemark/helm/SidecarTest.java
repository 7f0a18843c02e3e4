package dev.tidemark.helm;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tidemark.helm.Charts.Case;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An application's chart that takes the watcher in. */
final class SidecarTest {
  @TempDir private Path dir;

  @Test
  void threeLinesTakeItIn() throws Exception {
    String template = Files.readString(Charts.NGINX.resolve("templates/nginx.yaml"));

    assertThat(template.lines().filter(line -> line.contains("tidemark")))
        .hasSize(3)
        .allMatch(line -> line.contains("include \"tidemark.sidecar"));
  }

  @Test
  void itStartsBeforeTheApplicationAndEndsAfterIt() throws Exception {
    HelmProgram.assumeThere();
    JsonNode watcher = watcher(Case.SIDECAR);

    assertThat(watcher.path("restartPolicy").asText()).isEqualTo("Always");
    assertThat(watcher.at("/startupProbe/httpGet/path").asText()).isEqualTo("/health/live");
    assertThat(watcher(Case.SIDECAR_THAT_READS_ALL).has("startupProbe")).isFalse();
  }

  @Test
  void itReadsWhatTheApplicationWritesAndCannotWriteIt() throws Exception {
    HelmProgram.assumeThere();
    PodOf pod = pod(Case.SIDECAR);
    JsonNode source = mount(pod.containers().get(0), "/source");
    JsonNode html = mount(pod.containers().get(1), "/usr/share/nginx/html");

    assertThat(source.path("readOnly").asBoolean()).isTrue();
    assertThat(source.path("name")).isEqualTo(html.path("name"));
    assertThat(source.path("subPath")).isEqualTo(html.path("subPath"));
    JsonNode state = mount(pod.containers().get(0), "/var/lib/tidemark");
    assertThat(state.path("name")).isEqualTo(html.path("name"));
    assertThat(state.path("subPath").asText()).isEqualTo("tidemark");
  }

  /** A writer whose state is gone is another one, which takes over or is refused. */
  @Test
  void itTakesOverWhereItsStateGoesWithThePod() throws Exception {
    HelmProgram.assumeThere();

    assertThat(args(watcher(Case.SIDECAR))).doesNotContain("--take-over");
    assertThat(args(watcher(Case.SIDECAR_THAT_READS_ALL))).contains("--take-over");
  }

  @Test
  void whatItMayDoFollowsFromWhatItIsToDo() throws Exception {
    HelmProgram.assumeThere();

    assertThat(watcher(Case.SIDECAR).at("/securityContext/capabilities").has("add")).isFalse();
    JsonNode all = watcher(Case.SIDECAR_THAT_READS_ALL).path("securityContext");
    assertThat(all.path("runAsUser").asInt()).isZero();
    assertThat(all.at("/capabilities/add").toString())
        .isEqualTo("[\"DAC_READ_SEARCH\",\"SYS_ADMIN\"]");
    Path chart = Charts.nginx(dir.resolve("again"));
    JsonNode reading =
        PodOf.all(Charts.render(chart, "--set", "tidemark-sidecar.reads=all"))
            .getFirst()
            .containers()
            .getFirst()
            .path("securityContext");
    assertThat(reading.at("/capabilities/add").toString()).isEqualTo("[\"DAC_READ_SEARCH\"]");
  }

  private JsonNode watcher(Case rendered) throws Exception {
    return pod(rendered).spec().path("initContainers").path(0);
  }

  private PodOf pod(Case rendered) throws Exception {
    return PodOf.all(rendered.render(dir.resolve(rendered.name()))).getFirst();
  }

  private static JsonNode mount(JsonNode container, String path) {
    for (JsonNode mount : container.path("volumeMounts")) {
      if (mount.path("mountPath").asText().equals(path)) {
        return mount;
      }
    }
    throw new AssertionError("nothing is mounted at " + path + " in " + container);
  }

  private static List<String> args(JsonNode container) {
    List<String> args = new ArrayList<>();
    container.path("args").forEach(arg -> args.add(arg.asText()));
    return args;
  }
}
