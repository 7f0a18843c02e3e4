package dev.tidemark.filesystem.linux;

import static dev.tidemark.filesystem.linux.TestDirectory.bytes;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@EnabledOnOs(value = OS.LINUX, disabledReason = "real Linux system calls")
class ExtendedAttributesTest {
  @TempDir private Path folder;
  private TestDirectory directory;
  private Descriptor root;

  @BeforeEach
  void open() throws IOException {
    directory = new TestDirectory(folder);
    root = directory.root;
  }

  @AfterEach
  void close() throws IOException {
    directory.close();
  }

  private static List<String> names(Descriptor file) throws IOException {
    return LinuxFiles.listAttributes(file).stream().map(n -> new String(n, UTF_8)).toList();
  }

  @ParameterizedTest
  @EnumSource(ExtendedAttributes.Way.class)
  void namesAreListedOfWhatStandsAtAName(ExtendedAttributes.Way way) throws IOException {
    directory.write("f", "x");
    directory.write("bare", "x");
    LinuxFiles.createSymlink(bytes("f"), root, bytes("link"));
    try (Descriptor handle = LinuxFiles.openHandle(root, bytes("f"))) {
      LinuxFiles.setAttribute(handle, bytes("user.one"), bytes("1"));
      LinuxFiles.setAttribute(handle, bytes("user.two"), bytes("2"));
    }

    assertThat(ExtendedAttributes.list(way, root, bytes("f")))
        .containsExactlyInAnyOrder(bytes("user.one"), bytes("user.two"));
    assertThat(ExtendedAttributes.list(way, root, bytes("bare"))).isEmpty();
    assertThat(ExtendedAttributes.list(way, root, bytes("link"))).isEmpty();
    assertThatExceptionOfType(SystemCallException.class)
        .isThrownBy(() -> ExtendedAttributes.list(way, root, bytes("none")))
        .matches(e -> e.errno() == Errno.ENOENT);
  }

  @Test
  void valuesAreBytesOfAnyLengthUpToTheKernelsBound() throws IOException {
    directory.write("f", "x");
    byte[] binary = {0, (byte) 0xff, '\n', 0};
    try (Descriptor handle = LinuxFiles.openHandle(root, bytes("f"))) {
      assertThat(LinuxFiles.listAttributes(handle)).isEmpty();
      LinuxFiles.setAttribute(handle, bytes("user.binary"), binary);
      LinuxFiles.setAttribute(handle, bytes("user.empty"), new byte[0]);

      assertThat(names(handle)).containsExactlyInAnyOrder("user.binary", "user.empty");
      assertThat(LinuxFiles.findAttribute(handle, bytes("user.binary"))).contains(binary);
      assertThat(LinuxFiles.findAttribute(handle, bytes("user.empty"))).contains(new byte[0]);
      assertThat(LinuxFiles.findAttribute(handle, bytes("user.none"))).isEmpty();

      LinuxFiles.removeAttribute(handle, bytes("user.binary"));
      LinuxFiles.removeAttribute(handle, bytes("user.binary"));
      assertThat(names(handle)).containsExactly("user.empty");
      assertThatExceptionOfType(SystemCallException.class)
          .isThrownBy(() -> LinuxFiles.setAttribute(handle, bytes("user.big"), new byte[65537]))
          .withMessageContaining("[user.big]");
    }
    try (Descriptor file = LinuxFiles.openForReading(root, bytes("f"))) {
      assertThat(names(file)).containsExactly("user.empty");
    }
  }

  @Test
  void aSymlinksOwnAttributesAreMeantNotItsTargets() throws IOException {
    assumeThat(System.getProperty("user.name")).as("trusted.* needs root").isEqualTo("root");
    directory.write("f", "x");
    LinuxFiles.createSymlink(bytes("f"), root, bytes("link"));
    try (Descriptor link = LinuxFiles.openHandle(root, bytes("link"));
        Descriptor file = LinuxFiles.openHandle(root, bytes("f"))) {
      LinuxFiles.setAttribute(link, bytes("trusted.mark"), bytes("link"));

      assertThat(names(link)).containsExactly("trusted.mark");
      assertThat(names(file)).isEmpty();
    }
  }

  @Test
  void namesOutOfABackupAreCheckedBeforeTheKernelSeesThem() throws IOException {
    directory.write("f", "x");
    try (Descriptor handle = LinuxFiles.openHandle(root, bytes("f"))) {
      for (String name : List.of("", "user.a\0b", "user." + "x".repeat(251))) {
        assertThatExceptionOfType(SystemCallException.class)
            .isThrownBy(() -> LinuxFiles.setAttribute(handle, bytes(name), bytes("v")));
      }
    }
  }

  @Test
  void holesAreFoundWhereTheyAre() throws IOException {
    long island = 8L << 30;
    try (Descriptor file = LinuxFiles.createFile(root, bytes("sparse"), 0600)) {
      LinuxFiles.writeFullyAt(file, island, bytes("island"), 0, 6);
      LinuxFiles.truncate(file, 2 * island);

      assertThat(LinuxFiles.findData(file, 0)).hasValue(island);
      assertThat(LinuxFiles.findHole(file, 0)).hasValue(0);
      long hole = LinuxFiles.findHole(file, island).getAsLong();
      assertThat(hole).isGreaterThan(island).isLessThan(island + (1 << 20));
      assertThat(LinuxFiles.findData(file, hole)).isEmpty();
      assertThat(LinuxFiles.findHole(file, 3 * island)).isEmpty();
    }
  }
}
