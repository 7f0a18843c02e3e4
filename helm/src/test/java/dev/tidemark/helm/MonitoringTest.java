package dev.tidemark.helm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.tidemark.helm.Charts.Case;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Alerts and dashboard in a cluster are those that hosts have. */
final class MonitoringTest {
  private static final Path PACKAGING = Charts.ROOT.resolve("packaging");

  @TempDir private Path dir;
  private List<JsonNode> objects;

  @BeforeEach
  void render() throws Exception {
    HelmProgram.assumeThere();
    objects = Case.PRODUCTION.render(dir);
  }

  @Test
  void theAlertsAreTheSame() throws IOException {
    JsonNode shipped =
        Charts.yaml(Files.readString(PACKAGING.resolve("prometheus/tidemark-rules.yml")))
            .path("groups");
    JsonNode rendered = Charts.find(objects, "PrometheusRule", "").at("/spec/groups");

    assertThat(shipped).isNotEmpty();
    for (int i = 0; i < shipped.size(); i++) {
      assertThat(rendered.path(i)).isEqualTo(shipped.path(i));
    }
    // Of drills, whose success Kubernetes tells.
    assertThat(rendered).hasSize(shipped.size() + 1);
  }

  @Test
  void prometheusTakesTheAlerts() throws Exception {
    assumeTrue(isPromtoolThere(), "no promtool here: install Debian's package prometheus");
    Path rules = dir.resolve("rules.yml");
    new YAMLMapper()
        .writeValue(rules.toFile(), Charts.find(objects, "PrometheusRule", "").path("spec"));

    Process check =
        new ProcessBuilder("promtool", "check", "rules", rules.toString()).inheritIO().start();

    assertThat(check.waitFor()).isZero();
  }

  /** A drill's name is cut to what Kubernetes allows, and its alert looks for that name. */
  @Test
  void theAlertOfDrillsFindsThem() {
    JsonNode groups = Charts.find(objects, "PrometheusRule", "").at("/spec/groups");
    String expression = groups.path(groups.size() - 1).at("/rules/0/expr").asText();

    for (String tree : List.of("web", "assets")) {
      String name = Charts.find(objects, "CronJob", "-drill-" + tree).at("/metadata/name").asText();
      assertThat(name).hasSizeLessThanOrEqualTo(52);
      String wanted = name.substring(0, name.length() - tree.length());
      assertThat(expression).contains("cronjob=~\"" + wanted + ".*\"");
    }
    assertThat(expression).contains("namespace=\"backup\"").endsWith("> 259200");
  }

  @Test
  void drillsOfTreesWhoseNamesBeginAlikeHaveNamesOfTheirOwn() throws Exception {
    List<JsonNode> alike =
        Charts.render(
            Charts.TIDEMARK,
            "--set",
            "drill.trees={customer-uploads-eu,customer-uploads-us,a.b,a-b,a_b}");

    List<String> names =
        alike.stream()
            .filter(object -> object.path("kind").asText().equals("CronJob"))
            .map(object -> object.at("/metadata/name").asText())
            .toList();
    assertThat(names).hasSize(5).doesNotHaveDuplicates();
    assertThat(names).allMatch(name -> name.matches("[a-z0-9-]{1,52}"));
  }

  /** It needs no broker, and so it holds nothing of one. */
  @Test
  void aDrillHasNoCredentialsOfTheBroker() throws Exception {
    List<JsonNode> withPassword =
        Charts.render(
            Charts.TIDEMARK,
            "--set",
            "drill.trees[0]=web,kafka.env[0].name=KAFKA_PASSWORD,kafka.env[0].value=x,"
                + "kafka.clientProperties.secret=kafka,repository.credentialsSecret=bucket");

    assertThat(Charts.find(withPassword, "StatefulSet", "-store").toString())
        .contains("KAFKA_PASSWORD", "AWS_SECRET_ACCESS_KEY");
    assertThat(Charts.find(withPassword, "CronJob", "-drill-web").toString())
        .contains("AWS_SECRET_ACCESS_KEY")
        .doesNotContain("KAFKA_PASSWORD", "/etc/tidemark/kafka");
  }

  @Test
  void theDashboardIsTheSame() throws IOException {
    assertThat(Charts.find(objects, "ConfigMap", "-dashboard").at("/data/tidemark.json").asText())
        .isEqualToIgnoringNewLines(Files.readString(PACKAGING.resolve("grafana/tidemark.json")));
  }

  private static boolean isPromtoolThere() throws InterruptedException {
    try {
      return new ProcessBuilder("promtool", "--version")
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start()
              .waitFor()
          == 0;
    } catch (IOException absent) {
      return false;
    }
  }
}
