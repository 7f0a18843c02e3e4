package dev.tidemark.repository.verify;

import dev.tidemark.repository.verify.Damage.Touch;
import dev.tidemark.schemas.chunk.ChunkId;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Gathers damages by what is damaged, and bounds what is kept of each. */
final class DamageList {
  private static final int MAX_TOUCHES = 100;

  private final Map<String, Entry> entries = new LinkedHashMap<>();
  private final Set<ChunkId> lost = new HashSet<>();
  private long dropped;

  private static final class Entry {
    private final String what;
    private final List<Touch> touches = new ArrayList<>();
    private long touchCount;

    Entry(String what) {
      this.what = what;
    }
  }

  /** Tells of damage; only the first account of a subject is kept. */
  void add(String subject, String what) {
    if (entries.size() < VerifyReport.MAX_DAMAGES) {
      entries.putIfAbsent(subject, new Entry(what));
    } else if (!entries.containsKey(subject)) {
      dropped++;
    }
  }

  /** Tells what a damage touches. */
  void touch(String subject, String what, Touch touch) {
    add(subject, what);
    Entry entry = entries.get(subject);
    if (entry != null) {
      entry.touchCount++;
      if (entry.touches.size() < MAX_TOUCHES) {
        entry.touches.add(touch);
      }
    }
  }

  /** A chunk that is named can be read nowhere. */
  void lose(ChunkId id) {
    lost.add(id);
  }

  Set<ChunkId> lost() {
    return lost;
  }

  List<Damage> damages() {
    List<Damage> damages = new ArrayList<>(entries.size());
    entries.forEach(
        (subject, entry) ->
            damages.add(new Damage(subject, entry.what, entry.touches, entry.touchCount)));
    return damages;
  }

  long count() {
    return entries.size() + dropped;
  }
}
