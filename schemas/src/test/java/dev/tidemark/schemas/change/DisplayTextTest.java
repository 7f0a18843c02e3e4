package dev.tidemark.schemas.change;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.schemas.Seeds;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

final class DisplayTextTest {
  private final RandomGenerator random = Seeds.random("DisplayTextTest");

  @Test
  void textIsShownAsItIs() {
    assertThat(show("Grüße, 世界 🌊.txt")).isEqualTo("Grüße, 世界 🌊.txt");
  }

  @Test
  void bytesThatAreNoTextAndControlsAreEscaped() {
    assertThat(DisplayText.of(new byte[] {'a', (byte) 0xff, 'b', (byte) 0xc3}))
        .isEqualTo("a\\xffb\\xc3");
    assertThat(show("a\nb\u001b[31m\u007f\u0085")).isEqualTo("a\\x0ab\\x1b[31m\\x7f\\xc2\\x85");
    assertThat(show("back\\slash")).isEqualTo("back\\\\slash");
    assertThat(show("\\xff")).isEqualTo("\\\\xff");
  }

  /** A name must not be able to turn a terminal's line around, or hide in it. */
  @Test
  void whatReordersOrHidesTextIsEscaped() {
    assertThat(show("gpj.\u202eexe")).isEqualTo("gpj.\\xe2\\x80\\xaeexe");
    assertThat(show("a\u200bb\u2028c\ufeff"))
        .isEqualTo("a\\xe2\\x80\\x8bb\\xe2\\x80\\xa8c\\xef\\xbb\\xbf");
  }

  @Test
  void differentBytesAreNeverShownAlike() {
    for (int i = 0; i < 20_000; i++) {
      byte[] bytes = new byte[random.nextInt(12)];
      for (int j = 0; j < bytes.length; j++) {
        bytes[j] =
            (byte)
                (random.nextInt(3) == 0
                    ? random.nextInt(256)
                    : "\\xaf0é".charAt(random.nextInt(5)));
      }

      String shown = DisplayText.of(bytes);

      assertThat(parse(shown)).isEqualTo(bytes);
      assertThat(shown.chars()).noneMatch(Character::isISOControl);
    }
  }

  private static String show(String text) {
    return DisplayText.of(text.getBytes(StandardCharsets.UTF_8));
  }

  private static byte[] parse(String shown) {
    var bytes = new ByteArrayOutputStream();
    for (int i = 0; i < shown.length(); ) {
      if (shown.startsWith("\\\\", i)) {
        bytes.write('\\');
        i += 2;
      } else if (shown.charAt(i) == '\\') {
        bytes.write(Integer.parseInt(shown, i + 2, i + 4, 16));
        i += 4;
      } else {
        int point = shown.codePointAt(i);
        bytes.writeBytes(Character.toString(point).getBytes(StandardCharsets.UTF_8));
        i += Character.charCount(point);
      }
    }
    return bytes.toByteArray();
  }
}
