package dev.tidemark.apply;

import dev.tidemark.apply.Losses.Kind;
import dev.tidemark.schemas.change.Bytes;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Which extended attributes are whose. */
final class AttributeRules {
  static final Bytes ACCESS_ACL = Bytes.ofText("system.posix_acl_access");
  static final Bytes DEFAULT_ACL = Bytes.ofText("system.posix_acl_default");
  private static final Bytes CAPABILITY = Bytes.ofText("security.capability");

  /** Given by the host's own security policy: what a node does not name is left alone. */
  private static final List<String> LABELS =
      List.of(
          "security.selinux",
          "security.SMACK64",
          "security.apparmor",
          "security.ima",
          "security.evm");

  private AttributeRules() {}

  /** When an attribute is set, next to the others: what one call clears a later one sets. */
  enum Step {
    /** Needs write permission, which the mode may take away. */
    BEFORE_MODE,
    ACL,
    OTHER,
    /** Cleared by a change of the owner. */
    CAPABILITY
  }

  static Step step(Bytes name) {
    if (startsWith(name, "user.")) {
      return Step.BEFORE_MODE;
    }
    if (isAcl(name)) {
      return Step.ACL;
    }
    return name.equals(CAPABILITY) ? Step.CAPABILITY : Step.OTHER;
  }

  static boolean isAcl(Bytes name) {
    return name.equals(ACCESS_ACL) || name.equals(DEFAULT_ACL);
  }

  /** Whether an attribute is no part of a tree: it is neither set, compared nor removed. */
  static boolean isIgnored(Bytes name) {
    return startsWith(name, "trusted.overlay.") || startsWith(name, "system.") && !isAcl(name);
  }

  /** Whether an attribute that a node has not is taken away. */
  static boolean isRemovable(Bytes name) {
    return !isIgnored(name) && LABELS.stream().noneMatch(label -> startsWith(name, label));
  }

  static Kind kind(Bytes name) {
    if (isAcl(name)) {
      return Kind.ACLS;
    }
    if (startsWith(name, "user.")) {
      return Kind.USER_ATTRIBUTES;
    }
    if (startsWith(name, "trusted.")) {
      return Kind.TRUSTED_ATTRIBUTES;
    }
    return startsWith(name, "security.") ? Kind.SECURITY_ATTRIBUTES : Kind.OTHER_ATTRIBUTES;
  }

  private static boolean startsWith(Bytes name, String ascii) {
    byte[] bytes = name.toArray();
    byte[] prefix = ascii.getBytes(StandardCharsets.US_ASCII);
    if (bytes.length < prefix.length) {
      return false;
    }
    for (int i = 0; i < prefix.length; i++) {
      if (bytes[i] != prefix[i]) {
        return false;
      }
    }
    return true;
  }
}
