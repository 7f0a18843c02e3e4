package dev.tidemark.repository;

import com.fasterxml.jackson.core.JsonEncoding;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import dev.tidemark.repository.blob.BlobName;
import dev.tidemark.schemas.change.Bytes;
import dev.tidemark.schemas.chunk.ChunkBounds;
import dev.tidemark.schemas.topic.RepositoryDescriptor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.zip.CRC32C;

/**
 * {@code tidemark.json}: one JSON object of strings and numbers, in this order.
 *
 * <pre>
 * format             "tidemark-repository"
 * formatVersion      1
 * id                 UUID
 * created            ISO 8601, UTC, to the millisecond
 * chunkMinBytes      }
 * chunkAverageBytes  } bounds of the chunker
 * chunkMaxBytes      }
 * chunkSeed          64 hexadecimal digits, secret
 * chunksPartitions   }
 * changesPartitions  } the counts by which keys are partitioned
 * sequencesAfter     } only where it was made in the place of a lost one: sequences of its trees begin
 * replaces           } above that; UUID of the lost one
 * checksum           CRC32C, 8 hexadecimal digits, of the lines "name=value\n" of all before it, as UTF-8
 * </pre>
 *
 * A newer version keeps {@code format} and {@code formatVersion}; everything else may change.
 */
final class DescriptorFile {
  static final BlobName NAME = new BlobName("tidemark.json");

  private static final String FORMAT = "tidemark-repository";
  private static final JsonFactory JSON = new JsonFactory();

  private DescriptorFile() {}

  static byte[] encode(RepositoryDescriptor descriptor) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("format", FORMAT);
    fields.put("formatVersion", descriptor.formatVersion());
    fields.put("id", descriptor.id().toString());
    fields.put("created", Instant.ofEpochMilli(descriptor.createdMillis()).toString());
    fields.put("chunkMinBytes", descriptor.chunkBounds().minBytes());
    fields.put("chunkAverageBytes", descriptor.chunkBounds().averageBytes());
    fields.put("chunkMaxBytes", descriptor.chunkBounds().maxBytes());
    fields.put("chunkSeed", HexFormat.of().formatHex(descriptor.chunkSeed().toArray()));
    fields.put("chunksPartitions", descriptor.chunksPartitions());
    fields.put("changesPartitions", descriptor.changesPartitions());
    if (descriptor.replaces().isPresent()) {
      fields.put("sequencesAfter", descriptor.sequencesAfter());
      fields.put("replaces", descriptor.replaces().get().toString());
    }
    fields.put("checksum", computeChecksum(fields));
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (JsonGenerator json = JSON.createGenerator(out, JsonEncoding.UTF8)) {
      json.setPrettyPrinter(
          new DefaultPrettyPrinter()
              .withObjectIndenter(new com.fasterxml.jackson.core.util.DefaultIndenter("  ", "\n")));
      json.writeStartObject();
      for (Map.Entry<String, Object> field : fields.entrySet()) {
        json.writeFieldName(field.getKey());
        if (field.getValue() instanceof Number number) {
          json.writeNumber(number.longValue());
        } else {
          json.writeString(field.getValue().toString());
        }
      }
      json.writeEndObject();
      json.writeRaw('\n');
    } catch (IOException e) {
      throw new UncheckedIOException("encoding to memory cannot fail", e);
    }
    return out.toByteArray();
  }

  private static String computeChecksum(Map<String, ?> fields) {
    CRC32C checksum = new CRC32C();
    fields.forEach(
        (name, value) -> {
          if (!name.equals("checksum")) {
            checksum.update((name + "=" + value + "\n").getBytes(StandardCharsets.UTF_8));
          }
        });
    return "%08x".formatted(checksum.getValue());
  }

  /**
   * Reads a descriptor.
   *
   * @param place where the file is, for messages
   * @throws RepositoryFormatException if another version wrote it
   * @throws CorruptRepositoryException if it is damaged
   */
  static RepositoryDescriptor decode(byte[] file, String place)
      throws RepositoryFormatException, CorruptRepositoryException {
    Map<String, String> fields;
    try {
      fields = parse(file);
    } catch (IOException e) {
      throw corrupt(place, "it is no JSON object of plain values");
    }
    if (!FORMAT.equals(fields.get("format"))) {
      throw corrupt(place, "its format is not \"%s\"".formatted(FORMAT));
    }
    try {
      int version = Integer.parseInt(fields.getOrDefault("formatVersion", ""));
      requireVersion(version, place);
      if (!computeChecksum(fields).equals(fields.get("checksum"))) {
        throw corrupt(
            place,
            "its checksum is %s, computed %s"
                .formatted(fields.get("checksum"), computeChecksum(fields)));
      }
      return descriptor(fields, version);
    } catch (DateTimeException | IllegalArgumentException e) {
      throw corrupt(place, "a value is out of range: " + e.getMessage());
    }
  }

  private static Map<String, String> parse(byte[] file) throws IOException {
    Map<String, String> fields = new LinkedHashMap<>();
    try (JsonParser json = JSON.createParser(file)) {
      if (json.nextToken() != JsonToken.START_OBJECT) {
        throw new IOException("no object");
      }
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        String name = json.currentName();
        if (!json.nextToken().isScalarValue()) {
          throw new IOException(name + " is no plain value");
        }
        fields.put(name, json.getText());
      }
      if (json.currentToken() != JsonToken.END_OBJECT || json.nextToken() != null) {
        throw new IOException("no end");
      }
    }
    return fields;
  }

  private static void requireVersion(int version, String place) throws RepositoryFormatException {
    int ours = RepositoryDescriptor.FORMAT_VERSION;
    if (version > ours) {
      throw new RepositoryFormatException(
          ("Repository at %s has format version %d; this Tidemark reads up to version %d. Use a"
                  + " newer Tidemark (see `tidemark version`).")
              .formatted(place, version, ours));
    }
    if (version < 1) {
      throw new RepositoryFormatException(
          "Repository at %s has format version %d, which no Tidemark has written; the oldest is 1. Check the path."
              .formatted(place, version));
    }
  }

  private static RepositoryDescriptor descriptor(Map<String, String> fields, int version) {
    return new RepositoryDescriptor(
        UUID.fromString(require(fields, "id")),
        version,
        Instant.parse(require(fields, "created")).toEpochMilli(),
        new ChunkBounds(
            number(fields, "chunkMinBytes"),
            number(fields, "chunkAverageBytes"),
            number(fields, "chunkMaxBytes")),
        Bytes.of(HexFormat.of().parseHex(require(fields, "chunkSeed"))),
        number(fields, "chunksPartitions"),
        number(fields, "changesPartitions"),
        Long.parseLong(fields.getOrDefault("sequencesAfter", "0")),
        Optional.ofNullable(fields.get("replaces")).map(UUID::fromString));
  }

  private static int number(Map<String, String> fields, String name) {
    return Integer.parseInt(require(fields, name));
  }

  private static String require(Map<String, String> fields, String name) {
    String value = fields.get(name);
    if (value == null) {
      throw new IllegalArgumentException(name + " is missing");
    }
    return value;
  }

  private static CorruptRepositoryException corrupt(String place, String what) {
    return new CorruptRepositoryException(NAME, place, what);
  }
}
