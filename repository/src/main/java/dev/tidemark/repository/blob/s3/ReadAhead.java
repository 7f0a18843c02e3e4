package dev.tidemark.repository.blob.s3;

import dev.tidemark.repository.blob.BlobName;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Remembers what was read ahead of small reads that follow each other in one blob, as those of a
 * restore do: a request costs as much as a MiB. Only who reads near the last place reads ahead, so
 * that one small file costs its own bytes.
 *
 * <p>Each byte is given out once. Who reads it again has perhaps found its bytes wrong, and shall
 * have them from the store. Bounded to {@value #MAX_WINDOWS} windows, the eldest going first;
 * thread-safe.
 */
final class ReadAhead {
  static final int WINDOW_BYTES = 1 << 20;

  private static final int MAX_WINDOWS = 16;
  private static final int MAX_PLACES = 256;

  private record Place(BlobName blob, long position) {}

  private record Range(long from, long end) {
    boolean overlaps(Range other) {
      return from < other.end && other.from < end;
    }
  }

  private record Window(byte[] bytes, List<Range> given) {}

  private final Map<Place, Window> windows = new LinkedHashMap<>();

  /** Where the last read of a blob ended. */
  private final Map<BlobName, Long> ends = new LinkedHashMap<>(16, 0.75f, true);

  /** What was read ahead, if it covers the range and was not given out before. */
  synchronized Optional<byte[]> take(BlobName blob, long position, int length) {
    for (Iterator<Map.Entry<Place, Window>> each = windows.entrySet().iterator();
        each.hasNext(); ) {
      Map.Entry<Place, Window> entry = each.next();
      long from = position - entry.getKey().position();
      Window window = entry.getValue();
      if (!entry.getKey().blob().equals(blob)
          || from < 0
          || from + length > window.bytes().length) {
        continue;
      }
      Range wanted = new Range(position, position + length);
      if (window.given().stream().anyMatch(wanted::overlaps)) {
        each.remove();
        return Optional.empty();
      }
      window.given().add(wanted);
      remember(blob, position + length);
      return Optional.of(Arrays.copyOfRange(window.bytes(), (int) from, (int) from + length));
    }
    return Optional.empty();
  }

  /** How much to read for a range that was not there: itself, or a window that begins with it. */
  synchronized int lengthToRead(BlobName blob, long position, int length) {
    Long end = ends.get(blob);
    boolean near = end != null && Math.abs(position - end) <= WINDOW_BYTES;
    return near && length <= WINDOW_BYTES / 2 ? WINDOW_BYTES : length;
  }

  /** Keeps what was read for a range of {@code length} at its beginning. */
  synchronized void keep(BlobName blob, long position, int length, byte[] read) {
    remember(blob, position + length);
    if (read.length <= length) {
      return;
    }
    List<Range> given = new ArrayList<>();
    given.add(new Range(position, position + length));
    windows.put(new Place(blob, position), new Window(read, given));
    if (windows.size() > MAX_WINDOWS) {
      Iterator<Place> eldest = windows.keySet().iterator();
      eldest.next();
      eldest.remove();
    }
  }

  private void remember(BlobName blob, long end) {
    ends.put(blob, end);
    if (ends.size() > MAX_PLACES) {
      Iterator<BlobName> eldest = ends.keySet().iterator();
      eldest.next();
      eldest.remove();
    }
  }

  /** Forgets a blob that is deleted. */
  synchronized void forget(BlobName blob) {
    windows.keySet().removeIf(place -> place.blob().equals(blob));
    ends.remove(blob);
  }
}
