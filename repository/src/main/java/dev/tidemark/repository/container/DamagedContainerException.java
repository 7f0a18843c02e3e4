package dev.tidemark.repository.container;

/** Bytes are no whole container file. */
public final class DamagedContainerException extends Exception {
  private final String what;

  public DamagedContainerException(String what) {
    super(what);
    this.what = what;
  }

  public DamagedContainerException(String what, Throwable cause) {
    super(what, cause);
    this.what = what;
  }

  /** What is wrong, to go on after "is damaged: ". */
  public String what() {
    return what;
  }
}
