package dev.tidemark.mirror;

import dev.tidemark.filesystem.entry.Batch;
import dev.tidemark.filesystem.entry.EntryStore;
import dev.tidemark.filesystem.entry.Table;
import dev.tidemark.schemas.cursor.CommandReport;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.UUID;

/**
 * What a standby keeps beside the tree that it has applied: where it is to stand, what it was told,
 * what its target is and holds. Each is written at once, not with the next commit of the entries.
 */
final class StandbyNotes {
  private static final byte[] DURABLE = key("durable-sequence");
  private static final byte[] BOOT = key("boot-id");
  private static final byte[] TARGET = key("target");
  private static final byte[] HOLD = key("hold");
  private static final byte[] HELD_BOUND = key("held-bound");
  private static final byte[] HOLD_BEFORE = key("hold-before");
  private static final byte[] BOUND_BEFORE = key("bound-before");
  private static final byte[] PASSED_BOUND = key("passed-bound");
  private static final byte[] COMMAND = key("command");
  private static final byte[] DRIFTED = key("drift-found");
  private static final byte[] SUBSET = key("subset");
  private static final byte[] SUBSET_CHANGES = key("subset-changes");

  private final EntryStore store;
  private final Table table;
  private Subset subset;

  /**
   * @param table in which they are, by keys that nothing else there has
   */
  StandbyNotes(EntryStore store, Table table) throws IOException {
    this.store = store;
    this.table = table;
    Optional<byte[]> encoded = store.get(table, SUBSET);
    this.subset = encoded.isEmpty() ? Subset.ALL : Subset.of(PathList.decode(encoded.get()));
  }

  /** The sequence that survives a power loss of the boot it was recorded in. */
  long durableSequence() throws IOException {
    return store.get(table, DURABLE).map(bytes -> ByteBuffer.wrap(bytes).getLong()).orElse(0L);
  }

  /** The boot of the machine in which this state was last written; empty if it never was. */
  String bootId() throws IOException {
    return text(BOOT);
  }

  void putBootId(String bootId) throws IOException {
    put(BOOT, key(bootId));
    store.sync();
  }

  /** Records, durably, what the target's filesystem has been told to keep. */
  void putDurable(long sequence) throws IOException {
    put(DURABLE, ByteBuffer.allocate(Long.BYTES).putLong(sequence).array());
    store.sync();
  }

  /** Where this standby is to stand; empty if it follows. Survives that all else is forgotten. */
  Optional<Hold> hold() throws IOException {
    return store.get(table, HOLD).map(Hold::decode);
  }

  /**
   * @param bound the configuration's bound that it comes from; empty if a command asks for it
   */
  void putHold(Hold hold, String bound) throws IOException {
    try (Batch batch = store.batch()) {
      batch.put(table, HOLD, hold.encode());
      batch.put(table, HELD_BOUND, key(bound));
      if (!hold.isUntouched()) {
        batch.remove(table, HOLD_BEFORE);
        batch.remove(table, BOUND_BEFORE);
      }
      batch.commit();
    }
  }

  /**
   * A command asks for another place. Where this standby stands is kept until the target is
   * changed, for {@link #restoreHold}.
   */
  void replaceHold(Hold hold) throws IOException {
    Optional<byte[]> now = store.get(table, HOLD);
    try (Batch batch = store.batch()) {
      if (now.isPresent() && !Hold.decode(now.get()).isUntouched()) {
        batch.put(table, HOLD_BEFORE, now.get());
        batch.put(table, BOUND_BEFORE, key(heldBound()));
      }
      batch.put(table, HOLD, hold.encode());
      batch.put(table, HELD_BOUND, new byte[0]);
      batch.commit();
    }
  }

  /** It stands where it stood before the command; false if it stood nowhere. */
  boolean restoreHold() throws IOException {
    Optional<byte[]> before = store.get(table, HOLD_BEFORE);
    if (before.isPresent()) {
      putHold(Hold.decode(before.get()), text(BOUND_BEFORE));
    }
    return before.isPresent();
  }

  void clearHold() throws IOException {
    try (Batch batch = store.batch()) {
      for (byte[] key : new byte[][] {HOLD, HELD_BOUND, HOLD_BEFORE, BOUND_BEFORE}) {
        batch.remove(table, key);
      }
      batch.commit();
    }
  }

  /** The bound that the hold comes from. */
  String heldBound() throws IOException {
    return text(HELD_BOUND);
  }

  /** The bound of which a command said that it counts no longer. */
  String passedBound() throws IOException {
    return text(PASSED_BOUND);
  }

  void putPassedBound(String bound) throws IOException {
    put(PASSED_BOUND, key(bound));
  }

  /** What has become of the last command that was taken; empty before any could be. */
  Optional<CommandReport> command() throws IOException {
    String text = text(COMMAND);
    if (text.isEmpty()) {
      return Optional.empty();
    }
    String[] words = text.split(" ", 3);
    return Optional.of(
        new CommandReport(
            UUID.fromString(words[0]), CommandReport.State.valueOf(words[1]), 0, words[2]));
  }

  void putCommand(CommandReport report) throws IOException {
    String text = "%s %s %s".formatted(report.id(), report.state(), report.detail());
    put(COMMAND, key(text));
  }

  /** Others have changed the target: it has to be compared with this state, and mended. */
  void noteDrift() throws IOException {
    put(DRIFTED, new byte[0]);
    store.sync();
  }

  boolean isDriftNoted() throws IOException {
    return store.get(table, DRIFTED).isPresent();
  }

  /** It was mended. */
  void forgetDrift() throws IOException {
    remove(DRIFTED);
  }

  /**
   * What stands in the target of the tree; the state has all of it. What does not stand there has a
   * signature that means nothing.
   */
  Subset subset() {
    return subset;
  }

  /** The target is to be made to hold another part of the tree, durably noted. */
  void putSubset(Subset wanted) throws IOException {
    try (Batch batch = store.batch()) {
      batch.put(table, SUBSET, PathList.encode(wanted.paths()));
      batch.put(table, SUBSET_CHANGES, new byte[0]);
      batch.commit();
    }
    store.sync();
    subset = wanted;
  }

  /** Whether the target may hold more, or less, than the subset. */
  boolean isSubsetChanging() throws IOException {
    return store.get(table, SUBSET_CHANGES).isPresent();
  }

  /** It holds the subset. */
  void subsetChanged() throws IOException {
    remove(SUBSET_CHANGES);
  }

  /** Which directory this state is about; empty before the first bootstrap. */
  String target() throws IOException {
    return text(TARGET);
  }

  void putTarget(String identity) throws IOException {
    put(TARGET, identity.getBytes(StandardCharsets.UTF_8));
  }

  private void put(byte[] key, byte[] value) throws IOException {
    try (Batch batch = store.batch()) {
      batch.put(table, key, value);
      batch.commit();
    }
  }

  private void remove(byte[] key) throws IOException {
    try (Batch batch = store.batch()) {
      batch.remove(table, key);
      batch.commit();
    }
  }

  private String text(byte[] key) throws IOException {
    return store.get(table, key).map(bytes -> new String(bytes, StandardCharsets.UTF_8)).orElse("");
  }

  private static byte[] key(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
