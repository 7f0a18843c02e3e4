package dev.tidemark.store.dedup;

import dev.tidemark.schemas.cursor.Watermark.Range;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Offsets whose frames will never be durable, as ranges apart from each other. As bytes: first and
 * last offset of each range, ascending, 8 bytes each, big-endian. Owned by one thread.
 */
final class Holes {
  private final TreeMap<Long, Long> lastByFirst = new TreeMap<>();

  static Holes decode(byte[] bytes) {
    Holes holes = new Holes();
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    while (buffer.hasRemaining()) {
      holes.add(buffer.getLong(), buffer.getLong());
    }
    return holes;
  }

  byte[] encode() {
    ByteBuffer buffer = ByteBuffer.allocate(16 * lastByFirst.size());
    lastByFirst.forEach((first, last) -> buffer.putLong(first).putLong(last));
    return buffer.array();
  }

  /** Adds a range, joined with those that it touches. */
  void add(long first, long last) {
    long from = first;
    long to = last;
    Map.Entry<Long, Long> before = lastByFirst.floorEntry(to + 1);
    while (before != null && before.getValue() >= from - 1) {
      from = Math.min(from, before.getKey());
      to = Math.max(to, before.getValue());
      lastByFirst.remove(before.getKey());
      before = lastByFirst.floorEntry(to + 1);
    }
    lastByFirst.put(from, to);
  }

  /** Those that begin at or below {@code offset}, cut there. */
  List<Range> upTo(long offset) {
    List<Range> ranges = new ArrayList<>();
    lastByFirst
        .headMap(offset, true)
        .forEach((first, last) -> ranges.add(new Range(first, Math.min(last, offset))));
    return ranges;
  }
}
