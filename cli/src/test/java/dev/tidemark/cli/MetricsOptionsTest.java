package dev.tidemark.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class MetricsOptionsTest {
  private static final int USAGE = 2;

  @TempDir private Path dir;

  @Test
  void aWrongAddressIsToldBeforeAnythingIsTouched() throws Exception {
    String source = Files.createDirectory(dir.resolve("source")).toString();
    String target = dir.resolve("target").toString();
    String broker = "127.0.0.1:1";
    for (List<String> command :
        List.of(
            List.of("up", "web=" + source),
            List.of("watch", "web=" + source, "--bootstrap-server", broker),
            List.of("store", "--repository", target, "--bootstrap-server", broker),
            List.of("mirror", "web", "--to", target, "--bootstrap-server", broker),
            List.of(
                "member",
                "web=" + source,
                "--as",
                "writer",
                "--repository",
                target,
                "--bootstrap-server",
                broker))) {
      CommandRun run = run(command, "--metrics-listen", "localhost:http");

      assertThat(run.exitCode()).as(run.err()).isEqualTo(USAGE);
      assertThat(run.err()).contains("--metrics-listen localhost:http", "[HOST:]PORT");
      assertThat(dir.resolve("data")).doesNotExist();
      assertThat(dir.resolve("target")).doesNotExist();
    }
  }

  @Test
  void anUnknownFormatOfTheLogIsRefused() {
    CommandRun run = run(List.of("up", "web=" + dir), "--log-format", "xml");

    assertThat(run.exitCode()).isEqualTo(USAGE);
    assertThat(run.err()).contains("--log-format", "text, json");
  }

  private CommandRun run(List<String> command, String... more) {
    List<String> all = new ArrayList<>(command);
    all.addAll(List.of("--data", dir.resolve("data").toString()));
    all.addAll(List.of(more));
    return CommandRun.of(all.toArray(String[]::new));
  }
}
