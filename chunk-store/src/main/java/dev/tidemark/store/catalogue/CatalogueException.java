package dev.tidemark.store.catalogue;

/** A task cannot go on and must be started again from its state. */
public final class CatalogueException extends RuntimeException {
  public CatalogueException(String message, Throwable cause) {
    super(message, cause);
  }
}
