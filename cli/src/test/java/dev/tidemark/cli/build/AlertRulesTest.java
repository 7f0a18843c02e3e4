package dev.tidemark.cli.build;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The alerts that are shipped: by their own unit tests, and by what the manual says of them. */
final class AlertRulesTest {
  private static final Pattern ALERT = Pattern.compile("- alert: (\\w+)");

  private final Path root = SourceTree.find().root();
  private final Path folder = root.resolve("packaging/prometheus");

  @Test
  void theUnitTestsOfTheRulesPass() throws Exception {
    assumeTrue(isInstalled(), "no promtool here: install Debian's package prometheus");

    assertThat(promtool("check", "rules", "tidemark-rules.yml")).isZero();
    assertThat(promtool("test", "rules", "tidemark-rules-test.yml")).isZero();
  }

  @Test
  void eachAlertHasATestAndAPlaceInTheManual() throws IOException {
    String rules = Files.readString(folder.resolve("tidemark-rules.yml"));
    String tests = Files.readString(folder.resolve("tidemark-rules-test.yml"));
    String manual = Files.readString(root.resolve("docs/operations.md"));
    List<String> alerts = new ArrayList<>();
    Matcher matcher = ALERT.matcher(rules);
    while (matcher.find()) {
      alerts.add(matcher.group(1));
    }

    assertThat(alerts)
        .isNotEmpty()
        .allSatisfy(alert -> assertThat(tests).contains("alertname: " + alert + "\n"))
        .allSatisfy(alert -> assertThat(manual).contains("| `" + alert + "` |"));
  }

  private static boolean isInstalled() throws InterruptedException {
    try {
      return new ProcessBuilder("promtool", "--version").start().waitFor() == 0;
    } catch (IOException absent) {
      return false;
    }
  }

  private int promtool(String... args) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("promtool"));
    command.addAll(List.of(args));
    return new ProcessBuilder(command).directory(folder.toFile()).inheritIO().start().waitFor();
  }
}
