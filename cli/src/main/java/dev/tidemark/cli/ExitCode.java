package dev.tidemark.cli;

/** The exit codes of all commands; those that restic has too mean the same there. */
public enum ExitCode {
  OK(0, "done"),
  FAILURE(1, "failed; the message says what and what to do"),
  USAGE(2, "the arguments are wrong; nothing was touched"),
  PARTIAL(3, "done but for the files named: they are damaged or could not be written"),
  NO_REPOSITORY(10, "there is no repository at the place given"),
  LOCKED(11, "another process holds the data folder or writes the tree");

  private final int number;
  private final String meaning;

  ExitCode(int number, String meaning) {
    this.number = number;
    this.meaning = meaning;
  }

  /** What the process returns to its parent. */
  public int number() {
    return number;
  }

  /** For help pages. */
  public String meaning() {
    return meaning;
  }
}
