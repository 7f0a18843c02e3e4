package dev.tidemark.browse;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.schemas.change.NodePath;
import java.util.Random;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class GlobTest {
  private static boolean matches(String pattern, String path) {
    return Glob.parse(pattern.getBytes(UTF_8)).matches(NodePath.ofText(path));
  }

  @ParameterizedTest
  @CsvSource({
    "*.log, a/b/x.log, true",
    "*.log, x.log.1, false",
    "x, a/x, true",
    "x, x/a, false",
    "a/x, a/x, true",
    "a/x, b/a/x, false",
    "/x, x, true",
    "/x, a/x, false",
    "a/*, a/b, true",
    "a/*, a/b/c, false",
    "a/**, a, true",
    "a/**, a/b/c, true",
    "**/c, c, true",
    "**/c, a/b/c, true",
    "a/**/c, a/c, true",
    "a/**/b/**/c, a/b/x/b/y/c, true",
    "a/**/c, a/c/d, false",
    "?, ü, true",
    "??, ü, false",
    "[a-c]x, bx, true",
    "[!a-c]x, bx, false",
    "[^a-c]x, dx, true",
    "[]]x, ]x, true",
    "[a-]x, -x, true",
    "\\*, *, true",
    "\\*, a, false",
    "*a*a*a*a*b, aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa, false",
    "größe/*, größe/日本 語, true"
  })
  void patternsAreThoseOfShells(String pattern, String path, boolean expected) {
    assertThat(matches(pattern, path)).as("%s on %s", pattern, path).isEqualTo(expected);
  }

  @Test
  void aByteThatIsNoTextIsOneCharacterAndItself() {
    NodePath path = NodePath.of(new byte[] {'a', '/', (byte) 0xff, 'x'});

    assertThat(Glob.parse("?x".getBytes(UTF_8)).matches(path)).isTrue();
    assertThat(Glob.parse("??x".getBytes(UTF_8)).matches(path)).isFalse();
    assertThat(Glob.parse("\u00ff*".getBytes(ISO_8859_1)).matches(path)).isTrue();
    assertThat(Glob.parse("\u00fe*".getBytes(ISO_8859_1)).matches(path)).isFalse();
  }

  @Test
  void theRootIsNeverMeant() {
    assertThat(Glob.parse("*".getBytes(UTF_8)).matches(NodePath.ROOT)).isFalse();
    assertThat(Glob.parse("**/*".getBytes(UTF_8)).matches(NodePath.ROOT)).isFalse();
  }

  @Test
  void namesBeforeTheFirstPatternSayWhereToBegin() {
    assertThat(start("a/b/*.png")).isEqualTo(NodePath.ofText("a/b"));
    assertThat(start("a/b")).isEqualTo(NodePath.ofText("a"));
    assertThat(start("a/*/b/c")).isEqualTo(NodePath.ofText("a"));
    assertThat(start("**/b")).isEqualTo(NodePath.ROOT);
    assertThat(start("b")).isEqualTo(NodePath.ROOT);
    // A pattern of a directory alone is a path: with the slash at its end it is its own start.
    assertThat(start("a/")).isEqualTo(NodePath.ofText("a"));
    assertThat(matches("a/", "a")).isTrue();
  }

  private static NodePath start(String pattern) {
    return Glob.parse(pattern.getBytes(UTF_8)).start();
  }

  @Test
  void patternsWithoutAnEndAreRefused() {
    assertThatThrownBy(() -> Glob.parse("a[b".getBytes(UTF_8)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("[ without a ]");
    assertThatThrownBy(() -> Glob.parse(new byte[0])).isInstanceOf(IllegalArgumentException.class);
  }

  /** The same question put to the regular expressions of the JDK. */
  @Test
  void randomPatternsMatchWhatTheirRegularExpressionsDo() {
    long seed = Long.getLong("tidemark.seed", System.nanoTime());
    System.out.println("tidemark.seed=" + seed);
    Random random = new Random(seed);
    for (int i = 0; i < 20_000; i++) {
      String pattern = random(random, "ab*?/", 8).replaceAll("\\*{2,}", "*").replaceAll("/+", "/");
      String path = random(random, "ab/", 8).replaceAll("/+", "/").replaceAll("^/|/$", "");
      pattern = pattern.replaceAll("^/|/$", "");
      if (pattern.isEmpty() || path.isEmpty()) {
        continue;
      }
      String expression = pattern.replace("?", "[^/]").replace("*", "[^/]*");
      String subject = pattern.contains("/") ? path : path.substring(path.lastIndexOf('/') + 1);

      assertThat(matches(pattern, path))
          .as("%s on %s", pattern, path)
          .isEqualTo(Pattern.matches(expression, subject));
    }
  }

  private static String random(Random random, String characters, int most) {
    StringBuilder text = new StringBuilder();
    for (int length = random.nextInt(most) + 1; length > 0; length--) {
      text.append(characters.charAt(random.nextInt(characters.length())));
    }
    return text.toString();
  }
}
