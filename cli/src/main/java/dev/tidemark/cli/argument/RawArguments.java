package dev.tidemark.cli.argument;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Arguments with the bytes they were given.
 *
 * <p>Java decodes arguments and puts U+FFFD where bytes are not text. Here such a byte becomes a
 * lone surrogate, U+DC00 plus the byte, which no valid text holds, so that it can be had back (the
 * way of PEP 383).
 */
public final class RawArguments {
  private static final char REPLACEMENT = '\uFFFD';
  private static final char ESCAPE = '\uDC00';

  private RawArguments() {}

  /**
   * The arguments of this process with their bytes kept: {@code decoded} itself if all of them were
   * text.
   */
  public static String[] recover(String[] decoded) throws IOException {
    boolean lossless = true;
    for (String argument : decoded) {
      lossless &= argument.indexOf(REPLACEMENT) < 0;
    }
    return lossless ? decoded : recover(decoded, Files.readAllBytes(Path.of("/proc/self/cmdline")));
  }

  static String[] recover(String[] decoded, byte[] commandLine) {
    List<String> all = new ArrayList<>();
    int start = 0;
    for (int i = 0; i < commandLine.length; i++) {
      if (commandLine[i] == 0) {
        all.add(decode(commandLine, start, i));
        start = i + 1;
      }
    }
    if (all.size() < decoded.length) {
      return decoded;
    }
    return all.subList(all.size() - decoded.length, all.size()).toArray(String[]::new);
  }

  /** The bytes that {@code argument} had. */
  public static byte[] bytes(String argument) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    int i = 0;
    while (i < argument.length()) {
      int character = argument.codePointAt(i);
      if (isEscape(character)) {
        bytes.write(character - ESCAPE);
      } else {
        bytes.writeBytes(Character.toString(character).getBytes(StandardCharsets.UTF_8));
      }
      i += Character.charCount(character);
    }
    return bytes.toByteArray();
  }

  /** The path of those bytes. */
  public static Path path(String argument) {
    if (argument.codePoints().noneMatch(RawArguments::isEscape)) {
      return Path.of(argument);
    }
    // Java makes a path from bytes only by way of a URI, and of an absolute one.
    boolean absolute = argument.startsWith("/");
    StringBuilder uri = new StringBuilder("file://");
    uri.append(absolute ? "" : Path.of("").toUri().getRawPath());
    for (byte b : bytes(argument)) {
      boolean plain = b == '/' || b > 0 && Character.isLetterOrDigit(b);
      uri.append(plain ? Character.toString(b) : "%%%02X".formatted(b & 0xff));
    }
    return Path.of(URI.create(uri.toString()));
  }

  private static boolean isEscape(int character) {
    return character >= ESCAPE + 0x80 && character <= ESCAPE + 0xff;
  }

  private static String decode(byte[] bytes, int from, int to) {
    CharsetDecoder decoder =
        StandardCharsets.UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPORT)
            .onUnmappableCharacter(CodingErrorAction.REPORT);
    ByteBuffer in = ByteBuffer.wrap(bytes, from, to - from);
    CharBuffer out = CharBuffer.allocate(to - from + 1);
    while (in.hasRemaining()) {
      CoderResult result = decoder.reset().decode(in, out, true);
      for (int bad = result.isError() ? result.length() : 0; bad > 0; bad--) {
        out.put((char) (ESCAPE + (in.get() & 0xff)));
      }
    }
    return out.flip().toString();
  }
}
