package dev.tidemark.apply;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** Runs a program's main in a process that has none of root's rights. */
public final class WithoutCapabilities {
  private WithoutCapabilities() {}

  /** Answers what it printed; skips the test where rights cannot be taken away. */
  public static String run(Class<?> main, String... arguments) throws Exception {
    List<String> drop = List.of("setpriv", "--bounding-set", "-all", "--inh-caps", "-all");
    List<String> probe = new ArrayList<>(drop);
    probe.addAll(List.of("test", "-r", "/proc/self/status"));
    assumeTrue(
        TestTarget.run(probe.toArray(String[]::new)).exit() == 0, "no setpriv to drop rights with");
    List<String> command = new ArrayList<>(drop);
    command.add(Path.of(property("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "-Xmx128m",
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "-cp",
            property("java.class.path"),
            main.getName()));
    command.addAll(List.of(arguments));
    TestTarget.Ran ran = TestTarget.run(command.toArray(String[]::new));
    assertThat(ran.exit()).as(ran.output()).isZero();
    return ran.output();
  }

  private static String property(String name) {
    return Objects.requireNonNull(System.getProperty(name), name);
  }
}
