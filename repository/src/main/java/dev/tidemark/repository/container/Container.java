package dev.tidemark.repository.container;

import dev.tidemark.schemas.codec.TrustedRecords;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Schema;
import org.apache.avro.SchemaNormalization;
import org.apache.avro.file.CodecFactory;
import org.apache.avro.file.DataFileStream;
import org.apache.avro.file.DataFileWriter;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.specific.SpecificDatumReader;
import org.apache.avro.specific.SpecificDatumWriter;
import org.apache.avro.specific.SpecificRecordBase;

/**
 * One Avro container file with the zstandard codec (Avro specification, "Object Container Files"),
 * of records of one schema, with metadata under keys that begin with {@code tidemark.}. Its sync
 * marker is a checksum of the whole file: the first 16 bytes of the SHA-256 of the file with zeros
 * in the marker's places.
 *
 * <p>A reader is for one thread.
 *
 * @param <T> the generated class of the records
 */
public final class Container<T extends SpecificRecordBase> {
  private static final int LEVEL = 3;

  /**
   * The schema stands in every file, and a segment may hold one change: so it stands in its parsing
   * canonical form. What that leaves out (documentation, defaults) is the reader's part in Avro's
   * resolution of schemas.
   */
  private static final Map<Schema, Schema> CANONICAL = new ConcurrentHashMap<>();

  static {
    // Avro makes objects of the generated classes only once it is told that it may.
    TrustedRecords.install();
  }

  private final DataFileStream<T> stream;

  private Container(DataFileStream<T> stream) {
    this.stream = stream;
  }

  /**
   * Writes a file. Equal metadata and records give equal bytes, as long as the zstd library is the
   * same.
   */
  public static <T extends SpecificRecordBase> byte[] write(
      Schema schema, Map<String, byte[]> metadata, Iterable<T> records) {
    byte[] marker = SyncMarker.temporary();
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (DataFileWriter<T> writer = new DataFileWriter<>(new SpecificDatumWriter<>(schema))) {
      writer.setCodec(CodecFactory.zstandardCodec(LEVEL));
      metadata.forEach(writer::setMeta);
      writer.create(CANONICAL.computeIfAbsent(schema, Container::canonical), out, marker);
      for (T entry : records) {
        writer.append(entry);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("encoding to memory cannot fail", e);
    }
    byte[] file = out.toByteArray();
    SyncMarker.seal(file, marker);
    return file;
  }

  private static Schema canonical(Schema schema) {
    return new Schema.Parser().parse(SchemaNormalization.toParsingForm(schema));
  }

  /**
   * Opens a file whose bytes are proved whole.
   *
   * @throws DamagedContainerException if they are not
   */
  public static <T extends SpecificRecordBase> Container<T> open(byte[] file, Schema schema)
      throws DamagedContainerException {
    if (!SyncMarker.isSound(file)) {
      throw new DamagedContainerException(
          "its %d bytes do not match the checksum in its sync marker".formatted(file.length));
    }
    try {
      SpecificDatumReader<T> reader = new SpecificDatumReader<>(schema);
      return new Container<>(new DataFileStream<>(new ByteArrayInputStream(file), reader));
    } catch (IOException | AvroRuntimeException e) {
      throw new DamagedContainerException("its header is unreadable: " + e.getMessage(), e);
    }
  }

  /**
   * What the beginning of a file claims as a decimal number of its metadata, before anything is
   * proved: good to look in the right place, not to rely on. Empty if the beginning is too short,
   * or is damaged.
   */
  public static OptionalLong findClaimedNumber(byte[] beginning, String key) {
    try (DataFileStream<Object> stream =
        new DataFileStream<>(new ByteArrayInputStream(beginning), new GenericDatumReader<>())) {
      byte[] value = stream.getMeta(key);
      return value == null
          ? OptionalLong.empty()
          : OptionalLong.of(Long.parseLong(new String(value, StandardCharsets.UTF_8)));
    } catch (IOException | AvroRuntimeException | NumberFormatException unproved) {
      return OptionalLong.empty();
    }
  }

  /** A metadata value. */
  public Optional<byte[]> findMetadata(String key) {
    return Optional.ofNullable(stream.getMeta(key));
  }

  /** A metadata value that is text. */
  public String requireText(String key) throws DamagedContainerException {
    return new String(requireMetadata(key), StandardCharsets.UTF_8);
  }

  /** A metadata value that is a decimal number. */
  public long requireNumber(String key) throws DamagedContainerException {
    try {
      return Long.parseLong(requireText(key));
    } catch (NumberFormatException e) {
      throw new DamagedContainerException("its metadata %s is no number".formatted(key), e);
    }
  }

  public byte[] requireMetadata(String key) throws DamagedContainerException {
    return findMetadata(key)
        .orElseThrow(() -> new DamagedContainerException("it has no metadata %s".formatted(key)));
  }

  /** The next record, empty at the end. */
  public Optional<T> next() throws DamagedContainerException {
    try {
      return stream.hasNext() ? Optional.of(stream.next()) : Optional.empty();
    } catch (AvroRuntimeException e) {
      throw new DamagedContainerException("a record is unreadable: " + e.getMessage(), e);
    }
  }
}
