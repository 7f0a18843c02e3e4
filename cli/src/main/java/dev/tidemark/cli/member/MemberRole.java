package dev.tidemark.cli.member;

import java.util.Locale;

/** What a member is to its tree. */
public enum MemberRole {
  /** Its directory is what the others follow. */
  WRITER,
  /** Its directory follows the writer's. */
  STANDBY,
  /** It has begun a term, and is still applying what lies before it. */
  PROMOTING;

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
