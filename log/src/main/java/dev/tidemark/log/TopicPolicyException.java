package dev.tidemark.log;

import java.io.IOException;

/**
 * A topic is on the broker with a policy under which data could be lost. The message names topic,
 * setting, value and expected value, and how to mend it.
 */
public final class TopicPolicyException extends IOException {
  private static final long serialVersionUID = 1L;

  TopicPolicyException(String message) {
    super(message);
  }
}
