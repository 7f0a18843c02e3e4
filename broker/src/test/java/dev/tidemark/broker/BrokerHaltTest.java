package dev.tidemark.broker;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.utils.Exit;
import org.junit.jupiter.api.Test;

final class BrokerHaltTest {
  private static final int STATUS = 9;

  /** Entry point of the forked process: halts as Kafka does when its disk fails. */
  public static void main(String[] arguments) {
    BrokerHalt.announce(() -> speak(arguments[0]));
    Exit.halt(STATUS);
    System.out.println("still running");
  }

  private static void speak(String words) {
    System.out.println("last words: " + words);
    if (words.equals("broken")) {
      throw new IllegalStateException("no more words");
    }
  }

  @Test
  void theLastWordsAreToldBeforeTheProcessHalts() throws Exception {
    Process process = fork("spoken");

    assertThat(output(process)).contains("last words: spoken").doesNotContain("still running");
    assertThat(process.exitValue()).isEqualTo(STATUS);
  }

  @Test
  void wordsThatFailDoNotKeepTheProcessAlive() throws Exception {
    Process process = fork("broken");

    assertThat(output(process)).contains("last words: broken").doesNotContain("still running");
    assertThat(process.exitValue()).isEqualTo(STATUS);
  }

  private static Process fork(String words) throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx64m",
            "-cp",
            System.getProperty("java.class.path"),
            BrokerHaltTest.class.getName(),
            words)
        .redirectErrorStream(true)
        .start();
  }

  private static String output(Process process) throws IOException, InterruptedException {
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    return output;
  }
}
