package dev.tidemark.cli.build;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The units that are shipped, as systemd reads them. */
final class UnitFileTest {
  private static final String WATCH = "tidemark-watch@.service";
  private static final String STORE = "tidemark-store.service";
  private static final String MIRROR = "tidemark-mirror@.service";
  private static final String OTHERS = "tidemark@.service";
  private static final String DRILL = "tidemark-drill@.service";
  private static final String DRILL_TIMER = "tidemark-drill@.timer";
  private static final String PROGRAM = "ExecStart=/usr/bin/tidemark ";

  @TempDir private Path dir;
  private Path root;

  @BeforeEach
  void findRoot() {
    root = SourceTree.find().root();
  }

  private String shipped(String unit) throws IOException {
    return Files.readString(root.resolve("packaging/systemd").resolve(unit));
  }

  /** The unit of one tree. Where its program is installed is looked at, too, so it is another. */
  private Path instance(String unit) throws IOException {
    return Files.writeString(
        dir.resolve(unit.replace("@", "@web")),
        shipped(unit).replace(PROGRAM, "ExecStart=/bin/true "));
  }

  @ParameterizedTest
  @ValueSource(strings = {WATCH, STORE, MIRROR, OTHERS})
  void systemdKnowsEveryKeyOfTheUnit(String unit) throws Exception {
    assumeTrue(isInstalled(), "no systemd-analyze here");
    assertThat(shipped(unit)).contains(PROGRAM, "Type=notify", "WatchdogSec=", "LoadCredential=");

    Output output = run("systemd-analyze", "verify", "--man=no", instance(unit).toString());

    // Unknown keys are told, and change no exit code.
    assertThat(output.code()).as(output.text()).isZero();
    assertThat(output.text().lines().filter(line -> line.contains("tidemark"))).isEmpty();
  }

  @Test
  void aDrillIsRunByItsTimer() throws Exception {
    assertThat(shipped(DRILL_TIMER)).contains("Persistent=yes", "WantedBy=timers.target");
    assertThat(shipped(DRILL)).contains(PROGRAM + "drill %i ", "Type=oneshot", "LoadCredential=");
    assumeTrue(isInstalled(), "no systemd-analyze here");

    Output output =
        run(
            "systemd-analyze",
            "verify",
            "--man=no",
            instance(DRILL).toString(),
            instance(DRILL_TIMER).toString());

    assertThat(output.code()).as(output.text()).isZero();
    assertThat(output.text().lines().filter(line -> line.contains("tidemark"))).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {WATCH, STORE, MIRROR, OTHERS, DRILL})
  void aUnitIsExposedNoMoreThanItsPageSays(String unit) throws Exception {
    assumeTrue(isInstalled(), "no systemd-analyze here");
    String said = "exposure of " + unit;
    BigDecimal allowed =
        number(
            Files.readString(root.resolve("docs/operations.md")),
            "\\| `" + Pattern.quote(unit) + "` \\|.*\\| (\\d+\\.\\d) \\|",
            said);

    Output output = run("systemd-analyze", "security", "--offline=true", instance(unit).toString());

    assumeTrue(output.code() == 0, "this systemd-analyze cannot read a file: " + output.text());
    assertThat(number(output.text(), "exposure level for .*: (\\d+\\.\\d)", output.text()))
        .as(said)
        .isLessThanOrEqualTo(allowed);
  }

  @Test
  void aWatcherHoldsNoKeysOfAnObjectStore() throws IOException {
    assertThat(shipped(WATCH)).doesNotContain("AWS", "aws");
    assertThat(shipped(STORE)).contains("AWS_SHARED_CREDENTIALS_FILE=%d/");
  }

  @Test
  void aWatcherIsHiddenNothingThatItsTreeMayHold() throws IOException {
    assertThat(shipped(WATCH).lines())
        .contains("ProtectSystem=strict")
        .noneMatch(line -> line.matches("(ProtectHome|PrivateTmp|ProtectKernelModules)=.*"))
        .noneMatch(line -> line.matches("(InaccessiblePaths|TemporaryFileSystem|Bind.*)=.*"));
  }

  private static BigDecimal number(String text, String pattern, String what) {
    Matcher matcher = Pattern.compile(pattern).matcher(text);
    assertThat(matcher.find()).as(what).isTrue();
    return new BigDecimal(matcher.group(1));
  }

  private static boolean isInstalled() throws InterruptedException {
    try {
      return run("systemd-analyze", "--version").code() == 0;
    } catch (IOException absent) {
      return false;
    }
  }

  private static Output run(String... command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String text = new String(process.getInputStream().readAllBytes(), UTF_8);
    return new Output(process.waitFor(), text);
  }

  private record Output(int code, String text) {}
}
