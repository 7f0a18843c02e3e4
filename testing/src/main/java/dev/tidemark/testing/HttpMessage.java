package dev.tidemark.testing;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;

/**
 * One message of HTTP/1.1 as it came, headers untouched, since signatures cover them.
 *
 * @param head first line and headers, with the empty line behind them
 * @param body as it lies on the line, chunk sizes included if it came in chunks
 */
record HttpMessage(String head, byte[] body) {
  private static final int MAX_HEAD_BYTES = 1 << 16;

  /** Whether a body may follow a head that does not announce one. */
  enum Kind {
    REQUEST,
    /** To a request that wants no body. */
    ANSWER_WITHOUT_BODY,
    ANSWER
  }

  /** Reads a head; empty if the line was closed before one. */
  static Optional<String> readHead(InputStream in) throws IOException {
    ByteArrayOutputStream head = new ByteArrayOutputStream();
    int state = 0;
    while (state < 4) {
      int next = in.read();
      if (next < 0) {
        if (head.size() == 0) {
          return Optional.empty();
        }
        throw new EOFException("the line was closed within a head");
      }
      head.write(next);
      boolean expected = next == (state % 2 == 0 ? '\r' : '\n');
      state = expected ? state + 1 : next == '\r' ? 1 : 0;
      if (head.size() > MAX_HEAD_BYTES) {
        throw new IOException("a head of more than %d bytes".formatted(MAX_HEAD_BYTES));
      }
    }
    return Optional.of(head.toString(StandardCharsets.ISO_8859_1));
  }

  static HttpMessage readBody(String head, Kind kind, InputStream in) throws IOException {
    if (kind == Kind.ANSWER_WITHOUT_BODY || kind == Kind.ANSWER && hasNoBody(status(head))) {
      return new HttpMessage(head, new byte[0]);
    }
    if (header(head, "transfer-encoding").map(v -> v.contains("chunked")).orElse(false)) {
      return new HttpMessage(head, readChunks(in));
    }
    Optional<String> length = header(head, "content-length");
    if (length.isPresent()) {
      int bytes = Integer.parseInt(length.get());
      byte[] body = in.readNBytes(bytes);
      if (body.length < bytes) {
        throw new EOFException("the line was closed within a body");
      }
      return new HttpMessage(head, body);
    }
    return new HttpMessage(head, kind == Kind.ANSWER ? in.readAllBytes() : new byte[0]);
  }

  private static boolean hasNoBody(int status) {
    return status < 200 || status == 204 || status == 304;
  }

  private static byte[] readChunks(InputStream in) throws IOException {
    ByteArrayOutputStream chunks = new ByteArrayOutputStream();
    while (true) {
      String size = readLine(in, chunks).strip();
      int bytes = Integer.parseInt(size.split(";")[0], 16);
      chunks.write(in.readNBytes(bytes));
      readLine(in, chunks);
      if (bytes == 0) {
        return chunks.toByteArray();
      }
    }
  }

  private static String readLine(InputStream in, OutputStream copy) throws IOException {
    StringBuilder line = new StringBuilder();
    for (int next = in.read(); ; next = in.read()) {
      if (next < 0) {
        throw new EOFException("the line was closed within a chunk");
      }
      copy.write(next);
      if (next == '\n') {
        return line.toString();
      }
      line.append((char) next);
    }
  }

  static Optional<String> header(String head, String name) {
    return head.lines()
        .skip(1)
        .filter(line -> line.toLowerCase(Locale.ROOT).startsWith(name + ":"))
        .map(line -> line.substring(name.length() + 1).strip())
        .findFirst();
  }

  /** Of an answer. */
  static int status(String head) {
    return Integer.parseInt(head.split(" ", 3)[1]);
  }

  void writeTo(OutputStream out) throws IOException {
    out.write(head.getBytes(StandardCharsets.ISO_8859_1));
    out.write(body);
    out.flush();
  }
}
