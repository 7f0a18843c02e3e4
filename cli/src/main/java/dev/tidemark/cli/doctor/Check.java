package dev.tidemark.cli.doctor;

import java.util.List;

/**
 * What was looked at, and what was found.
 *
 * @param name as in {@code --json}
 * @param seen how it stands, in words
 * @param findings empty if all is well
 */
public record Check(String name, String seen, List<Finding> findings) {
  public Check {
    findings = List.copyOf(findings);
  }

  static Check fine(String name, String seen) {
    return new Check(name, seen, List.of());
  }

  static Check bad(String name, Finding finding) {
    return new Check(name, "", List.of(finding));
  }
}
