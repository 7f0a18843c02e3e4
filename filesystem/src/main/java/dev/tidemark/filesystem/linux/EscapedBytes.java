package dev.tidemark.filesystem.linux;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;

/**
 * Bytes of a name for a person: printable UTF-8 as it is, a backslash doubled, every other byte as
 * {@code \xNN}, an unprintable character beyond ASCII as {@code \}{@code u{N}}. So no name can
 * break a line or turn the reading direction of a message, and the display can be told apart from
 * another name's.
 */
final class EscapedBytes {
  private EscapedBytes() {}

  static String display(byte[] bytes) {
    CharsetDecoder decoder =
        UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPORT)
            .onUnmappableCharacter(CodingErrorAction.REPORT);
    ByteBuffer in = ByteBuffer.wrap(bytes);
    CharBuffer decoded = CharBuffer.allocate(bytes.length);
    StringBuilder out = new StringBuilder(bytes.length);
    while (true) {
      CoderResult result = decoder.decode(in, decoded, true);
      decoded.flip().toString().codePoints().forEach(point -> append(out, point));
      decoded.clear();
      if (!result.isError()) {
        return out.toString();
      }
      for (int i = 0; i < result.length(); i++) {
        out.append("\\x%02x".formatted(in.get() & 0xff));
      }
      decoder.reset();
    }
  }

  private static void append(StringBuilder out, int point) {
    if (point == '\\') {
      out.append("\\\\");
      return;
    }
    if (point < 0x20 || point == 0x7f) {
      out.append("\\x%02x".formatted(point));
      return;
    }
    switch (Character.getType(point)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR,
          Character.PRIVATE_USE,
          Character.UNASSIGNED ->
          out.append("\\u{%x}".formatted(point));
      default -> out.appendCodePoint(point);
    }
  }
}
