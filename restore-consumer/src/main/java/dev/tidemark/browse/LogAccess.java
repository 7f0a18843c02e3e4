package dev.tidemark.browse;

import dev.tidemark.log.LogConnection;

/** Whether changes that are not sealed yet are looked for in the log. */
public sealed interface LogAccess {
  /** The repository alone: no broker is needed. */
  record RepositoryOnly() implements LogAccess {}

  /** The log too. */
  record WithLog(LogConnection connection) implements LogAccess {}

  LogAccess NONE = new RepositoryOnly();

  static LogAccess to(LogConnection connection) {
    return new WithLog(connection);
  }
}
