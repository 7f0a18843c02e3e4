package dev.tidemark.broker;

import java.io.IOException;

/**
 * The embedded broker could not start, or its folder cannot be used. The message names the folder
 * and what to do; nothing of the broker is left running.
 */
public final class BrokerStartException extends IOException {
  private static final long serialVersionUID = 1L;

  BrokerStartException(String message) {
    super(message);
  }

  BrokerStartException(String message, Throwable cause) {
    super(message, cause);
  }
}
