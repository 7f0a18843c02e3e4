package dev.tidemark.schemas.codec;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.SchemaNormalization;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.DatumReader;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.message.BinaryMessageEncoder;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificDatumReader;
import org.apache.avro.specific.SpecificRecordBase;
import org.jspecify.annotations.Nullable;

/**
 * One kind of record in single-object encoding. Thread-safe.
 *
 * <pre>
 * field        bytes  meaning
 * marker       2      C3 01
 * fingerprint  8      of the writer's schema (CRC-64-AVRO of its parsing canonical form), little-endian
 * body         rest   Avro binary encoding, with nothing after it
 * </pre>
 */
final class SingleObjectFormat<A extends SpecificRecordBase> {
  private static final int HEADER_BYTES = 10;
  private static final short MARKER = (short) 0xc301;

  private final String name;
  private final BinaryMessageEncoder<A> encoder;

  /** By fingerprint: every released version of this record. */
  private final Map<Long, DatumReader<A>> readers = new HashMap<>();

  SingleObjectFormat(Schema schema) {
    name = schema.getName();
    encoder = new BinaryMessageEncoder<>(SpecificData.get(), schema);
    for (ReleasedSchemas.Released released : ReleasedSchemas.all()) {
      if (released.schema().getFullName().equals(schema.getFullName())) {
        readers.put(released.fingerprint(), new SpecificDatumReader<>(released.schema(), schema));
      }
    }
    readers.put(
        SchemaNormalization.parsingFingerprint64(schema), new SpecificDatumReader<>(schema));
  }

  /** A function that may meet a record whose meaning it does not know. */
  interface Mapping<A, D> {
    D apply(A avro) throws UnreadableRecordException;
  }

  byte[] encode(A avro) {
    try {
      ByteBuffer bytes = encoder.encode(avro);
      byte[] copy = new byte[bytes.remaining()];
      bytes.get(copy);
      return copy;
    } catch (IOException e) {
      throw new UncheckedIOException("encoding a record to memory cannot fail", e);
    }
  }

  <D> D decode(byte[] bytes, Mapping<A, D> mapping) throws UnreadableRecordException {
    DatumReader<A> reader = readerOf(bytes);
    boolean isWhole;
    D value;
    try {
      BinaryDecoder body =
          DecoderFactory.get()
              .binaryDecoder(bytes, HEADER_BYTES, bytes.length - HEADER_BYTES, null);
      value = mapping.apply(reader.read(null, body));
      isWhole = body.isEnd();
    } catch (IOException | RuntimeException e) {
      // Of damaged bytes Avro, and the values that refuse them, throw nearly anything.
      throw unreadable(bytes, String.valueOf(e.getMessage()), e);
    }
    if (!isWhole) {
      throw unreadable(bytes, "there are bytes left after it", null);
    }
    return value;
  }

  private DatumReader<A> readerOf(byte[] bytes) throws UnreadableRecordException {
    if (bytes.length < HEADER_BYTES || ByteBuffer.wrap(bytes).getShort() != MARKER) {
      throw unreadable(bytes, "they do not begin with the marker C3 01 and a fingerprint", null);
    }
    long fingerprint = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong(2);
    DatumReader<A> reader = readers.get(fingerprint);
    if (reader == null) {
      throw unreadable(
          bytes,
          ("their schema %016x is none of this record that this version knows; if a newer Tidemark"
                  + " wrote them, it is needed to read them")
              .formatted(fingerprint),
          null);
    }
    return reader;
  }

  private UnreadableRecordException unreadable(
      byte[] bytes, String reason, @Nullable Exception cause) {
    return new UnreadableRecordException(
        "%d bytes are no readable %s: %s".formatted(bytes.length, name, reason), cause);
  }
}
