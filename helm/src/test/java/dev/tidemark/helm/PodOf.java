package dev.tidemark.helm;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The pod of an object that makes pods. */
record PodOf(String name, JsonNode labels, JsonNode spec, JsonNode claims) {
  static Optional<PodOf> of(JsonNode object) {
    String name = object.path("kind").asText() + " " + object.at("/metadata/name").asText();
    JsonNode claims = object.at("/spec/volumeClaimTemplates");
    return switch (object.path("kind").asText()) {
      case "Pod" ->
          Optional.of(new PodOf(name, object.at("/metadata/labels"), object.path("spec"), claims));
      case "StatefulSet", "DaemonSet", "Job" ->
          Optional.of(ofTemplate(name, object.at("/spec/template"), claims));
      case "CronJob" ->
          Optional.of(ofTemplate(name, object.at("/spec/jobTemplate/spec/template"), claims));
      default -> Optional.empty();
    };
  }

  /** Those of all objects that make any. */
  static List<PodOf> all(List<JsonNode> objects) {
    return objects.stream().flatMap(object -> of(object).stream()).toList();
  }

  private static PodOf ofTemplate(String name, JsonNode template, JsonNode claims) {
    return new PodOf(name, template.at("/metadata/labels"), template.path("spec"), claims);
  }

  /** Sidecars and the others. */
  List<JsonNode> containers() {
    List<JsonNode> all = new ArrayList<>();
    spec.path("initContainers").forEach(all::add);
    spec.path("containers").forEach(all::add);
    assertThat(all).as(name).isNotEmpty();
    return all;
  }

  boolean hasLabels(JsonNode selector) {
    return includes(labels, selector);
  }

  static boolean includes(JsonNode labels, JsonNode selector) {
    return selector.properties().stream()
        .allMatch(label -> label.getValue().equals(labels.path(label.getKey())));
  }

  /** Mounts name volumes, volumes have one source and are mounted, probes name ports. */
  void requireSound() {
    Set<String> volumes = new HashSet<>();
    for (JsonNode volume : spec.path("volumes")) {
      assertThat(volumes.add(volume.path("name").asText())).as("%s: %s", name, volume).isTrue();
      assertThat(volume.size()).as("%s: a name and one source in %s", name, volume).isEqualTo(2);
    }
    claims.forEach(claim -> volumes.add(claim.at("/metadata/name").asText()));
    Set<String> unused = new HashSet<>(volumes);
    Set<String> ports = new HashSet<>();
    for (JsonNode container : containers()) {
      requireSound(container, volumes, unused);
      for (JsonNode port : container.path("ports")) {
        assertThat(ports.add(port.path("name").asText())).as("%s: %s", name, port).isTrue();
      }
    }
    assertThat(unused).as("%s: volumes that nothing mounts", name).isEmpty();
  }

  private void requireSound(JsonNode container, Set<String> volumes, Set<String> unused) {
    Set<String> places = new HashSet<>();
    for (JsonNode mount : container.path("volumeMounts")) {
      String volume = mount.path("name").asText();
      assertThat(volumes).as("%s: mount %s", name, mount).contains(volume);
      unused.remove(volume);
      assertThat(places.add(mount.path("mountPath").asText())).as("%s: %s", name, mount).isTrue();
    }
    List<String> ports = container.path("ports").findValuesAsText("name");
    for (String probe : List.of("startupProbe", "livenessProbe", "readinessProbe")) {
      if (container.has(probe)) {
        assertThat(ports)
            .as("%s: %s", name, probe)
            .contains(container.path(probe).at("/httpGet/port").asText());
      }
    }
    Set<String> variables = new HashSet<>();
    for (JsonNode variable : container.path("env")) {
      assertThat(variables.add(variable.path("name").asText()))
          .as("%s: %s", name, variable)
          .isTrue();
    }
  }
}
