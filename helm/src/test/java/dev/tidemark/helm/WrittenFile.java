package dev.tidemark.helm;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A file of a chart that is made from something else, and kept beside it. */
final class WrittenFile {
  private static final String WRITE = "tidemark.write-chart-files";

  private WrittenFile() {}

  /** Fails if the file does not say {@code text}, or writes it where that is asked for. */
  static void requireSame(Path file, String text) throws IOException {
    if (Boolean.getBoolean(WRITE)) {
      Files.writeString(file, text);
    }
    assertThat(Files.readString(file))
        .as(
            "%s is made by this test; write it anew with mvn -pl helm -am test -D%s=true"
                + " -Dtest='*FileTest' -Dsurefire.failIfNoSpecifiedTests=false",
            file, WRITE)
        .isEqualTo(text);
  }
}
