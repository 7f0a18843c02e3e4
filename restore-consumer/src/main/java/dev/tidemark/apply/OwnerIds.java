package dev.tidemark.apply;

import java.util.Map;

/**
 * Which owner and group an entry gets on this host.
 *
 * @param isNumeric whether it gets the numbers it has at the source, whoever has them here, and not
 *     those of the same names here. Number 0 stays 0 either way
 * @param users what becomes of some users, before anything else: from a name, a number or {@value
 *     #ANY} to a name or number of this host
 * @param groups the same of groups
 */
public record OwnerIds(boolean isNumeric, Map<String, String> users, Map<String, String> groups) {
  /** In a map, whoever is not named in it. */
  public static final String ANY = "*";

  /** Those of the same name on this host; the numbers where this host has no such name. */
  public static final OwnerIds BY_NAME = new OwnerIds(false, Map.of(), Map.of());

  /** The numbers. */
  public static final OwnerIds NUMERIC = new OwnerIds(true, Map.of(), Map.of());

  public OwnerIds {
    users = Map.copyOf(users);
    groups = Map.copyOf(groups);
  }
}
