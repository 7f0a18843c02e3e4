package dev.tidemark.apply;

/** Which owner and group an entry gets on this host. */
public enum OwnerIds {
  /**
   * Those of the same name on this host; the numbers where this host has no such name. Number 0
   * stays 0.
   */
  BY_NAME,
  /** The numbers, whoever has them here. */
  NUMERIC
}
