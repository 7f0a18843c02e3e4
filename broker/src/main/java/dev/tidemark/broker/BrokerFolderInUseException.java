package dev.tidemark.broker;

import java.io.IOException;
import java.nio.file.Path;

/** Another live broker, in this process or in another one, holds the folder. */
public final class BrokerFolderInUseException extends IOException {
  private static final long serialVersionUID = 1L;

  BrokerFolderInUseException(Path folder, String holder) {
    super(
        ("The broker folder %s is in use by %s. Stop that one first, connect to it instead, or"
                + " choose another folder.")
            .formatted(folder, isOurs(holder) ? "another broker in this process" : holder));
  }

  private static boolean isOurs(String holder) {
    return holder.equals("process " + ProcessHandle.current().pid());
  }
}
