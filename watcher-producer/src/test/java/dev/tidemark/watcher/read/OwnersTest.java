package dev.tidemark.watcher.read;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OwnersTest {
  @TempDir Path folder;

  @Test
  void namesAreThereFromTheFirstQuestionOnWhoeverAsks() throws Exception {
    Path passwd =
        Files.writeString(
            folder.resolve("passwd"),
            "x:x:7:7::/:/bin/sh\n".repeat(5_000) + "web:x:33:33::/:/bin/sh\n");
    Path group = Files.writeString(folder.resolve("group"), "web:x:33:\n", UTF_8);
    int threads = 8;
    CyclicBarrier together = new CyclicBarrier(threads);
    try (var pool = Executors.newFixedThreadPool(threads)) {
      for (int round = 0; round < 20; round++) {
        Owners owners = new Owners(passwd, group);
        List<Callable<String>> questions = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
          questions.add(
              () -> {
                together.await();
                return owners.user(33) + " " + owners.group(33);
              });
        }
        for (Future<String> answer : pool.invokeAll(questions)) {
          assertThat(answer.get()).isEqualTo("web web");
        }
      }
      assertThat(new Owners(passwd, group).user(34)).isEmpty();
    }
  }
}
