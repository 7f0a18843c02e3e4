package dev.tidemark.filesystem.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

final class LinuxThreadsTest {
  /** Field 19 of stat; the name before it may contain anything but ends with the last ')'. */
  private static int nice() throws IOException {
    String stat = Files.readString(Path.of("/proc/thread-self/stat"));
    return Integer.parseInt(stat.substring(stat.lastIndexOf(')') + 2).split(" ")[16]);
  }

  @Test
  void theWorkAndTheThreadsItStartsAreNiceAndNobodyElseIs() throws Exception {
    int before = nice();
    CompletableFuture<Integer> child = new CompletableFuture<>();

    int work =
        LinuxThreads.callNice(
            "nice",
            7,
            () -> {
              Thread.ofPlatform()
                  .start(
                      () -> {
                        try {
                          child.complete(nice());
                        } catch (IOException e) {
                          child.completeExceptionally(e);
                        }
                      });
              return nice();
            });

    assertThat(work).isEqualTo(7);
    assertThat(child.get()).isEqualTo(7);
    assertThat(nice()).isEqualTo(before);
  }

  @Test
  void whatTheWorkThrowsIsThrown() {
    assertThatThrownBy(
            () ->
                LinuxThreads.callNice(
                    "nice",
                    7,
                    () -> {
                      throw new IOException("planned");
                    }))
        .isInstanceOf(IOException.class)
        .hasMessage("planned");
  }
}
