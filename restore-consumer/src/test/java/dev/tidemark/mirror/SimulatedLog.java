package dev.tidemark.mirror;

import dev.tidemark.restore.TestRepository;
import dev.tidemark.schemas.change.Change;
import dev.tidemark.schemas.change.Change.Body;
import dev.tidemark.schemas.change.Change.Cause;
import dev.tidemark.schemas.change.Change.Frames;
import dev.tidemark.schemas.change.TreeName;
import dev.tidemark.schemas.cursor.Cursor;
import dev.tidemark.schemas.cursor.Verdict;
import dev.tidemark.schemas.tree.Tree;
import dev.tidemark.schemas.tree.TreeBase;
import dev.tidemark.schemas.tree.TreeException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/** A writer's changes as every reader accepts them, and the tree that they make. */
public final class SimulatedLog {
  public static final TreeName TREE = new TreeName("web");

  private final UUID writer = new UUID(7, 7);
  private final List<Accepted> accepted = new ArrayList<>();
  private final Tree model = Tree.on(TreeBase.EMPTY);
  private Cursor cursor = Cursor.start(new UUID(1, 1), 0, 0);
  private long term;
  private long epoch;
  private long number;

  public SimulatedLog() throws IOException {
    beginEpoch();
  }

  public void beginEpoch() throws IOException {
    epoch = cursor.nextOffset();
    number = 0;
    term++;
    var started = new Change.EpochStarted("host", term, new Change.Previous.None(), 0);
    add(started, Change.NO_EPOCH, 0);
  }

  /** Adds a change; false, and nothing is added, if it does not fit the tree. */
  public boolean add(Body body) throws IOException {
    try {
      model.apply(body);
    } catch (TreeException e) {
      return false;
    }
    number++;
    append(body, epoch, number);
    return true;
  }

  private void add(Body body, long inEpoch, long withNumber) throws IOException {
    model.apply(body);
    append(body, inEpoch, withNumber);
  }

  private void append(Body body, long inEpoch, long withNumber) {
    var change = new Change(TREE, inEpoch, withNumber, writer, 0, Cause.LIVE, Frames.NONE, body);
    Verdict verdict = cursor.accept(change, cursor.nextOffset(), 1_000 + cursor.nextOffset());
    if (!(verdict instanceof Verdict.Accepted)) {
      throw new IllegalStateException(verdict.toString());
    }
    cursor = verdict.next();
    accepted.add(new Accepted(change, cursor, cursor.logTimeMillis()));
  }

  public Tree model() {
    return model;
  }

  public Cursor cursor() {
    return cursor;
  }

  List<Accepted> accepted() {
    return List.copyOf(accepted);
  }

  /** Changes after a sequence, through another, to be sealed. */
  public List<TestRepository.Sealable> sealable(long after, long through) {
    return accepted.stream()
        .filter(change -> change.sequence() > after && change.sequence() <= through)
        .map(change -> new TestRepository.Sealable(change.change(), change.after()))
        .toList();
  }

  /** Changes after a sequence. */
  List<Accepted> after(long sequence) {
    return accepted.stream().filter(change -> change.sequence() > sequence).toList();
  }
}
