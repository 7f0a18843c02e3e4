package dev.tidemark.schemas.change;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/**
 * Shows bytes to people: valid UTF-8 as it is, a backslash doubled, every other byte and every
 * character that shows nothing itself (controls, marks that reorder or join text, line separators)
 * as {@code \xNN}. Unambiguous, and safe to print to a terminal.
 */
public final class DisplayText {
  private DisplayText() {}

  public static String of(byte[] bytes) {
    StringBuilder text = new StringBuilder(bytes.length);
    CharsetDecoder decoder =
        StandardCharsets.UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPORT)
            .onUnmappableCharacter(CodingErrorAction.REPORT);
    ByteBuffer in = ByteBuffer.wrap(bytes);
    CharBuffer out = CharBuffer.allocate(bytes.length + 1);
    while (in.hasRemaining()) {
      decoder.reset();
      var result = decoder.decode(in, out, true);
      out.flip();
      appendPrintable(text, out);
      out.clear();
      for (int bad = result.isError() ? result.length() : 0; bad > 0; bad--) {
        text.append("\\x%02x".formatted(in.get() & 0xff));
      }
    }
    return text.toString();
  }

  private static void appendPrintable(StringBuilder text, CharBuffer decoded) {
    decoded
        .codePoints()
        .forEach(
            point -> {
              if (point == '\\') {
                text.append("\\\\");
              } else if (isPrintable(point)) {
                text.appendCodePoint(point);
              } else {
                for (byte b : Character.toString(point).getBytes(StandardCharsets.UTF_8)) {
                  text.append("\\x%02x".formatted(b & 0xff));
                }
              }
            });
  }

  private static boolean isPrintable(int point) {
    int type = Character.getType(point);
    return type != Character.CONTROL
        && type != Character.FORMAT
        && type != Character.LINE_SEPARATOR
        && type != Character.PARAGRAPH_SEPARATOR;
  }
}
