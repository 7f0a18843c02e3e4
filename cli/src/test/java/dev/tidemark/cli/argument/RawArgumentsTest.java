package dev.tidemark.cli.argument;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;

final class RawArgumentsTest {
  @Test
  void bytesThatAreNoTextComeBackAsTheyWere() {
    byte[] commandLine = "java\0Main\0ls\0web\0a\u00e9\u00ff/b\0".getBytes(ISO_8859_1);

    String[] recovered =
        RawArguments.recover(new String[] {"ls", "web", "a\uFFFD\uFFFD/b"}, commandLine);

    assertThat(recovered[1]).isEqualTo("web");
    assertThat(RawArguments.bytes(recovered[2])).isEqualTo("a\u00e9\u00ff/b".getBytes(ISO_8859_1));
  }

  @Test
  void aPathOfSuchBytesKeepsThem() {
    String[] recovered =
        RawArguments.recover(
            new String[] {"/tmp/\uFFFD b"}, "/tmp/\u00e9 b\0".getBytes(ISO_8859_1));

    Path path = RawArguments.path(recovered[0]);

    assertThat(path.toUri().getRawPath()).isEqualTo("/tmp/%E9%20b");
  }

  @Test
  void textStaysText() {
    byte[] commandLine = "x\0größe/日本\0".getBytes(UTF_8);

    String[] recovered = RawArguments.recover(new String[] {"größe/日本"}, commandLine);

    assertThat(recovered).containsExactly("größe/日本");
    assertThat(RawArguments.bytes(recovered[0])).isEqualTo("größe/日本".getBytes(UTF_8));
  }
}
