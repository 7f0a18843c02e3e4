package dev.tidemark.cli.argument;

/** An argument cannot be meant as it stands; the message quotes it and says what was expected. */
public final class ArgumentException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** The message quotes the argument and says what was expected. */
  public ArgumentException(String message) {
    super(message);
  }
}
