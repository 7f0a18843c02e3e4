package dev.tidemark.log;

import java.io.IOException;
import java.time.Duration;

/**
 * The broker did not answer within the time given. The message names its address and what to check.
 * Nothing is known about what was asked; it may be asked again.
 */
public final class BrokerUnreachableException extends IOException {
  private static final long serialVersionUID = 1L;

  BrokerUnreachableException(LogConnection connection, Duration waited, Throwable cause) {
    super(
        ("No broker answered at %s within %d s (%s). Check that it runs and that this address and"
             + " port can be reached from this host; a broker that wants TLS or a login needs its"
             + " settings among the client properties.")
            .formatted(connection.bootstrapServers(), waited.toSeconds(), cause.getMessage()),
        cause);
  }

  BrokerUnreachableException(LogConnection connection, String doing, Duration waited) {
    super(
        ("The broker at %s gave no answer for %d s while %s. Check that it runs and that its disk"
                + " and network keep up; it can be tried again.")
            .formatted(connection.bootstrapServers(), waited.toSeconds(), doing));
  }
}
