package dev.tidemark.helm;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tidemark.helm.Charts.Case;
import dev.tidemark.log.ClientFile;
import dev.tidemark.log.access.Right;
import dev.tidemark.log.access.Role;
import dev.tidemark.log.access.RoleRights;
import dev.tidemark.schemas.topic.TopicContract;
import dev.tidemark.schemas.topic.TopicContract.TopicSpec;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Topics and rights in Strimzi's resources are those that the program makes and gives itself. */
final class ContractFileTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String PREFIX = "tidemark.";

  /** Numbers that tell where a topic has its own from. */
  private static final TopicContract SAMPLE = new TopicContract("", 1001, 1003, 1);

  @TempDir private Path dir;

  /** What several rights on one thing have in common. */
  private record Thing(String type, String name, String pattern) {}

  @Test
  void theChartHasWhatTheProgramSays() throws Exception {
    ObjectNode contract = JSON.createObjectNode();
    ArrayNode topics = contract.putArray("topics");
    for (TopicSpec topic : SAMPLE.all()) {
      ObjectNode one = topics.addObject().put("name", topic.name());
      one.put("partitions", count(topic.partitions()));
      one.set("settings", JSON.valueToTree(new TreeMap<>(topic.settings())));
    }
    ObjectNode rights = contract.putObject("rights");
    for (Role role : Role.values()) {
      ArrayNode ofRole = rights.putArray(role.word());
      group(RoleRights.of(role, PREFIX))
          .forEach(
              (thing, operations) -> {
                ObjectNode one = ofRole.addObject();
                one.put("resource", thing.type());
                one.put("name", thing.name().substring(PREFIX.length()));
                one.put("pattern", thing.pattern());
                operations.forEach(one.putArray("operations")::add);
              });
    }
    DefaultPrettyPrinter printer = new DefaultPrettyPrinter();
    printer.indentArraysWith(new DefaultIndenter("  ", "\n"));
    printer.indentObjectsWith(new DefaultPrettyPrinter.FixedSpaceIndenter());

    WrittenFile.requireSame(
        Charts.TIDEMARK.resolve("files/topics.json"),
        JSON.writer(printer).writeValueAsString(contract) + "\n");
  }

  @ParameterizedTest
  @EnumSource(names = {"STRIMZI", "STRIMZI_TLS"})
  void strimzisTopicsAreThoseOfTopicsCreate(Case rendered) throws Exception {
    HelmProgram.assumeThere();
    int replication = rendered == Case.STRIMZI ? 3 : 1;
    Map<String, TopicSpec> expected = new HashMap<>();
    new TopicContract(
            PREFIX,
            TopicContract.DEFAULT_CHUNKS_PARTITIONS,
            TopicContract.DEFAULT_CHANGES_PARTITIONS,
            replication)
        .all()
        .forEach(topic -> expected.put(topic.name(), topic));

    Map<String, TopicSpec> found = new HashMap<>();
    for (JsonNode object : rendered.render(dir)) {
      if (object.path("kind").asText().equals("KafkaTopic")) {
        JsonNode spec = object.path("spec");
        Map<String, String> settings = new HashMap<>();
        spec.path("config")
            .properties()
            .forEach(setting -> settings.put(setting.getKey(), setting.getValue().asText()));
        String name = spec.path("topicName").asText();
        found.put(
            name,
            new TopicSpec(
                name, spec.path("partitions").asInt(), spec.path("replicas").asInt(), settings));
      }
    }

    assertThat(found).isEqualTo(expected);
  }

  @Test
  void strimzisUsersHaveTheRightsOfTopicsAcl() throws Exception {
    HelmProgram.assumeThere();
    List<JsonNode> objects = Case.STRIMZI.render(dir);

    for (Role role : Role.values()) {
      JsonNode user = Charts.find(objects, "KafkaUser", "-" + role.word());
      Map<Thing, Set<String>> found = new LinkedHashMap<>();
      for (JsonNode acl : user.at("/spec/authorization/acls")) {
        Set<String> operations = new TreeSet<>();
        acl.path("operations").forEach(operation -> operations.add(operation.asText()));
        JsonNode on = acl.path("resource");
        found.put(
            new Thing(
                on.path("type").asText(),
                on.path("name").asText(),
                on.path("patternType").asText()),
            operations);
      }
      assertThat(found).as(role.word()).isEqualTo(group(RoleRights.of(role, PREFIX)));
    }
  }

  /**
   * What the chart lets its parts log in with is readable by everybody, for it refers to secrets.
   */
  @ParameterizedTest
  @EnumSource(names = {"STRIMZI", "STRIMZI_TLS"})
  void theProgramTakesTheChartsClientProperties(Case rendered) throws Exception {
    HelmProgram.assumeThere();
    Path file = dir.resolve("client.properties");
    Files.writeString(
        file,
        Charts.find(rendered.render(dir), "ConfigMap", "-kafka")
            .path("data")
            .path("client.properties")
            .asText());
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));

    assertThat(ClientFile.read(file))
        .containsEntry("ssl.truststore.location", "/etc/tidemark/ca/ca.crt")
        .containsEntry("security.protocol", rendered == Case.STRIMZI ? "SASL_SSL" : "SSL")
        .containsKey("config.providers.dir.class");
  }

  private static Map<Thing, Set<String>> group(List<Right> rights) {
    Map<Thing, Set<String>> grouped = new LinkedHashMap<>();
    for (Right right : rights) {
      String type =
          switch (right.resource()) {
            case TOPIC -> "topic";
            case GROUP -> "group";
            case TRANSACTIONAL_ID -> "transactionalId";
          };
      String pattern =
          switch (right.match()) {
            case LITERAL -> "literal";
            case PREFIXED -> "prefix";
          };
      grouped
          .computeIfAbsent(new Thing(type, right.name(), pattern), _ -> new TreeSet<>())
          .add(right.operation().word());
    }
    return grouped;
  }

  private static String count(int partitions) {
    List<String> known = new ArrayList<>();
    if (partitions == SAMPLE.chunksPartitions()) {
      known.add("chunks");
    } else if (partitions == SAMPLE.changesPartitions()) {
      known.add("changes");
    } else if (partitions == 1) {
      known.add("one");
    }
    assertThat(known).as("where a topic of %d partitions has them from", partitions).hasSize(1);
    return known.getFirst();
  }
}
