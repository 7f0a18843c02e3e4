package dev.tidemark.repository.crash;

/** What is going on when something goes wrong. */
enum CrashTask {
  CREATE("making a repository"),
  WRITE("writing"),
  RETAIN("retention"),
  CLEAN_UP("clean-up"),
  REPAIR("repair");

  private final String words;

  CrashTask(String words) {
    this.words = words;
  }

  String words() {
    return words;
  }
}
