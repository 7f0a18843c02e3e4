package dev.tidemark.schemas.trace;

import dev.tidemark.schemas.change.Change;
import dev.tidemark.schemas.change.Change.Body;
import dev.tidemark.schemas.change.Change.Cause;
import dev.tidemark.schemas.change.Epoch;
import dev.tidemark.schemas.change.TreeName;
import dev.tidemark.schemas.cursor.Cursor;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;
import java.util.UUID;

/**
 * A change as all know it that meet it on its way.
 *
 * <p>Its trace id is the beginning of the SHA-256 of the topic's id, the epoch, the number and the
 * tree's name; a span's id that of the trace id, the step's text and who takes it. Both are spread
 * evenly, so that sampling by the trace id takes the same changes everywhere.
 *
 * @param changesTopic Kafka's id of the topic: epochs and numbers of another one mean others
 */
public record TracedChange(
    UUID changesTopic, TreeName tree, Epoch epoch, long number, Cause cause, Body body) {
  private static final int TRACE_BYTES = 16;
  private static final int SPAN_BYTES = 8;

  /**
   * A change that a reader has accepted; empty if it is one that is not traced, see {@link
   * #isTraced}.
   *
   * @param after where the reader stands after it
   */
  public static Optional<TracedChange> of(Change change, Cursor after) {
    if (!isTraced(change.cause(), change.body())) {
      return Optional.empty();
    }
    return Optional.of(
        new TracedChange(
            after.changesTopic(),
            change.tree(),
            after.epoch(),
            change.number(),
            change.cause(),
            change.body()));
  }

  /**
   * Whether it is the change of an entry that somebody made while the writer watched: not a mark,
   * nor one of the many that the scan of a start finds.
   */
  public static boolean isTraced(Cause cause, Body body) {
    return cause != Cause.SCAN
        && switch (body) {
          case Change.Put _, Change.Remove _, Change.Move _, Change.Exchange _ -> true;
          case Change.Keep _, Change.Mark _ -> false;
        };
  }

  /** In 32 hexadecimal digits. */
  public String traceId() {
    byte[] name = tree.value().getBytes(StandardCharsets.UTF_8);
    ByteBuffer identity = ByteBuffer.allocate(2 * 16 + 2 * Long.BYTES + name.length);
    put(identity, changesTopic);
    identity.putLong(epoch.offset());
    put(identity, epoch.writer());
    identity.putLong(number).put(name);
    return HexFormat.of().formatHex(digest(identity.array()), 0, TRACE_BYTES);
  }

  private static void put(ByteBuffer into, UUID id) {
    into.putLong(id.getMostSignificantBits()).putLong(id.getLeastSignificantBits());
  }

  /**
   * In 16 hexadecimal digits.
   *
   * @param traceId of this change
   * @param who as told with the step; counts only for steps that each standby takes on its own
   */
  public static String spanId(String traceId, Step step, String who) {
    String taker = step.isOfOneStandby() ? who : "";
    byte[] identity =
        (traceId + '\0' + step.text() + '\0' + taker).getBytes(StandardCharsets.UTF_8);
    return HexFormat.of().formatHex(digest(identity), 0, SPAN_BYTES);
  }

  private static byte[] digest(byte[] of) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(of);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  /** What it does to its entry, in one word. */
  public String kind() {
    return switch (body) {
      case Change.Put _ -> "put";
      case Change.Remove _ -> "remove";
      case Change.Move _ -> "move";
      case Change.Exchange _ -> "exchange";
      case Change.Keep _ -> "keep";
      case Change.Mark _ -> "mark";
    };
  }

  /** The path that it is about, as it is shown; after a rename the new one. */
  public String path() {
    return switch (body) {
      case Change.Put(var path, _) -> path.toString();
      case Change.Remove(var path) -> path.toString();
      case Change.Keep(var path) -> path.toString();
      case Change.Move(_, var to) -> to.toString();
      case Change.Exchange(var first, _) -> first.toString();
      case Change.Mark _ -> "";
    };
  }
}
