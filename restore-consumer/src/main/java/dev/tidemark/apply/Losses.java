package dev.tidemark.apply;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts what this process or the target's filesystem could not keep of entries that are otherwise
 * right; the first of each kind is logged. Safe from several threads.
 */
public final class Losses {
  private static final Logger log = LoggerFactory.getLogger(Losses.class);

  private final Map<Kind, Loss> losses = new EnumMap<>(Kind.class);

  /** What was lost. */
  public enum Kind {
    OWNERS("owners"),
    USER_ATTRIBUTES("user.* attributes"),
    TRUSTED_ATTRIBUTES("trusted.* attributes"),
    SECURITY_ATTRIBUTES("security.* attributes"),
    ACLS("access control lists"),
    OTHER_ATTRIBUTES("other attributes"),
    HARD_LINKS("hard links, written as files of their own"),
    /** The entry itself is missing. */
    CHARACTER_DEVICES("character devices, which are left out"),
    /** The entry itself is missing. */
    BLOCK_DEVICES("block devices, which are left out");

    private final String text;

    Kind(String text) {
      this.text = text;
    }

    /** For a message, in the plural. */
    public String text() {
      return text;
    }

    /** Whether the entry itself is not there. */
    public boolean isEntry() {
      return this == CHARACTER_DEVICES || this == BLOCK_DEVICES;
    }
  }

  /**
   * All that was lost of one kind.
   *
   * @param count of entries or attributes
   * @param first why, and of which path
   */
  public record Loss(Kind kind, long count, String first) {}

  /** Notes one loss. */
  public void add(Kind kind, Exception cause) {
    String reason = cause.getMessage() == null ? cause.toString() : cause.getMessage();
    synchronized (losses) {
      Loss before = losses.get(kind);
      if (before != null) {
        losses.put(kind, new Loss(kind, before.count() + 1, before.first()));
        return;
      }
      losses.put(kind, new Loss(kind, 1, reason));
    }
    log.atWarn().addKeyValue("what", kind.text()).addKeyValue("first", reason).log("not kept");
  }

  /** What was lost up to now, a line for each kind. */
  public List<Loss> list() {
    synchronized (losses) {
      return List.copyOf(new ArrayList<>(losses.values()));
    }
  }
}
