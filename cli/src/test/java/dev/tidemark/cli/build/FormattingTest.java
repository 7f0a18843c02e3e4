package dev.tidemark.cli.build;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.googlejavaformat.java.Formatter;
import com.google.googlejavaformat.java.FormatterException;
import com.google.googlejavaformat.java.ImportOrderer;
import com.google.googlejavaformat.java.JavaFormatterOptions.Style;
import com.google.googlejavaformat.java.RemoveUnusedImports;
import com.google.googlejavaformat.java.StringWrapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Runs here and not as a Maven plugin, since Maven may run on a JDK older than the sources. */
final class FormattingTest {
  private final SourceTree sources = SourceTree.find();
  private final Formatter formatter = new Formatter();

  @Test
  void everySourceIsFormatted() throws IOException {
    List<Path> files = sources.javaFiles();

    List<String> different =
        files.parallelStream().map(this::differs).flatMap(Optional::stream).toList();

    assertThat(files).isNotEmpty();
    assertThat(different).as("sources that differ from their format; run .ci/format").isEmpty();
  }

  private Optional<String> differs(Path file) {
    try {
      String source = Files.readString(sources.root().resolve(file));
      String formatted =
          formatter.formatSource(
              RemoveUnusedImports.removeUnusedImports(
                  ImportOrderer.reorderImports(source, Style.GOOGLE)));
      // As the formatter's command line does, which cuts long texts, too.
      formatted = StringWrapper.wrap(formatted, formatter);
      return formatted.equals(source) ? Optional.empty() : Optional.of(file.toString());
    } catch (FormatterException e) {
      return Optional.of(file + ": " + e.getMessage());
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
