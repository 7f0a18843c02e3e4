package dev.tidemark.repository.blob;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class UnnamedFileTest {
  @Test
  void whatIsOpenHoldsBytesAndHasNoName(@TempDir Path folder) throws IOException {
    try (FileChannel channel = UnnamedFile.openIn(folder)) {
      channel.write(ByteBuffer.wrap("bytes".getBytes(UTF_8)), 3);

      ByteBuffer read = ByteBuffer.allocate(5);
      channel.read(read, 3);
      assertThat(new String(read.array(), UTF_8)).isEqualTo("bytes");
      assertThat(folder).isEmptyDirectory();
    }
    assertThat(folder).isEmptyDirectory();
  }
}
