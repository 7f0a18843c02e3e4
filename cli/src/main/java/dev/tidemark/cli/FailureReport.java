package dev.tidemark.cli;

import dev.tidemark.apply.TargetFullException;
import dev.tidemark.apply.TargetInUseException;
import dev.tidemark.broker.BrokerFolderInUseException;
import dev.tidemark.cli.argument.ArgumentException;
import dev.tidemark.cli.process.DataFolderInUseException;
import dev.tidemark.cli.process.FileFailures;
import dev.tidemark.filesystem.entry.EntryStoreLockedException;
import dev.tidemark.repository.RepositoryMissingException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import picocli.CommandLine.ParameterException;

/** What a user is told of a failure, and what the process returns. */
record FailureReport(ExitCode exitCode, String message) {
  static FailureReport of(Throwable failure) {
    return switch (failure) {
      case CommandException known -> new FailureReport(known.exitCode(), text(known));
      case ParameterException wrong -> new FailureReport(ExitCode.USAGE, usage(wrong));
      case ArgumentException wrong -> new FailureReport(ExitCode.USAGE, text(wrong));
      case IllegalArgumentException wrong -> new FailureReport(ExitCode.USAGE, text(wrong));
      case RepositoryMissingException missing ->
          new FailureReport(ExitCode.NO_REPOSITORY, text(missing));
      case DataFolderInUseException held -> new FailureReport(ExitCode.LOCKED, text(held));
      case BrokerFolderInUseException held -> new FailureReport(ExitCode.LOCKED, text(held));
      case EntryStoreLockedException held -> new FailureReport(ExitCode.LOCKED, text(held));
      case TargetInUseException held -> new FailureReport(ExitCode.LOCKED, text(held));
      case TargetFullException full -> new FailureReport(ExitCode.FAILURE, text(full));
      case UncheckedIOException wrapped when wrapped.getCause() != null -> of(wrapped.getCause());
      case ExecutionException wrapped when wrapped.getCause() != null -> of(wrapped.getCause());
      case CompletionException wrapped when wrapped.getCause() != null -> of(wrapped.getCause());
      case IOException failed -> new FailureReport(ExitCode.FAILURE, FileFailures.describe(failed));
      case InterruptedException _ ->
          new FailureReport(ExitCode.FAILURE, "interrupted before it was done; run it again");
      case OutOfMemoryError full ->
          new FailureReport(
              ExitCode.FAILURE,
              "out of memory (%s); give more with TIDEMARK_JAVA_OPTS=-Xmx2g"
                  .formatted(full.getMessage()));
      default ->
          new FailureReport(
              ExitCode.FAILURE,
              "unexpected failure: %s. Run again with --verbose to see where, and report it."
                  .formatted(failure));
    };
  }

  private static String usage(ParameterException wrong) {
    return "%s See `%s --help`."
        .formatted(sentence(text(wrong)), wrong.getCommandLine().getCommandSpec().qualifiedName());
  }

  private static String sentence(String text) {
    return text.endsWith(".") ? text : text + ".";
  }

  private static String text(Throwable failure) {
    return failure.getMessage() == null ? failure.toString() : failure.getMessage();
  }
}
