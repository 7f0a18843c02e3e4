package dev.tidemark.filesystem.linux;

import static dev.tidemark.filesystem.linux.TestDirectory.bytes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@EnabledOnOs(value = OS.LINUX, disabledReason = "paths of Linux")
class NativePathTest {
  @TempDir private Path folder;

  @Test
  void aJdkPathKeepsItsBytesAlsoWhereTheyAreNoText() throws IOException {
    byte[] name = {'a', (byte) 0xff, '%', ' ', '\n', (byte) 0xc3};
    try (TestDirectory directory = new TestDirectory(folder)) {
      LinuxFiles.createDirectory(directory.root, name, 0755);
    }
    try (DirectoryStream<Path> listed = Files.newDirectoryStream(folder)) {
      Path found = listed.iterator().next();

      NativePath path = NativePath.of(found);

      assertThat(path).isEqualTo(NativePath.of(folder).resolve(name));
      LinuxFiles.openRoot(path).close();
    }
  }

  @Test
  void relativeJdkPathsBecomeAbsoluteAndTheRootStays() {
    assertThat(NativePath.of(Path.of("x")).bytes())
        .isEqualTo(bytes(Path.of("x").toAbsolutePath().toString()));
    assertThat(NativePath.of(Path.of("/")).bytes()).isEqualTo(bytes("/"));
    assertThat(NativePath.of(Path.of("/tmp/")).bytes()).isEqualTo(bytes("/tmp"));
  }

  @Test
  void resolvingAddsOneSlash() {
    assertThat(NativePath.of(bytes("/a")).resolve(bytes("b/c"))).hasToString("/a/b/c");
    assertThat(NativePath.of(bytes("/")).resolve(bytes("b"))).hasToString("/b");
    assertThat(NativePath.of(bytes("/a")).resolve(new byte[0])).hasToString("/a");
  }

  @Test
  void theDisplayIsOneLineAndTellsNamesApart() {
    assertThat(NativePath.of(bytes("größe 日本 😀"))).hasToString("größe 日本 😀");
    assertThat(NativePath.of(new byte[] {'a', '\n', 27, 127})).hasToString("a\\x0a\\x1b\\x7f");
    assertThat(NativePath.of(new byte[] {(byte) 0xff, 'b', (byte) 0xe2, (byte) 0x82}))
        .hasToString("\\xffb\\xe2\\x82");
    assertThat(NativePath.of(bytes("\\xff"))).hasToString("\\\\xff");
    assertThat(NativePath.of(bytes("a\u202eb"))).hasToString("a\\u{202e}b");
  }

  @Test
  void emptyPathsAndNulBytesAreRefused() {
    assertThatIllegalArgumentException().isThrownBy(() -> NativePath.of(new byte[0]));
    assertThatIllegalArgumentException().isThrownBy(() -> NativePath.of(new byte[] {'a', 0}));
  }

  @Test
  void theCallersArrayIsNotShared() {
    byte[] given = bytes("/a");
    NativePath path = NativePath.of(given);
    given[1] = 'b';
    path.bytes()[1] = 'c';

    assertThat(path).hasToString("/a");
  }
}
