package dev.tidemark.schemas.filter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

final class PathFilterTest {
  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static PathFilter filter(String... patterns) throws PatternException {
    return PathFilter.of(Arrays.stream(patterns).map(PathFilterTest::utf8).toList());
  }

  private static boolean file(PathFilter filter, String parent, String name) {
    return filter.excludesFile(utf8(parent), utf8(name));
  }

  private static boolean directory(PathFilter filter, String parent, String name) {
    return filter.excludesDirectory(utf8(parent), utf8(name));
  }

  @Test
  void patternsMeanWhatTheyMeanInGit() throws PatternException {
    PathFilter filter = filter("*.tmp", "cache/", "/build", "a/**/z", "!keep.tmp", "# no", "");

    assertThat(file(filter, "deep/down", "x.tmp")).isTrue();
    assertThat(file(filter, "deep/down", "keep.tmp")).isFalse();
    assertThat(directory(filter, "deep", "cache")).isTrue();
    assertThat(file(filter, "deep", "cache")).isFalse();
    assertThat(directory(filter, "", "build")).isTrue();
    assertThat(directory(filter, "deep", "build")).isFalse();
    assertThat(file(filter, "a", "z")).isTrue();
    assertThat(file(filter, "a/b/c", "z")).isTrue();
    assertThat(file(filter, "b/a", "z")).isFalse();
    assertThat(file(filter, "", "# no")).isFalse();
  }

  @Test
  void theLastPatternThatMatchesDecides() throws PatternException {
    assertThat(file(filter("*.log", "!a.log"), "", "a.log")).isFalse();
    assertThat(file(filter("!a.log", "*.log"), "", "a.log")).isTrue();
  }

  /** U+00C5 ends in byte 0x85, a line's end to a regular expression that reads bytes as Latin-1. */
  @Test
  void namesAreMatchedByTheirBytesWhateverTheseAre() throws PatternException {
    PathFilter filter = filter("a*b*c", "\u00e9?");

    assertThat(file(filter, "", "a\u00c5b\nc")).isTrue();
    assertThat(filter.excludesFile(utf8(""), new byte[] {'a', (byte) 0xff, 'b', '\r', 'c'}))
        .isTrue();
    assertThat(filter.excludesFile(utf8(""), new byte[] {(byte) 0xc3, (byte) 0xa9, (byte) 0x85}))
        .isTrue();
    assertThat(filter.excludesFile(utf8(""), new byte[] {(byte) 0xc3, (byte) 0xa8, (byte) 0x85}))
        .isFalse();
  }

  @Test
  void patternsThatAreAboutNamesAreTheSameBelowAnyDirectory() throws PatternException {
    assertThat(filter("*.tmp", "cache/").isSameBelow(utf8("a"), utf8("b/c"))).isTrue();
  }

  @Test
  void anAnchoredPatternMakesADifferenceOnlyBelowWhatItNames() throws PatternException {
    PathFilter filter = filter("/srv/*/out", "**/mod/tmp");

    assertThat(filter.isSameBelow(utf8("a"), utf8("b"))).isTrue();
    assertThat(filter.isSameBelow(utf8("srv/a"), utf8("srv/b"))).isTrue();
    assertThat(filter.isSameBelow(utf8("srv/a"), utf8("a"))).isFalse();
    assertThat(filter.isSameBelow(utf8("a"), utf8("srv"))).isFalse();
    assertThat(filter.isSameBelow(utf8("x/mod"), utf8("y/mod"))).isTrue();
    assertThat(filter.isSameBelow(utf8("x/mod"), utf8("x/mud"))).isFalse();
  }

  @Test
  void aMalformedPatternIsNamed() {
    assertThatThrownBy(() -> filter("[a"))
        .isInstanceOf(PatternException.class)
        .hasMessageContaining("\"[a\"");
  }

  @Test
  void noPatternExcludesNothing() throws PatternException {
    assertThat(PathFilter.of(List.of())).isSameAs(PathFilter.NONE);
    assertThat(file(PathFilter.NONE, "", "x")).isFalse();
  }
}
