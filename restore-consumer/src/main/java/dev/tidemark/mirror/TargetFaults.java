package dev.tidemark.mirror;

import dev.tidemark.filesystem.linux.SystemCallException;
import java.util.Optional;

/**
 * What a mirror says when its target cannot be written: the path and the reason are in the failure,
 * here is what to do. It tries again by itself.
 */
final class TargetFaults {
  private static final String GOES_ON = " The standby waits, and goes on by itself.";

  private TargetFaults() {}

  static String describe(Exception failure) {
    String message = failure.getMessage() == null ? failure.toString() : failure.getMessage();
    String sentence = message.endsWith(".") ? message : message + ".";
    Optional<SystemCallException> call = findCall(failure);
    if (call.isEmpty()) {
      return message;
    }
    return switch (call.get().errno()) {
      case ENOSPC, EDQUOT, EROFS -> sentence + GOES_ON;
      case EACCES ->
          sentence
              + " Let the user of this process write there, or give it CAP_DAC_OVERRIDE."
              + GOES_ON;
      case EPERM ->
          sentence
              + " Run it as root or with CAP_CHOWN and CAP_FOWNER, and look for immutable files"
              + " with `lsattr` and for rules of SELinux or AppArmor."
              + GOES_ON;
      default -> message;
    };
  }

  private static Optional<SystemCallException> findCall(Throwable failure) {
    for (Throwable e = failure; e != null; e = e.getCause()) {
      if (e instanceof SystemCallException call) {
        return Optional.of(call);
      }
    }
    return Optional.empty();
  }
}
