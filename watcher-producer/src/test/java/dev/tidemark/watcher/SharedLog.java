package dev.tidemark.watcher;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * One broker for all tests of a run; each test has a tree of its own. Chunks are small, so that few
 * bytes make many.
 */
final class SharedLog implements ParameterResolver {
  /** Closed with the run. */
  private record Running(TestLog log, Path folder) implements AutoCloseable {
    static Running start() {
      try {
        Path folder = Files.createTempDirectory("tidemark-watcher-tests");
        return new Running(TestLog.start(folder, TestLog.SMALL_CHUNKS), folder);
      } catch (IOException e) {
        throw new java.io.UncheckedIOException(e);
      }
    }

    @Override
    public void close() throws IOException {
      log.close();
      WatchedTree.deleteTree(folder);
    }
  }

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    return parameter.getParameter().getType() == TestLog.class;
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    return context
        .getRoot()
        .getStore(ExtensionContext.Namespace.GLOBAL)
        .getOrComputeIfAbsent(Running.class, _ -> Running.start(), Running.class)
        .log();
  }
}
