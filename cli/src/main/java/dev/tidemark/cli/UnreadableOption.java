package dev.tidemark.cli;

import dev.tidemark.watcher.OnUnreadable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** What {@code up} and {@code watch} do about what they cannot read. */
final class UnreadableOption {
  @Option(
      names = "--on-unreadable",
      paramLabel = "fail|report",
      converter = Choice.class,
      description =
          "What to do about a file, directory or extended attribute that cannot be read: report"
              + " (default) says so once for each kind of failure, counts it, keeps what was"
              + " published before and tries again; fail stops with the path and the reason.")
  private OnUnreadable choice = OnUnreadable.REPORT;

  OnUnreadable choice() {
    return choice;
  }

  /** As it is written on the command line. */
  static final class Choice implements ITypeConverter<OnUnreadable> {
    @Override
    public OnUnreadable convert(String value) {
      return switch (value) {
        case "fail" -> OnUnreadable.FAIL;
        case "report" -> OnUnreadable.REPORT;
        default ->
            throw new TypeConversionException("expected fail or report, not '%s'".formatted(value));
      };
    }
  }
}
