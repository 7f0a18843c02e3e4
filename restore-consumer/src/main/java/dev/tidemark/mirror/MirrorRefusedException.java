package dev.tidemark.mirror;

import java.io.IOException;

/** A mirror does not start as things are; the message says what a person can do. */
public final class MirrorRefusedException extends IOException {
  public MirrorRefusedException(String message) {
    super(message);
  }
}
