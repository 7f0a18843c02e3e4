package dev.tidemark.cli.migrate;

/** Patterns of lsyncd and rsync, as those of a .gitignore that mean the same. */
final class ExcludePattern {
  private ExcludePattern() {}

  /**
   * One pattern. Both tell directories by a slash at the end, and anchor at the root by one at the
   * beginning; a slash in the midst anchors too in a .gitignore, and does not in rsync.
   */
  static String toGitignore(String pattern) {
    String inner = pattern.endsWith("/") ? pattern.substring(0, pattern.length() - 1) : pattern;
    if (inner.indexOf('/') > 0) {
      return "**/" + pattern;
    }
    return pattern.startsWith("!") || pattern.startsWith("#") ? "\\" + pattern : pattern;
  }
}
