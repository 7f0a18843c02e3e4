package dev.tidemark.helm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tidemark.helm.Charts.Case;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Whatever the charts render, by the types of the API, and by what its parts say of one another.
 */
final class RenderedObjectsTest {
  @TempDir private Path dir;

  @BeforeEach
  void needHelm() {
    HelmProgram.assumeThere();
  }

  @ParameterizedTest
  @EnumSource
  void everyFieldIsOneOfTheApi(Case rendered) throws Exception {
    List<JsonNode> objects = rendered.render(dir);

    assertThat(objects).hasSizeGreaterThan(2);
    Set<String> names = new HashSet<>();
    for (JsonNode object : objects) {
      String name = object.path("kind").asText() + " " + object.at("/metadata/name").asText();
      assertThat(names.add(name)).as("%s once", name).isTrue();
      assertThat(ApiTypes.read(object)).as(name).isNotNull();
    }
  }

  /** That the check above can fail, at the top and deep inside. */
  @Test
  void aFieldThatTheApiDoesNotHaveIsFound() throws Exception {
    JsonNode store = Charts.find(Case.DEFAULTS.render(dir), "StatefulSet", "-store");
    ObjectNode above = store.deepCopy();
    ((ObjectNode) above.path("spec")).put("replica", 1);
    ObjectNode below = store.deepCopy();
    ((ObjectNode) below.at("/spec/template/spec/containers/0/securityContext"))
        .put("readOnlyRootFileSystem", true);
    ObjectNode wrong = store.deepCopy();
    ((ObjectNode) wrong.path("spec")).put("replicas", "many");

    assertThatThrownBy(() -> ApiTypes.read(above))
        .isInstanceOf(UnrecognizedPropertyException.class)
        .hasMessageContaining("\"replica\"");
    assertThatThrownBy(() -> ApiTypes.read(below))
        .isInstanceOf(UnrecognizedPropertyException.class)
        .hasMessageContaining("readOnlyRootFileSystem");
    assertThatThrownBy(() -> ApiTypes.read(wrong)).isInstanceOf(JsonProcessingException.class);
    assertThatThrownBy(() -> Charts.yaml("replicas: 1\nreplicas: 2\n"))
        .isInstanceOf(JsonProcessingException.class)
        .hasMessageContaining("replicas");
  }

  @ParameterizedTest
  @EnumSource
  void whatAPodRefersToIsThere(Case rendered) throws Exception {
    List<JsonNode> objects = rendered.render(dir);

    PodOf.all(objects).forEach(PodOf::requireSound);
    for (JsonNode object : objects) {
      requirePodsOfSelector(object, objects);
    }
  }

  /** A selector that finds nothing is no fault for the API, and a part that does nothing for us. */
  private static void requirePodsOfSelector(JsonNode object, List<JsonNode> objects) {
    JsonNode selector =
        switch (object.path("kind").asText()) {
          case "Service" -> object.at("/spec/selector");
          case "StatefulSet", "DaemonSet", "PodDisruptionBudget", "PodMonitor", "ServiceMonitor" ->
              object.at("/spec/selector/matchLabels");
          case "NetworkPolicy" -> object.at("/spec/podSelector/matchLabels");
          default -> null;
        };
    if (selector == null) {
      return;
    }
    assertThat(selector.isObject()).as("selector of %s", object).isTrue();
    assertThat(PodOf.all(objects))
        .as("pods of %s", object.at("/metadata/name"))
        .anyMatch(pod -> pod.hasLabels(selector));
    if (object.path("kind").asText().equals("ServiceMonitor")) {
      assertThat(objects)
          .anyMatch(
              other ->
                  other.path("kind").asText().equals("Service")
                      && PodOf.includes(other.at("/metadata/labels"), selector));
    }
  }

  /** A tree may be called by a year, and a Secret by a number: words of a command stay words. */
  @Test
  void namesThatLookLikeNumbersAreNames() throws Exception {
    List<JsonNode> objects =
        Charts.render(
            Charts.TIDEMARK,
            "--set-string",
            "mirrors[0].name=a,mirrors[0].tree=2026,drill.trees[0]=1e3,kafka.clientProperties.secret=7,"
                + "repository.credentialsSecret=8");

    JsonNode mirror = Charts.find(objects, "StatefulSet", "-mirror-a").at("/spec/template/spec");
    assertThat(mirror.at("/containers/0/args/1").isTextual()).isTrue();
    assertThat(mirror.toString()).contains("\"secretName\":\"7\"", "\"name\":\"8\"");
    JsonNode drill =
        Charts.find(objects, "CronJob", "-drill-1e3")
            .at("/spec/jobTemplate/spec/template/spec/containers/0/args/1");
    assertThat(drill.isTextual()).isTrue();
    assertThat(drill.asText()).isEqualTo("1e3");
  }

  /** As little as can be, of all but the two that say that they need more. */
  @ParameterizedTest
  @EnumSource
  void everyContainerIsUnprivilegedOrSaysWhatItNeeds(Case rendered) throws Exception {
    for (PodOf pod : PodOf.all(rendered.render(dir))) {
      for (JsonNode container : pod.containers()) {
        requireLeast(pod, container);
      }
    }
  }

  private static void requireLeast(PodOf pod, JsonNode container) {
    JsonNode security = container.path("securityContext");
    String name = pod.name() + "/" + container.path("name").asText();
    assertThat(security.path("readOnlyRootFilesystem").asBoolean()).as(name).isTrue();
    assertThat(security.at("/capabilities/drop").toString()).as(name).isEqualTo("[\"ALL\"]");
    assertThat(security.has("privileged")).as(name).isFalse();
    JsonNode user =
        security.has("runAsUser")
            ? security.path("runAsUser")
            : pod.spec().at("/securityContext/runAsUser");
    boolean more = security.at("/capabilities/add").isArray();
    // Capabilities of a user that is not root's are none: they would be asked for in vain.
    assertThat(user.asInt() == 0).as("root where there are capabilities: %s", name).isEqualTo(more);
    boolean administers = security.at("/capabilities/add").toString().contains("SYS_ADMIN");
    assertThat(security.path("allowPrivilegeEscalation").asBoolean(true))
        .as(name)
        .isEqualTo(administers);
    assertThat(pod.spec().path("automountServiceAccountToken").asBoolean(true)).as(name).isFalse();
    assertThat(container.at("/resources/limits").has("memory")).as(name).isTrue();
    assertThat(container.at("/resources/requests").has("cpu")).as(name).isTrue();
  }
}
