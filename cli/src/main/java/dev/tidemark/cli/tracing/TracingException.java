package dev.tidemark.cli.tracing;

/** The settings of OpenTelemetry in the environment cannot be used; says which, and why. */
public final class TracingException extends Exception {
  private static final long serialVersionUID = 1L;

  TracingException(String message, Throwable cause) {
    super(message, cause);
  }
}
