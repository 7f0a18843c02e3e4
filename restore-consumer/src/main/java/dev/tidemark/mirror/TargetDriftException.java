package dev.tidemark.mirror;

import java.io.IOException;

/**
 * The target is not as this mirror left it. It is compared with the state and mended, then the
 * change is tried again.
 */
final class TargetDriftException extends IOException {
  TargetDriftException(String what, Throwable cause) {
    super(what, cause);
  }

  TargetDriftException(String what) {
    super(what);
  }
}
