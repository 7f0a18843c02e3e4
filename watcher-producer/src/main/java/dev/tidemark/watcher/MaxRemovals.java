package dev.tidemark.watcher;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How many published entries a comparison of the tree may find gone. Past it nothing of them is
 * removed and the watcher stops: a root that is not mounted, or was emptied, must not empty its
 * standbys. What events tell of one by one is not limited.
 */
public sealed interface MaxRemovals {
  /**
   * Not everything, if nothing stands in the root any more; and otherwise not more than half of the
   * entries where that is more than 1,000.
   */
  record Usual() implements MaxRemovals {
    private static final long FEW = 1_000;

    @Override
    public boolean allows(long gone, long of, RootState root) {
      return root == RootState.IN_USE && (gone <= FEW || gone <= of / 2);
    }

    @Override
    public String toString() {
      return "half of more than 1,000, and not all";
    }
  }

  /** At most so many. */
  record Count(long entries) implements MaxRemovals {
    public Count {
      if (entries < 0) {
        throw new IllegalArgumentException(
            "max-removals %d: expected 0 or more".formatted(entries));
      }
    }

    @Override
    public boolean allows(long gone, long of, RootState root) {
      return gone <= entries;
    }

    @Override
    public String toString() {
      return Long.toString(entries);
    }
  }

  /** At most so much of all entries, with 100 without limit. */
  record Percent(int percent) implements MaxRemovals {
    public Percent {
      if (percent < 0 || percent > 100) {
        throw new IllegalArgumentException(
            "max-removals %d%%: expected 0%% to 100%%".formatted(percent));
      }
    }

    @Override
    public boolean allows(long gone, long of, RootState root) {
      return gone * 100 <= of * percent;
    }

    @Override
    public String toString() {
      return percent + "%";
    }
  }

  /** What a comparison found in the root itself. */
  enum RootState {
    IN_USE,
    EMPTY
  }

  /** The default. */
  MaxRemovals USUAL = new Usual();

  /**
   * Whether so many may go.
   *
   * @param gone entries published and not there any more, those below a directory included
   * @param of entries that were published
   */
  boolean allows(long gone, long of, RootState root);

  /**
   * Reads a count ({@code 5000}) or a share ({@code 20%}).
   *
   * @throws IllegalArgumentException if it is neither
   */
  static MaxRemovals parse(String text) {
    Matcher matcher = Pattern.compile("(\\d{1,18})(%?)").matcher(text);
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          "max-removals \"%s\": expected a count such as 5000, or a share such as 20%%"
              .formatted(text));
    }
    long number = Long.parseLong(matcher.group(1));
    return matcher.group(2).isEmpty()
        ? new Count(number)
        : new Percent((int) Math.min(number, Integer.MAX_VALUE));
  }
}
