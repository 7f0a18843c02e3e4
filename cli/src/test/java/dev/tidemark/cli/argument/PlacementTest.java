package dev.tidemark.cli.argument;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class PlacementTest {
  @TempDir private Path dir;
  private Path source;

  @BeforeEach
  void makeSource() throws IOException {
    source = Files.createDirectory(dir.resolve("source"));
  }

  @Test
  void aMissingSourceIsRefused() {
    assertThatThrownBy(() -> new Placement().source("Source", dir.resolve("none")))
        .isInstanceOf(IOException.class)
        .hasMessage(
            "Source %s does not exist. Create it, or correct the path.", dir.resolve("none"));
  }

  @Test
  void aSourceThatIsAFileIsRefused() throws IOException {
    Path file = Files.createFile(dir.resolve("file"));

    assertThatThrownBy(() -> new Placement().source("Source", file))
        .hasMessageContaining("is not a directory");
    assertThatThrownBy(() -> new Placement().owned("Standby", file))
        .hasMessageContaining("is not a directory");
  }

  @Test
  void aTargetInsideItsSourceIsRefused() {
    assertThatThrownBy(
            () -> new Placement().source("Source", source).owned("Standby", source.resolve("a/b")))
        .isInstanceOf(ArgumentException.class)
        .hasMessageContaining("Standby %s is inside source %s", source.resolve("a/b"), source);
  }

  @Test
  void aSourceInsideItsTargetIsRefused() {
    assertThatThrownBy(() -> new Placement().source("Source", source).owned("Standby", dir))
        .hasMessageContaining("Source %s is inside standby %s", source, dir);
  }

  @Test
  void aLinkIntoTheSourceIsSeenThrough() throws IOException {
    Path link = Files.createSymbolicLink(dir.resolve("link"), source);

    assertThatThrownBy(
            () -> new Placement().source("Source", source).owned("Data folder", link.resolve("x")))
        .hasMessageContaining("is inside source");
  }

  @Test
  void foldersBesideEachOtherAndNestedSourcesAreTaken() throws IOException {
    Path nested = Files.createDirectory(source.resolve("nested"));

    assertThatCode(
            () ->
                new Placement()
                    .source("Source", source)
                    .source("Source", nested)
                    .owned("Standby", dir.resolve("source2"))
                    .owned("Data folder", dir.resolve("data")))
        .doesNotThrowAnyException();
  }
}
