package dev.tidemark.cli.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ChangeHookTest {
  private static final Duration LONG = Duration.ofSeconds(60);

  @TempDir Path dir;

  private final AtomicLong applied = new AtomicLong(-1);
  private final AtomicLong asked = new AtomicLong();

  private ChangeHook start(String command) {
    return ChangeHook.start(
        command,
        Map.of("TIDEMARK_TREE", "web", "OUT", dir.resolve("out").toString()),
        this::applied);
  }

  private long applied() {
    asked.incrementAndGet();
    return applied.get();
  }

  private List<String> lines() throws IOException {
    Path out = dir.resolve("out");
    return Files.exists(out) ? Files.readAllLines(out) : List.of();
  }

  @Test
  void theCommandIsRunOnceForChangesThatComeTogether() throws Exception {
    try (ChangeHook _ = start("echo $TIDEMARK_TREE $TIDEMARK_SEQUENCE >> \"$OUT\"")) {
      applied.set(5);
      await().atMost(LONG).until(() -> lines().equals(List.of("web 5")));
      applied.set(6);
      applied.set(9);
      await().atMost(LONG).until(() -> lines().contains("web 9"));
    }
    assertThat(lines()).hasSizeLessThanOrEqualTo(3).endsWith("web 9");
  }

  @Test
  void changesWhileItRunsAreFollowedByAnotherRun() throws Exception {
    Path go = dir.resolve("go");
    try (ChangeHook _ =
        start(
            """
            echo begun $TIDEMARK_SEQUENCE >> "$OUT"
            until [ -e '%s' ]; do sleep 0.02; done
            echo ended $TIDEMARK_SEQUENCE >> "$OUT"
            """
                .formatted(go))) {
      applied.set(1);
      await().atMost(LONG).until(() -> lines().equals(List.of("begun 1")));
      applied.set(2);
      Files.createFile(go);
      await()
          .atMost(LONG)
          .until(() -> lines().equals(List.of("begun 1", "ended 1", "begun 2", "ended 2")));
    }
  }

  @Test
  void aCommandThatFailsIsRunAgainAfterTheNextChange() throws Exception {
    try (ChangeHook _ = start("echo $TIDEMARK_SEQUENCE >> \"$OUT\"; exit 3")) {
      applied.set(1);
      await().atMost(LONG).until(() -> lines().equals(List.of("1")));
      applied.set(2);
      await().atMost(LONG).until(() -> lines().equals(List.of("1", "2")));
    }
  }

  @Test
  void nothingIsRunBeforeTheStandbyFollows() throws Exception {
    try (ChangeHook _ = start("echo run >> \"$OUT\"")) {
      long before = asked.get();
      await().atMost(LONG).until(() -> asked.get() > before + 20);
    }
    assertThat(lines()).isEmpty();
  }
}
