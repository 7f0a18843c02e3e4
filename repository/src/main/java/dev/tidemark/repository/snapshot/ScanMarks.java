package dev.tidemark.repository.snapshot;

import dev.tidemark.schemas.change.Change;
import dev.tidemark.schemas.change.Change.Body;
import dev.tidemark.schemas.change.Metadata;
import dev.tidemark.schemas.change.Node;
import dev.tidemark.schemas.change.NodePath;
import dev.tidemark.schemas.tree.EntryStream;
import dev.tidemark.schemas.tree.Tree;
import dev.tidemark.schemas.tree.TreeEntry;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a full scan leaves at its end, as a tree of marks: at a path that was put, or below which
 * everything is kept, and at the directories above one. Marks are directories, told by their mode.
 */
final class ScanMarks {
  private static final Node ABOVE = mark(1);
  private static final Node PUT = mark(2);
  private static final Node KEPT = mark(3);

  private ScanMarks() {}

  private static Node mark(int mode) {
    return new Node.Directory(Metadata.of(mode, 0, 0, new Metadata.FileTime(0, 0)));
  }

  /** Everything from here down stays. */
  static void keep(Tree marks, NodePath path) throws IOException {
    set(marks, path, KEPT);
  }

  /** Takes in a change that has been applied to the tree that is scanned. */
  static void follow(Tree marks, Body body) throws IOException {
    switch (body) {
      case Change.Put(NodePath path, Node node) -> {
        if (!(node instanceof Node.Directory)) {
          // What was below is gone.
          marks.apply(new Change.Remove(path));
        }
        boolean kept = marks.find(path).filter(KEPT::equals).isPresent();
        set(marks, path, kept ? KEPT : PUT);
      }
      case Change.Remove _ -> marks.apply(body);
      case Change.Move(NodePath from, NodePath to) -> {
        if (!from.equals(to)) {
          marks.apply(new Change.Remove(from));
          marks.apply(new Change.Remove(to));
          keep(marks, to);
        }
      }
      case Change.Exchange(NodePath first, NodePath second) -> {
        if (!first.equals(second)) {
          marks.apply(new Change.Remove(first));
          marks.apply(new Change.Remove(second));
          keep(marks, first);
          keep(marks, second);
        }
      }
      case Change.Keep _, Change.Mark _ ->
          throw new IllegalArgumentException("%s changes no entry".formatted(body));
    }
  }

  private static void set(Tree marks, NodePath path, Node mark) throws IOException {
    if (!path.isRoot()) {
      require(marks, path.parent());
    }
    marks.apply(new Change.Put(path, mark));
  }

  private static void require(Tree marks, NodePath directory) throws IOException {
    if (marks.find(directory).isEmpty()) {
      set(marks, directory, ABOVE);
    }
  }

  /**
   * Those of a tree's entries that stay: what is marked, what lies below a mark that keeps, and the
   * directories above what stays. Closes neither of the two.
   *
   * @param all entries of the tree, in path order
   * @param marks those of the scan, in path order
   */
  static EntryStream staying(EntryStream all, EntryStream marks) {
    return new Staying(all, marks);
  }

  private static final class Staying implements EntryStream {
    private final EntryStream all;
    private final EntryStream marks;

    /** Directories of which it is not known yet whether anything in them stays; outermost first. */
    private final Deque<TreeEntry> above = new ArrayDeque<>();

    private final Deque<TreeEntry> ready = new ArrayDeque<>();
    private Optional<TreeEntry> mark = Optional.empty();
    private @Nullable NodePath kept;
    private boolean begun;

    Staying(EntryStream all, EntryStream marks) {
      this.all = all;
      this.marks = marks;
    }

    @Override
    public Optional<TreeEntry> next() throws IOException {
      if (!begun) {
        mark = marks.next();
        begun = true;
      }
      while (ready.isEmpty()) {
        Optional<TreeEntry> entry = all.next();
        if (entry.isEmpty()) {
          return Optional.empty();
        }
        take(entry.get());
      }
      return Optional.of(ready.removeFirst());
    }

    private void take(TreeEntry entry) throws IOException {
      NodePath path = entry.path();
      while (!above.isEmpty() && !above.getLast().path().contains(path)) {
        above.removeLast();
      }
      Optional<Node> said = markAt(path);
      if (said.filter(KEPT::equals).isPresent() && !isKept(path)) {
        kept = path;
      }
      if (isKept(path) || said.filter(PUT::equals).isPresent()) {
        ready.addAll(above);
        above.clear();
        ready.add(entry);
      } else if (entry.node() instanceof Node.Directory) {
        above.addLast(entry);
      }
    }

    private boolean isKept(NodePath path) {
      return kept != null && kept.contains(path);
    }

    private Optional<Node> markAt(NodePath path) throws IOException {
      while (mark.isPresent() && mark.get().path().compareTo(path) < 0) {
        mark = marks.next();
      }
      return mark.filter(found -> found.path().equals(path)).map(TreeEntry::node);
    }

    @Override
    public void close() {}
  }
}
