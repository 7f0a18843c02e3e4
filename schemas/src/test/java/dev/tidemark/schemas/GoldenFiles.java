package dev.tidemark.schemas;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/** Bytes as a released version wrote them, kept as hexadecimal text. */
public final class GoldenFiles {
  private GoldenFiles() {}

  public static byte[] read(String name) throws IOException {
    try (InputStream file = GoldenFiles.class.getResourceAsStream("golden/" + name)) {
      if (file == null) {
        throw new IOException("no golden file " + name);
      }
      String text = new String(file.readAllBytes(), StandardCharsets.US_ASCII);
      return HexFormat.of().parseHex(text.replaceAll("\\s", ""));
    }
  }
}
