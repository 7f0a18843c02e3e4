package dev.tidemark.schemas.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.schemas.avro.Change;
import dev.tidemark.schemas.avro.Command;
import dev.tidemark.schemas.avro.Condemned;
import dev.tidemark.schemas.avro.Cursor;
import dev.tidemark.schemas.avro.ExtentList;
import dev.tidemark.schemas.avro.Head;
import dev.tidemark.schemas.avro.ManifestEntry;
import dev.tidemark.schemas.avro.Node;
import dev.tidemark.schemas.avro.Released;
import dev.tidemark.schemas.avro.RepositoryDescriptor;
import dev.tidemark.schemas.avro.SealedChange;
import dev.tidemark.schemas.avro.Snapshot;
import dev.tidemark.schemas.avro.StandbyStatus;
import dev.tidemark.schemas.avro.Watermark;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.SchemaFormatter;
import org.apache.avro.SchemaValidationException;
import org.apache.avro.SchemaValidator;
import org.apache.avro.SchemaValidatorBuilder;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Every version of a record reads every other one, both ways. With {@code
 * -Dtidemark.release-schemas=true} the schemas that changed are written beside the released ones
 * first.
 */
final class ReleasedSchemasTest {
  private static final Path FOLDER = Path.of("src/main/resources/dev/tidemark/schemas/released");

  private static final List<Schema> CURRENT =
      List.of(
          Change.getClassSchema(),
          Node.getClassSchema(),
          ExtentList.getClassSchema(),
          Cursor.getClassSchema(),
          Head.getClassSchema(),
          Watermark.getClassSchema(),
          StandbyStatus.getClassSchema(),
          RepositoryDescriptor.getClassSchema(),
          Condemned.getClassSchema(),
          Released.getClassSchema(),
          Command.getClassSchema(),
          SealedChange.getClassSchema(),
          ManifestEntry.getClassSchema(),
          Snapshot.getClassSchema());

  private static final SchemaValidator FULL_TRANSITIVE =
      new SchemaValidatorBuilder().mutualReadStrategy().validateAll();

  @BeforeAll
  static void release() throws IOException {
    if (Boolean.getBoolean("tidemark.release-schemas")) {
      List<String> index = new ArrayList<>(Files.readAllLines(FOLDER.resolve("index")));
      for (Schema schema : CURRENT) {
        List<Schema> versions = versions(schema.getName());
        if (versions.isEmpty() || !versions.getLast().equals(portable(schema))) {
          String name = "%s-%d".formatted(schema.getName(), versions.size() + 1);
          String text = SchemaFormatter.format("json/pretty", portable(schema)) + "\n";
          Files.writeString(FOLDER.resolve(name + ".avsc"), text);
          index.add(name);
        }
      }
      Files.write(FOLDER.resolve("index"), index);
    }
  }

  @Test
  void theNewestReleasedSchemaOfEachRecordIsTheCurrentOne() {
    assertThat(released().keySet())
        .containsExactlyInAnyOrderElementsOf(CURRENT.stream().map(Schema::getName).toList());
    for (Schema schema : CURRENT) {
      assertThat(versions(schema.getName()).getLast())
          .as(
              """
              The schema of %s is not the newest released one. If it was meant to change, release it:
                mvn -pl schemas test -Dtest=ReleasedSchemasTest -Dtidemark.release-schemas=true
              writes the next version into %s; then run the tests again and commit that file. A \
              version that was released is never edited or taken away.\
              """
                  .formatted(schema.getName(), FOLDER))
          .isEqualTo(portable(schema));
    }
  }

  @Test
  void everyReleasedVersionReadsEveryOtherOneBothWays() throws SchemaValidationException {
    for (List<Schema> versions : released().values()) {
      for (Schema version : versions) {
        FULL_TRANSITIVE.validate(version, versions);
      }
    }
  }

  @Test
  void aFieldWithoutADefaultIsRefused() {
    Schema incompatible =
        SchemaBuilder.record("Released")
            .namespace("dev.tidemark.schemas.avro")
            .fields()
            .requiredString("reason")
            .endRecord();

    assertThatThrownBy(() -> FULL_TRANSITIVE.validate(incompatible, versions("Released")))
        .isInstanceOf(SchemaValidationException.class);
  }

  @Test
  void aNewBranchOfTheBodyIsRefused() {
    String text = versions("Change").getFirst().toString();
    String widened =
        text.replace(
            "\"name\":\"body\",\"type\":[",
            "\"name\":\"body\",\"type\":[{\"type\":\"record\",\"name\":\"Other\",\"fields\":[]},");
    assertThat(widened).isNotEqualTo(text);

    assertThatThrownBy(
            () -> FULL_TRANSITIVE.validate(new Schema.Parser().parse(widened), versions("Change")))
        .isInstanceOf(SchemaValidationException.class);
  }

  @Test
  void noTwoReleasedSchemasShareAFingerprint() {
    assertThat(ReleasedSchemas.all().stream().map(ReleasedSchemas.Released::fingerprint))
        .doesNotHaveDuplicates();
  }

  private static List<Schema> versions(String record) {
    return released().getOrDefault(record, List.of());
  }

  private static Map<String, List<Schema>> released() {
    Map<String, List<Schema>> versions = new LinkedHashMap<>();
    for (ReleasedSchemas.Released released : ReleasedSchemas.all()) {
      String record = released.name().substring(0, released.name().lastIndexOf('-'));
      List<Schema> ofRecord = versions.computeIfAbsent(record, _ -> new ArrayList<>());
      ofRecord.add(released.schema());
      assertThat(released.name()).isEqualTo("%s-%d", record, ofRecord.size());
    }
    return versions;
  }

  /** Without what only tells the code generator which Java class a string becomes. */
  private static Schema portable(Schema schema) {
    String text =
        schema
            .toString()
            .replace("{\"type\":\"string\",\"avro.java.string\":\"String\"}", "\"string\"");
    assertThat(text).doesNotContain("avro.java");
    return new Schema.Parser().parse(text);
  }
}
