package dev.tidemark.browse;

import dev.tidemark.schemas.change.NodePath;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntPredicate;

/**
 * A pattern of names as shells have it. {@code *} is any run of characters of a name, {@code ?}
 * one, {@code [a-z]} and {@code [!a-z]} one of some or of the others; {@code \} takes the meaning
 * from the next. Without {@code /} it is matched with the last name of a path, else with all names
 * from the tree's root, {@code **} being any number of them. A byte that is no text counts as one
 * character.
 *
 * <p>Matching takes time in proportion to pattern times path at most.
 */
public final class Glob {
  /** Bytes that are no text are these and the byte: no text holds lone surrogates. */
  private static final int ESCAPE = 0xdc00;

  private static final Name ANY_NAMES = new Name(List.of());

  private final List<Name> names;
  private final boolean isPath;
  private final NodePath start;

  private Glob(List<Name> names, boolean isPath, NodePath start) {
    this.names = List.copyOf(names);
    this.isPath = isPath;
    this.start = start;
  }

  private enum Any implements IntPredicate {
    ONE,
    /** Any number of any characters. */
    RUN;

    @Override
    public boolean test(int character) {
      return true;
    }
  }

  /**
   * @param characters what each may be; none for any number of names
   */
  private record Name(List<IntPredicate> characters) {
    boolean isRun() {
      return characters.isEmpty();
    }

    boolean matches(int[] name) {
      return Glob.matches(
          characters.size(),
          name.length,
          at -> characters.get(at) == Any.RUN,
          (at, in) -> characters.get(at).test(name[in]));
    }
  }

  /**
   * Reads a pattern.
   *
   * @throws IllegalArgumentException if a {@code [} has no end
   */
  public static Glob parse(byte[] pattern) {
    boolean isPath = false;
    List<Name> names = new ArrayList<>();
    NodePath start = NodePath.ROOT;
    int from = 0;
    for (int i = 0; i <= pattern.length; i++) {
      if (i == pattern.length || pattern[i] == '/') {
        isPath |= i < pattern.length;
        byte[] name = Arrays.copyOfRange(pattern, from, i);
        // A slash at either end, or two of them, name nothing.
        if (name.length > 0) {
          boolean onlyPlainBefore = start.names().size() == names.size();
          names.add(name(name));
          if (i < pattern.length && onlyPlainBefore && isPlain(name)) {
            start = start.child(name);
          }
        }
        from = i + 1;
      }
    }
    if (names.isEmpty()) {
      throw new IllegalArgumentException("the pattern is empty: * is every name");
    }
    return new Glob(names, isPath, start);
  }

  private static boolean isPlain(byte[] name) {
    for (byte b : name) {
      if (b == '*' || b == '?' || b == '[' || b == '\\') {
        return false;
      }
    }
    return true;
  }

  /** Every path that is meant is this one or lies below. */
  public NodePath start() {
    return start;
  }

  private static Name name(byte[] bytes) {
    int[] text = decode(bytes);
    if (Arrays.equals(text, new int[] {'*', '*'})) {
      return ANY_NAMES;
    }
    List<IntPredicate> characters = new ArrayList<>();
    for (int i = 0; i < text.length; i++) {
      switch (text[i]) {
        case '*' -> characters.add(Any.RUN);
        case '?' -> characters.add(Any.ONE);
        case '[' -> {
          int end = endOfClass(text, i);
          characters.add(oneOf(text, i + 1, end));
          i = end;
        }
        case '\\' -> {
          i = Math.min(i + 1, text.length - 1);
          characters.add(is(text[i]));
        }
        default -> characters.add(is(text[i]));
      }
    }
    return new Name(List.copyOf(characters));
  }

  private static IntPredicate is(int character) {
    return other -> other == character;
  }

  /** A bracket that comes first, or behind the sign of negation, is one of the characters. */
  private static int endOfClass(int[] text, int from) {
    int i = from + 1;
    if (i < text.length && isNegation(text[i])) {
      i++;
    }
    for (i++; i < text.length; i++) {
      if (text[i] == ']') {
        return i;
      }
    }
    throw new IllegalArgumentException(
        "the pattern has a [ without a ]: \\[ is the character itself");
  }

  private static boolean isNegation(int character) {
    return character == '!' || character == '^';
  }

  private static IntPredicate oneOf(int[] text, int from, int to) {
    boolean negated = isNegation(text[from]);
    IntPredicate any = _ -> false;
    for (int i = negated ? from + 1 : from; i < to; i++) {
      int low = text[i];
      int high = low;
      if (i + 2 < to && text[i + 1] == '-') {
        high = text[i + 2];
        i += 2;
      }
      int last = high;
      any = any.or(character -> character >= low && character <= last);
    }
    return negated ? any.negate() : any;
  }

  /** Whether a path is meant; the root never is. */
  public boolean matches(NodePath path) {
    if (path.isRoot()) {
      return false;
    }
    if (!isPath) {
      Name name = names.getFirst();
      return name.isRun() || name.matches(decode(path.name()));
    }
    List<int[]> texts = path.names().stream().map(name -> decode(name.toArray())).toList();
    return matches(
        names.size(),
        texts.size(),
        at -> names.get(at).isRun(),
        (at, in) -> names.get(at).matches(texts.get(in)));
  }

  private interface Match {
    boolean test(int inPattern, int inText);
  }

  /**
   * Goes through pattern and text side by side. At a mismatch only the last run is made longer:
   * what an earlier one could take besides, that one can, too.
   */
  private static boolean matches(int pattern, int text, IntPredicate isRun, Match match) {
    int at = 0;
    int in = 0;
    int run = -1;
    int runEnd = 0;
    while (in < text) {
      if (at < pattern && isRun.test(at)) {
        run = at++;
        runEnd = in;
      } else if (at < pattern && match.test(at, in)) {
        at++;
        in++;
      } else if (run >= 0) {
        at = run + 1;
        in = ++runEnd;
      } else {
        return false;
      }
    }
    while (at < pattern && isRun.test(at)) {
      at++;
    }
    return at == pattern;
  }

  private static int[] decode(byte[] bytes) {
    CharsetDecoder decoder =
        StandardCharsets.UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPORT)
            .onUnmappableCharacter(CodingErrorAction.REPORT);
    ByteBuffer in = ByteBuffer.wrap(bytes);
    CharBuffer out = CharBuffer.allocate(bytes.length + 1);
    while (in.hasRemaining()) {
      CoderResult result = decoder.reset().decode(in, out, true);
      for (int bad = result.isError() ? result.length() : 0; bad > 0; bad--) {
        out.put((char) (ESCAPE + (in.get() & 0xff)));
      }
    }
    return out.flip().codePoints().toArray();
  }
}
