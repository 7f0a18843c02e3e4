package dev.tidemark.cli.build;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The Java sources of all modules, found from the folder the tests run in. */
final class SourceTree {
  private final Path root;

  private SourceTree(Path root) {
    this.root = root;
  }

  static SourceTree find() {
    Path folder = Path.of("").toAbsolutePath();
    while (!Files.exists(folder.resolve("schemas/pom.xml"))) {
      Path parent = folder.getParent();
      if (parent == null) {
        throw new IllegalStateException(
            "No folder with schemas/pom.xml above " + Path.of("").toAbsolutePath());
      }
      folder = parent;
    }
    return new SourceTree(folder);
  }

  Path root() {
    return root;
  }

  /** All {@code .java} files of main and test sources, relative to the root, sorted. */
  List<Path> javaFiles() throws IOException {
    try (Stream<Path> modules = Files.list(root)) {
      return modules
          .map(module -> module.resolve("src"))
          .filter(Files::isDirectory)
          .flatMap(SourceTree::walk)
          .filter(file -> file.toString().endsWith(".java"))
          .map(root::relativize)
          .sorted()
          .toList();
    }
  }

  /** The folders of main sources that hold Java files, relative to the root, sorted. */
  List<Path> mainPackages() throws IOException {
    return javaFiles().stream()
        .filter(file -> file.subpath(1, file.getNameCount()).startsWith("src/main/java"))
        .map(file -> root.relativize(root.resolve(file).resolveSibling("")))
        .distinct()
        .toList();
  }

  private static Stream<Path> walk(Path folder) {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.toList().stream();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
