package dev.tidemark.repository.blob;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class BlobNameTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "", "/a", "a/", "a//b", "..", "a/../b", ".a", "a/.b", "A", "a b", "tmp", "tmp/x", "a\0"
      })
  void aNameThatCouldLeaveTheStoreIsRefused(String name) {
    assertThatThrownBy(() -> new BlobName(name)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void partsAreJoinedBySlashes() {
    assertThat(new BlobName("trees/web-1.x_y/log/0-1.avro").lastPart()).isEqualTo("0-1.avro");
  }
}
