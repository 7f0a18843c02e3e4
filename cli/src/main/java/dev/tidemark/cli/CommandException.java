package dev.tidemark.cli;

/**
 * A command cannot do what it was asked. The message is what the user reads: what happened, to
 * which thing, and what to do.
 */
public final class CommandException extends Exception {
  private static final long serialVersionUID = 1L;

  private final ExitCode exitCode;

  private CommandException(ExitCode exitCode, String message, Throwable... cause) {
    super(message, cause.length == 0 ? null : cause[0]);
    this.exitCode = exitCode;
  }

  /** The arguments are wrong. */
  public static CommandException usage(String message) {
    return new CommandException(ExitCode.USAGE, message);
  }

  /** The arguments were understood, and it does not work. */
  public static CommandException failed(String message) {
    return new CommandException(ExitCode.FAILURE, message);
  }

  /** The same with what caused it, for {@code --verbose}. */
  public static CommandException failed(String message, Throwable cause) {
    return new CommandException(ExitCode.FAILURE, message, cause);
  }

  /** There is no repository. */
  public static CommandException noRepository(String message) {
    return new CommandException(ExitCode.NO_REPOSITORY, message);
  }

  /** Something else holds what the command needs for itself alone. */
  public static CommandException locked(String message) {
    return new CommandException(ExitCode.LOCKED, message);
  }

  /** What the process returns. */
  public ExitCode exitCode() {
    return exitCode;
  }
}
