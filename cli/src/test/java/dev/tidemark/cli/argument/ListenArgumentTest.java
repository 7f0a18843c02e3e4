package dev.tidemark.cli.argument;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ListenArgumentTest {
  @Test
  void withoutAHostOnlyThisMachineReachesIt() {
    assertThat(ListenArgument.parse("--x", "9464").getAddress().isLoopbackAddress()).isTrue();
    assertThat(ListenArgument.parse("--x", "9464").getPort()).isEqualTo(9464);
  }

  @Test
  void aHostIsTakenAsItIs() {
    assertThat(ListenArgument.parse("--x", "0.0.0.0:0").getAddress().isAnyLocalAddress()).isTrue();
    assertThat(ListenArgument.parse("--x", "[::1]:80").getAddress().isLoopbackAddress()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "host", "host:", ":9464", "::1:9464", "1:2:3", "70000", "-1"})
  void whatIsNoAddressIsNamed(String text) {
    assertThatThrownBy(() -> ListenArgument.parse("--x", text))
        .isInstanceOf(ArgumentException.class)
        .hasMessageContaining("--x " + text)
        .hasMessageContaining("[HOST:]PORT");
  }
}
