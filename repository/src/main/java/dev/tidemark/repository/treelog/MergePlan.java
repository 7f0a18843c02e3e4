package dev.tidemark.repository.treelog;

import java.util.ArrayList;
import java.util.List;

/**
 * Which segments to merge. Segments are of four levels, by how many changes they hold; a number of
 * neighbours of a level, with smaller ones between them, becomes one of the next. So a change is
 * written again a few times at most, and between two full segments stand few that are not. Segments
 * that overlap are merged whatever they hold.
 */
final class MergePlan {
  /** A merged segment is not made longer than about this. */
  static final long TARGET_BYTES = 1 << 20;

  /** Or than this; what a merge holds in memory. */
  static final long TARGET_CHANGES = 1 << 14;

  /** How many of a level usually make one of the next. */
  static final int FAN = 64;

  private static final int LEVELS = 3;

  private final List<LogSegment> segments;
  private final Gaps removed;
  private final int fan;

  /**
   * @param segments those that readers need, in any order
   * @param removed what is gone: a segment that holds any of it is left as it is
   * @param fan how many of a level make one of the next
   */
  MergePlan(List<LogSegment> segments, Gaps removed, int fan) {
    this.fan = fan;
    this.segments = segments.stream().sorted(LogCompaction.BY_FIRST).toList();
    this.removed = removed;
  }

  /**
   * A segment, or several that overlap, which only one merged segment can hold.
   *
   * @param last the highest of its members
   */
  record Item(long first, long last, long bytes, List<LogSegment> members) {
    Item {
      members = List.copyOf(members);
    }

    static Item of(LogSegment segment) {
      return new Item(segment.first(), segment.last(), segment.bytes(), List.of(segment));
    }

    private Item with(LogSegment other) {
      List<LogSegment> all = new ArrayList<>(members);
      all.add(other);
      return new Item(first, Math.max(last, other.last()), bytes + other.bytes(), all);
    }

    long changes() {
      return last - first + 1;
    }

    private int level(int fan) {
      if (bytes >= TARGET_BYTES / 2 || changes() >= TARGET_CHANGES / 2) {
        return LEVELS;
      }
      return changes() < fan ? 0 : changes() < (long) fan * fan ? 1 : 2;
    }
  }

  /** Items that are to become one segment each; every group has two segments at least. */
  List<List<Item>> groups() {
    List<List<Item>> runs = runs();
    List<List<Item>> groups = new ArrayList<>();
    for (List<Item> run : runs) {
      for (Item item : run) {
        if (item.members().size() > 1) {
          groups.add(List.of(item));
        }
      }
    }
    for (int level = 0; level < LEVELS && groups.isEmpty(); level++) {
      for (List<Item> run : runs) {
        addGroups(run, level, groups);
      }
    }
    return groups;
  }

  /** Items that follow each other directly, with nothing gone in them. */
  private List<List<Item>> runs() {
    List<List<Item>> runs = new ArrayList<>();
    List<Item> run = new ArrayList<>();
    for (LogSegment segment : segments) {
      if (removed.meets(segment.first(), segment.last())) {
        continue;
      }
      Item before = run.isEmpty() ? null : run.getLast();
      if (before != null && segment.first() <= before.last()) {
        run.set(run.size() - 1, before.with(segment));
      } else {
        if (before != null && segment.first() != before.last() + 1) {
          runs.add(run);
          run = new ArrayList<>();
        }
        run.add(Item.of(segment));
      }
    }
    runs.add(run);
    return runs;
  }

  private void addGroups(List<Item> run, int level, List<List<Item>> groups) {
    List<Item> stretch = new ArrayList<>();
    for (Item item : run) {
      if (item.level(fan) > level) {
        addStretch(stretch, level, groups);
        stretch = new ArrayList<>();
      } else {
        stretch.add(item);
      }
    }
    addStretch(stretch, level, groups);
  }

  private void addStretch(List<Item> stretch, int level, List<List<Item>> groups) {
    long ofLevel = stretch.stream().filter(item -> item.level(fan) == level).count();
    long bytes = stretch.stream().mapToLong(Item::bytes).sum();
    long changes = stretch.stream().mapToLong(Item::changes).sum();
    boolean fillsOne =
        level == LEVELS - 1 && ofLevel > 1 && (bytes >= TARGET_BYTES || changes >= TARGET_CHANGES);
    if (ofLevel < fan && !fillsOne) {
      return;
    }
    List<Item> group = new ArrayList<>();
    long groupBytes = 0;
    long groupChanges = 0;
    for (Item item : stretch) {
      group.add(item);
      groupBytes += item.bytes();
      groupChanges += item.changes();
      if (groupBytes >= TARGET_BYTES || groupChanges >= TARGET_CHANGES) {
        addGroup(group, groups);
        group = new ArrayList<>();
        groupBytes = 0;
        groupChanges = 0;
      }
    }
    // What does not fill one waits for more, but for the small ones that have waited enough.
    if (!fillsOne) {
      addGroup(group, groups);
    }
  }

  private static void addGroup(List<Item> group, List<List<Item>> groups) {
    if (group.size() > 1) {
      groups.add(group);
    }
  }
}
