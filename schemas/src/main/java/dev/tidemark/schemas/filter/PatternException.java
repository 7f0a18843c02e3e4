package dev.tidemark.schemas.filter;

/** A pattern that means nothing. */
public final class PatternException extends Exception {
  private static final long serialVersionUID = 1L;

  PatternException(String message) {
    super(message);
  }
}
