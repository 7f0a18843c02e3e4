package dev.tidemark.cli.argument;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class SizeArgumentTest {
  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "512, 512",
    "512B, 512",
    "64K, 65536",
    "1M, 1048576",
    "2GiB, 2147483648",
    "8191T, 9006099743113216"
  })
  void sizesHaveUnitsOf1024(String argument, long bytes) {
    assertThat(SizeArgument.parse("--larger", argument)).isEqualTo(bytes);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "-1", "1.5M", "1k", "1X", "M", "999999999999999T"})
  void anythingElseIsRefusedWithTheFormsThatAreKnown(String argument) {
    assertThatThrownBy(() -> SizeArgument.parse("--larger", argument))
        .isInstanceOf(ArgumentException.class)
        .hasMessageStartingWith("--larger \"" + argument + "\": expected a number of bytes");
  }
}
