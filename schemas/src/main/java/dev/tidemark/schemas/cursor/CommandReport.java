package dev.tidemark.schemas.cursor;

import java.util.UUID;

/**
 * What has become of a command to a standby.
 *
 * @param id the command's; {@link #NO_COMMAND} if there is none
 * @param entries dealt with so far
 * @param detail why it failed, else empty
 */
public record CommandReport(UUID id, State state, long entries, String detail) {
  public static final UUID NO_COMMAND = new UUID(0, 0);

  /** Of a standby that was never given a command. */
  public static final CommandReport NONE = new CommandReport(NO_COMMAND, State.UNKNOWN, 0, "");

  /** How far it is. */
  public enum State {
    /** No command, or a state that a newer version tells of. */
    UNKNOWN,
    WORKING,
    DONE,
    FAILED
  }

  public boolean isNone() {
    return id.equals(NO_COMMAND);
  }
}
