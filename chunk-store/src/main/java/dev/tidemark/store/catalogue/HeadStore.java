package dev.tidemark.store.catalogue;

import dev.tidemark.schemas.change.TreeName;
import dev.tidemark.schemas.codec.Records;
import dev.tidemark.schemas.codec.UnreadableRecordException;
import dev.tidemark.schemas.cursor.Cursor;
import dev.tidemark.schemas.cursor.Head;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;

/**
 * The heads of one partition's trees, as they have to be when offsets are committed, which may be
 * after any record.
 *
 * <pre>
 * key         value
 * tree        the head, as published
 * tree + "/"  what moves with every change, 8 bytes each, big-endian: accepted next offset, number, sequence, last offset,
 *             log time; last heartbeat; rejected, repeated, gapped
 * </pre>
 *
 * The second is there only while it is newer than the first: encoding a whole head for every change
 * would take a third of the thread's time. Owned by the stream thread.
 */
final class HeadStore {
  private static final String PROGRESS = "/";
  private static final int PROGRESS_BYTES = 9 * Long.BYTES;

  private final KeyValueStore<String, byte[]> store;

  /** Heads as they were last saved whole. */
  private final Map<TreeName, Head> whole = new HashMap<>();

  /** Trees whose progress is newer. */
  private final Set<TreeName> progressed = new HashSet<>();

  HeadStore(KeyValueStore<String, byte[]> store) {
    this.store = store;
  }

  List<Head> load() throws UnreadableRecordException {
    Map<String, byte[]> kept = new HashMap<>();
    try (KeyValueIterator<String, byte[]> entries = store.all()) {
      while (entries.hasNext()) {
        KeyValue<String, byte[]> entry = entries.next();
        kept.put(entry.key, entry.value);
      }
    }
    List<Head> heads = new ArrayList<>();
    for (Map.Entry<String, byte[]> entry : kept.entrySet()) {
      if (!entry.getKey().endsWith(PROGRESS)) {
        Head head = Records.decodeHead(entry.getValue());
        whole.put(head.tree(), head);
        byte[] progress = kept.get(entry.getKey() + PROGRESS);
        if (progress != null) {
          progressed.add(head.tree());
          head = withProgress(head, progress);
        }
        heads.add(head);
      }
    }
    return heads;
  }

  /** Saves the head in the cheapest way that loses nothing. */
  void save(Head head) {
    Head before = whole.get(head.tree());
    if (before != null && isProgressOf(head, before)) {
      store.put(head.tree().value() + PROGRESS, progress(head));
      progressed.add(head.tree());
    } else {
      saveWhole(head);
    }
  }

  /** Saves the head as it is published, and answers that form. */
  byte[] saveWhole(Head head) {
    byte[] encoded = Records.encode(head);
    store.put(head.tree().value(), encoded);
    if (progressed.remove(head.tree())) {
      store.delete(head.tree().value() + PROGRESS);
    }
    whole.put(head.tree(), head);
    return encoded;
  }

  private static boolean isProgressOf(Head head, Head before) {
    Cursor now = head.accepted();
    Cursor then = before.accepted();
    return head.sealed().equals(before.sealed())
        && head.sealingFault().equals(before.sealingFault())
        && now.changesTopic().equals(then.changesTopic())
        && now.partition() == then.partition()
        && now.epoch().equals(then.epoch())
        && now.host().equals(then.host())
        && now.ended().equals(then.ended())
        && now.terms().equals(then.terms())
        && now.tags().equals(then.tags())
        && now.openScan() == then.openScan()
        && now.scanCompleted() == then.scanCompleted()
        && now.fault().equals(then.fault());
  }

  private static byte[] progress(Head head) {
    Cursor at = head.accepted();
    return ByteBuffer.allocate(PROGRESS_BYTES)
        .putLong(at.nextOffset())
        .putLong(at.number())
        .putLong(at.sequence())
        .putLong(at.lastOffset())
        .putLong(at.logTimeMillis())
        .putLong(head.lastHeartbeatMillis())
        .putLong(head.rejected())
        .putLong(head.repeated())
        .putLong(head.gapped())
        .array();
  }

  private static Head withProgress(Head head, byte[] progress) {
    ByteBuffer at = ByteBuffer.wrap(progress);
    Cursor then = head.accepted();
    long nextOffset = at.getLong();
    long number = at.getLong();
    long sequence = at.getLong();
    long lastOffset = at.getLong();
    Cursor accepted =
        new Cursor(
            then.changesTopic(),
            then.partition(),
            nextOffset,
            then.epoch(),
            then.host(),
            number,
            then.ended(),
            sequence,
            lastOffset,
            at.getLong(),
            then.terms(),
            then.tags(),
            then.openScan(),
            then.scanCompleted(),
            then.fault());
    return new Head(
        head.tree(),
        accepted,
        head.sealed(),
        at.getLong(),
        head.sealingFault(),
        at.getLong(),
        at.getLong(),
        at.getLong());
  }
}
