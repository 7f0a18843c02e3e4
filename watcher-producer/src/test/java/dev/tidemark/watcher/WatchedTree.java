package dev.tidemark.watcher;

import dev.tidemark.schemas.change.TreeName;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A folder, its watcher and its log, for one test. */
final class WatchedTree implements AutoCloseable {
  static final Duration PATIENCE = Duration.ofSeconds(60);

  final TestLog log;
  final TreeName name;
  final Path root;
  final Path state;
  final LogView view;
  private UnaryOperator<WatcherConfig> configure = UnaryOperator.identity();
  private Environment environment = Environment.ofProcess();
  private @Nullable Watcher watcher;

  WatchedTree(TestLog log, Path folder, String name) throws IOException {
    this.log = log;
    this.name = new TreeName(name);
    this.root = Files.createDirectories(folder.resolve(name).resolve("tree"));
    this.state = folder.resolve(name).resolve("state");
    this.view = new LogView(log, this.name);
  }

  WatchedTree configure(UnaryOperator<WatcherConfig> change) {
    configure = change;
    return this;
  }

  WatchedTree in(Environment changed) {
    environment = changed;
    return this;
  }

  Environment environment() {
    return environment;
  }

  WatcherConfig config() {
    return configure.apply(
        WatcherConfig.of(name, root, state, log.connection())
            .withDelays(Duration.ofMillis(50), Duration.ofSeconds(1)));
  }

  /** Starts, and waits for the scan. */
  WatchedTree start() throws Exception {
    begin();
    watcher().awaitScanCompleted(PATIENCE);
    return this;
  }

  WatchedTree begin() throws Exception {
    watcher = Watcher.start(config(), environment);
    return this;
  }

  Watcher watcher() {
    return Objects.requireNonNull(watcher, "not started");
  }

  WatcherStatus status() {
    return watcher().status();
  }

  void stop() throws Exception {
    watcher().close();
  }

  void kill() throws Exception {
    watcher().kill();
  }

  Path path(String relative) {
    return root.resolve(relative);
  }

  Path write(String relative, String text) throws IOException {
    Path file = path(relative);
    Files.createDirectories(file.getParent());
    return Files.writeString(file, text);
  }

  Path write(String relative, byte[] bytes) throws IOException {
    Path file = path(relative);
    Files.createDirectories(file.getParent());
    return Files.write(file, bytes);
  }

  void deleteTree(String relative) throws IOException {
    deleteTree(path(relative));
  }

  static void deleteTree(Path path) throws IOException {
    if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    List<Path> all;
    try (Stream<Path> walk = Files.walk(path)) {
      all = walk.sorted(Comparator.reverseOrder()).toList();
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
    for (Path each : all) {
      Files.deleteIfExists(each);
    }
  }

  void awaitIdentical() throws IOException {
    view.awaitIdentical(root);
  }

  @Override
  public void close() throws Exception {
    if (watcher != null) {
      watcher.close();
    }
    view.close();
  }
}
