package dev.tidemark.log.access;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** Whose rights are asked for. */
public enum Role {
  /** {@code tidemark watch}. */
  WATCHER,
  /** {@code tidemark store}. */
  STORE,
  /** {@code tidemark mirror}. */
  STANDBY,
  /** {@code tidemark member}: a watcher and a standby. */
  MEMBER,
  /** Who looks, restores, tags, commands standbys and cleans up. */
  OPERATOR;

  /** As on the command line. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * The role of a word.
   *
   * @throws IllegalArgumentException if there is none; for the user
   */
  public static Role require(String word) {
    return Arrays.stream(values())
        .filter(role -> role.word().equals(word))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "--role %s: expected one of %s"
                        .formatted(
                            word,
                            Arrays.stream(values())
                                .map(Role::word)
                                .collect(Collectors.joining(", ")))));
  }
}
