package dev.tidemark.log;

import java.io.IOException;

/** Processes of an application run that were to be stopped. */
public final class GroupInUseException extends IOException {
  private static final long serialVersionUID = 1L;

  GroupInUseException(LogConnection connection, String group) {
    super(
        "Processes of group %s at %s run. Stop all `tidemark store` and `tidemark up`, and try again."
            .formatted(group, connection.bootstrapServers()));
  }
}
