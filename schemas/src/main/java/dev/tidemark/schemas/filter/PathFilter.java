package dev.tidemark.schemas.filter;

import dev.tidemark.schemas.change.DisplayText;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.eclipse.jgit.ignore.FastIgnoreRule;

/**
 * Patterns of {@code .gitignore}, relative to the root of the tree; the last one that matches
 * decides. As in git, nothing below an excluded directory can be included again.
 *
 * <p>Names are bytes: a pattern matches the bytes that it was written with.
 */
public final class PathFilter {
  /** Excludes nothing. */
  public static final PathFilter NONE = new PathFilter(List.of(), List.of());

  /**
   * Bytes that are no plain ASCII become characters of a private area: so every byte is one
   * character, and none of them is a line's end, which a regular expression's dot would pass over
   * (U+0085 and newlines among them).
   */
  private static final char PRIVATE = '\uE000';

  private final List<FastIgnoreRule> rules;
  private final List<AnchoredPattern> anchored;

  private PathFilter(List<FastIgnoreRule> rules, List<AnchoredPattern> anchored) {
    this.rules = List.copyOf(rules);
    this.anchored = List.copyOf(anchored);
  }

  /**
   * Takes patterns in their order; empty ones and those that begin with {@code #} say nothing.
   *
   * @throws PatternException if one is malformed; names it
   */
  public static PathFilter of(List<byte[]> patterns) throws PatternException {
    List<FastIgnoreRule> rules = new ArrayList<>();
    List<AnchoredPattern> anchored = new ArrayList<>();
    for (byte[] pattern : patterns) {
      String text = text(pattern, 0, pattern.length);
      if (text.isBlank() || text.startsWith("#")) {
        continue;
      }
      FastIgnoreRule rule = new FastIgnoreRule(text);
      if (rule.isEmpty()) {
        throw new PatternException(
            "pattern \"%s\" is malformed: expected the syntax of .gitignore"
                .formatted(DisplayText.of(pattern)));
      }
      rules.add(rule);
      AnchoredPattern.parse(text).ifPresent(anchored::add);
    }
    return rules.isEmpty() ? NONE : new PathFilter(rules, anchored);
  }

  public boolean isEmpty() {
    return rules.isEmpty();
  }

  /** Whether a directory is no part of the tree; what is above it is. */
  public boolean excludesDirectory(byte[] parent, byte[] name) {
    return excludes(parent, name, true);
  }

  /** The same for anything that is no directory. */
  public boolean excludesFile(byte[] parent, byte[] name) {
    return excludes(parent, name, false);
  }

  /** Whether {@link #excludesFile} and {@link #excludesDirectory} look at the parent at all. */
  public boolean isAboutPaths() {
    return !anchored.isEmpty();
  }

  private boolean excludes(byte[] parent, byte[] name, boolean isDirectory) {
    if (rules.isEmpty() || name.length == 0) {
      return false;
    }
    String path = text(name, 0, name.length);
    if (isAboutPaths() && parent.length > 0) {
      path = text(parent, 0, parent.length) + '/' + path;
    }
    for (FastIgnoreRule rule : rules.reversed()) {
      if (rule.isMatch(path, isDirectory, true)) {
        return rule.getResult();
      }
    }
    return false;
  }

  /**
   * Whether what is below a directory is filtered alike at two places, whatever it is called: else
   * a rename of the directory makes entries come and go.
   */
  public boolean isSameBelow(byte[] one, byte[] other) {
    if (anchored.isEmpty()) {
      return true;
    }
    List<String> first = segments(one);
    List<String> second = segments(other);
    return anchored.stream().allMatch(p -> p.reached(first).equals(p.reached(second)));
  }

  private static List<String> segments(byte[] path) {
    List<String> segments = new ArrayList<>();
    int start = 0;
    for (int i = 0; i <= path.length; i++) {
      if (i == path.length || path[i] == '/') {
        if (i > start) {
          segments.add(text(path, start, i));
        }
        start = i + 1;
      }
    }
    return segments;
  }

  private static String text(byte[] bytes, int from, int to) {
    char[] text = new char[to - from];
    for (int i = from; i < to; i++) {
      boolean plain = bytes[i] >= ' ' || bytes[i] == '\t';
      text[i - from] = plain ? (char) bytes[i] : (char) (PRIVATE + (bytes[i] & 0xff));
    }
    return new String(text);
  }

  /** A pattern with a slash before its end: what it matches depends on where that stands. */
  private record AnchoredPattern(List<Optional<FastIgnoreRule>> segments) {
    /** Empty for a pattern that matches a name wherever it stands. */
    static Optional<AnchoredPattern> parse(String pattern) {
      String body = pattern.startsWith("!") ? pattern.substring(1) : pattern;
      String trimmed = body.replaceFirst("/+\\s*$", "");
      if (trimmed.indexOf('/') < 0) {
        return Optional.empty();
      }
      List<Optional<FastIgnoreRule>> segments = new ArrayList<>();
      for (String segment : trimmed.split("/", -1)) {
        if (segment.equals("**")) {
          segments.add(Optional.empty());
        } else if (!segment.isEmpty()) {
          // Between slashes, where no character has a meaning at the beginning or the end alone.
          segments.add(Optional.of(new FastIgnoreRule("/" + segment + "/")));
        }
      }
      return Optional.of(new AnchoredPattern(segments));
    }

    /** How many leading segments can have been used up by a path, in all ways to do so. */
    Set<Integer> reached(List<String> path) {
      Set<Integer> at = closure(Set.of(0));
      for (String name : path) {
        Set<Integer> next = new TreeSet<>();
        for (int i : at) {
          if (i == segments.size()) {
            continue;
          }
          Optional<FastIgnoreRule> segment = segments.get(i);
          if (segment.isEmpty()) {
            next.add(i);
          } else if (segment.get().isMatch(name, true, true)) {
            next.add(i + 1);
          }
        }
        at = closure(next);
      }
      at.remove(segments.size());
      return at;
    }

    /** Two stars may stand for no segment at all. */
    private Set<Integer> closure(Set<Integer> from) {
      Set<Integer> all = new TreeSet<>();
      for (int i : from) {
        int next = i;
        all.add(next);
        while (next < segments.size() && segments.get(next).isEmpty()) {
          all.add(++next);
        }
      }
      return all;
    }
  }
}
