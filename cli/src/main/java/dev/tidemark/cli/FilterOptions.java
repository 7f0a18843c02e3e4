package dev.tidemark.cli;

import dev.tidemark.cli.argument.ArgumentException;
import dev.tidemark.cli.argument.RawArguments;
import dev.tidemark.cli.process.FileFailures;
import dev.tidemark.schemas.filter.PathFilter;
import dev.tidemark.schemas.filter.PatternException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Option;

/** What of a tree is left out. */
final class FilterOptions {
  /** One of the options that filter; picocli keeps the order in which they were given. */
  private static final class Rule {
    @Option(
        names = "--exclude",
        paramLabel = "PATTERN",
        description =
            "Leave out what matches, as a line of .gitignore at the tree's root would. May be"
                + " repeated; the last pattern that matches decides. An excluded directory is left"
                + " out unseen, so that nothing below it can be included again.")
    private @Nullable String exclude;

    @Option(
        names = "--include",
        paramLabel = "PATTERN",
        description = "Keep what matches although a pattern before excludes it.")
    private @Nullable String include;

    @Option(
        names = "--exclude-from",
        paramLabel = "FILE",
        description = "Take patterns from a file in the format of .gitignore, read once.")
    private @Nullable String file;
  }

  @ArgGroup(exclusive = true, multiplicity = "0..*")
  private List<Rule> rules = new ArrayList<>();

  /** The patterns, in the order in which they were given. */
  PathFilter filter() throws IOException {
    List<byte[]> patterns = new ArrayList<>();
    for (Rule rule : rules) {
      if (rule.exclude != null) {
        patterns.add(RawArguments.bytes(rule.exclude));
      }
      if (rule.include != null) {
        patterns.add(included(rule.include));
      }
      if (rule.file != null) {
        patterns.addAll(lines(RawArguments.path(rule.file)));
      }
    }
    try {
      return PathFilter.of(patterns);
    } catch (PatternException e) {
      throw new ArgumentException(String.valueOf(e.getMessage()));
    }
  }

  private static byte[] included(String pattern) {
    if (pattern.startsWith("!")) {
      throw new ArgumentException(
          "--include \"%s\": the exclamation mark is what --include stands for; leave it out"
              .formatted(pattern));
    }
    return RawArguments.bytes("!" + pattern);
  }

  private static List<byte[]> lines(Path file) throws IOException {
    byte[] content;
    try {
      content = Files.readAllBytes(file);
    } catch (IOException e) {
      throw new ArgumentException(
          "--exclude-from %s: %s".formatted(file, FileFailures.describe(e)));
    }
    List<byte[]> lines = new ArrayList<>();
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (byte b : content) {
      if (b == '\n') {
        lines.add(line.toByteArray());
        line.reset();
      } else {
        line.write(b);
      }
    }
    lines.add(line.toByteArray());
    return lines;
  }
}
