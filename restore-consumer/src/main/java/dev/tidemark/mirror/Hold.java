package dev.tidemark.mirror;

import java.nio.ByteBuffer;
import java.util.UUID;

/**
 * That a standby is to stand at a sequence, and how far it is with that. Kept in its state: 34
 * bytes, big-endian.
 *
 * <pre>
 * field      bytes  meaning
 * stage      1      number of the stage
 * is ours    1      1 if all that stands in the target was put there by this standby
 * sequence   8
 * log time   8      milliseconds, effective; 0 until it stands
 * command    16     which asked for it; 0 if the configuration did
 * </pre>
 */
record Hold(Stage stage, boolean ours, long sequence, long logTimeMillis, UUID command) {
  static final UUID CONFIGURED = new UUID(0, 0);

  private static final int BYTES = 34;

  /** Only appended to: the number is kept. */
  enum Stage {
    /** It follows the log, until it comes there. */
    AHEAD,
    /** It is made equal to the tree of before; what is applied counts for nothing meanwhile. */
    BACK,
    /** It stands there. */
    STANDING,
    /** It stood at what was before, and is to follow again; the state tells what it stood at. */
    RELEASED,
    /** It is being made equal to the newest; the state is no longer what the target has. */
    COMPARED,
    /** It stands at another place of before, which the state tells, and is to stand here. */
    ELSEWHERE
  }

  static Hold at(long sequence, UUID command, boolean ours) {
    return new Hold(Stage.AHEAD, ours, sequence, 0, command);
  }

  Hold in(Stage newStage) {
    return new Hold(newStage, ours, sequence, logTimeMillis, command);
  }

  Hold standing(long atSequence, long atMillis) {
    return new Hold(Stage.STANDING, true, atSequence, atMillis, command);
  }

  /** Whether it is to follow again. */
  boolean isReleased() {
    return stage == Stage.RELEASED || stage == Stage.COMPARED;
  }

  /** Whether nothing was done to the target yet: it is what it was before this was asked for. */
  boolean isUntouched() {
    return stage == Stage.AHEAD || stage == Stage.ELSEWHERE;
  }

  boolean isConfigured() {
    return command.equals(CONFIGURED);
  }

  byte[] encode() {
    return ByteBuffer.allocate(BYTES)
        .put((byte) stage.ordinal())
        .put((byte) (ours ? 1 : 0))
        .putLong(sequence)
        .putLong(logTimeMillis)
        .putLong(command.getMostSignificantBits())
        .putLong(command.getLeastSignificantBits())
        .array();
  }

  static Hold decode(byte[] bytes) {
    ByteBuffer in = ByteBuffer.wrap(bytes);
    return new Hold(
        Stage.values()[in.get()],
        in.get() == 1,
        in.getLong(),
        in.getLong(),
        new UUID(in.getLong(), in.getLong()));
  }
}
