package dev.tidemark.schemas.codec;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.apache.avro.Schema;
import org.apache.avro.SchemaNormalization;

/**
 * Every version of every record that was ever released: {@code released/index} names the files
 * beside it. A record of any of them can be read for ever, and the repository keeps a copy of each.
 */
public final class ReleasedSchemas {
  private static final String FOLDER = "/dev/tidemark/schemas/released/";

  /** Parsed once: each kind of record asks for all of them, and every command has every kind. */
  private static final List<Released> ALL = parse();

  private ReleasedSchemas() {}

  /** A schema as it was released: the name of its file without suffix, such as {@code Change-1}. */
  public record Released(String name, Schema schema) {
    /** The Rabin fingerprint that single-object encoding puts before each record. */
    public long fingerprint() {
      return SchemaNormalization.parsingFingerprint64(schema);
    }
  }

  /** All of them, oldest version of each record first. */
  public static List<Released> all() {
    return ALL;
  }

  private static List<Released> parse() {
    List<Released> released = new ArrayList<>();
    try (BufferedReader names =
        new BufferedReader(new InputStreamReader(open(FOLDER + "index"), StandardCharsets.UTF_8))) {
      for (String name = names.readLine(); name != null; name = names.readLine()) {
        try (InputStream text = open(FOLDER + name + ".avsc")) {
          released.add(new Released(name, new Schema.Parser().parse(text)));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException("the released schemas are part of this archive", e);
    }
    return List.copyOf(released);
  }

  private static InputStream open(String resource) throws IOException {
    InputStream stream = ReleasedSchemas.class.getResourceAsStream(resource);
    if (stream == null) {
      throw new IOException("resource %s is missing from this archive".formatted(resource));
    }
    return stream;
  }
}
