package dev.tidemark.filesystem.linux;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;

/** A temporary directory by its descriptor, and the few steps most tests begin with. */
final class TestDirectory implements AutoCloseable {
  final Descriptor root;
  final Path path;

  TestDirectory(Path path) throws IOException {
    this.path = path;
    this.root = LinuxFiles.openRoot(NativePath.of(path));
  }

  static byte[] bytes(String text) {
    return text.getBytes(UTF_8);
  }

  /** A name of a length. */
  static byte[] longName(int length, char letter) {
    byte[] name = new byte[length];
    Arrays.fill(name, (byte) letter);
    return name;
  }

  void write(Descriptor parent, byte[] name, String content) throws IOException {
    try (Descriptor file = LinuxFiles.createFile(parent, name, 0644)) {
      byte[] bytes = bytes(content);
      LinuxFiles.writeFully(file, bytes, 0, bytes.length);
    }
  }

  void write(String name, String content) throws IOException {
    write(root, bytes(name), content);
  }

  String read(String name) throws IOException {
    try (Descriptor file = LinuxFiles.openForReading(root, bytes(name))) {
      byte[] into = new byte[1000];
      int length = LinuxFiles.read(file, into, 0, into.length);
      return new String(into, 0, length, UTF_8);
    }
  }

  @Override
  public void close() throws IOException {
    root.close();
  }
}
