package dev.tidemark.cli.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

final class StandardOutputTest {
  @Test
  void whatIsWrittenComesThrough() {
    ByteArrayOutputStream to = new ByteArrayOutputStream();
    StandardOutput output = new StandardOutput(to);

    print(output, "some text");

    assertThat(to.toString(StandardCharsets.UTF_8)).isEqualTo("some text");
    assertThatCode(output::requireWritten).doesNotThrowAnyException();
  }

  @Test
  void aFullDiskIsAFailureAndNothingIsWrittenBehindTheGap() {
    int[] writes = {0};
    StandardOutput output = new StandardOutput(failing("No space left on device", writes));

    assertThat(print(output, "some text")).isTrue();
    print(output, "more");

    assertThat(writes[0]).isEqualTo(1);
    assertThatThrownBy(output::requireWritten)
        .hasMessageContaining("No space left on device. What was printed is not complete.");
  }

  @Test
  void aReaderThatLeftIsNoFailure() {
    StandardOutput output = new StandardOutput(failing("Broken pipe", new int[1]));

    assertThat(print(output, "some text")).isTrue();

    assertThatCode(output::requireWritten).doesNotThrowAnyException();
  }

  private static boolean print(StandardOutput output, String text) {
    PrintStream stream = new PrintStream(output, false, StandardCharsets.UTF_8);
    stream.print(text);
    return stream.checkError();
  }

  private static OutputStream failing(String message, int[] writes) {
    return new OutputStream() {
      @Override
      public void write(int b) throws IOException {
        throw new IOException(message);
      }

      @Override
      public void write(byte[] bytes, int offset, int length) throws IOException {
        writes[0]++;
        throw new IOException(message);
      }
    };
  }
}
