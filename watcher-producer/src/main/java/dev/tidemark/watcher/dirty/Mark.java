package dev.tidemark.watcher.dirty;

import dev.tidemark.schemas.change.Change.Cause;
import dev.tidemark.watcher.state.EntryKey;
import dev.tidemark.watcher.state.Name;

/**
 * An entry that has to be looked at. Its directory may be renamed meanwhile; when it goes, so does
 * the mark.
 *
 * <p>The root's own mark hangs on the root directory, under the root's empty name.
 */
public final class Mark {
  /** The bytes may have changed. */
  public static final int DATA = 1;

  /** Mode, owner, times or the name itself may have changed. */
  public static final int META = 2;

  /** Publish it even if it is as last published. */
  public static final int AGAIN = 4;

  /** Nobody knows what was accepted of it and of what was below it. */
  public static final int DOUBT = 8;

  /** Read its bytes, whatever its signature says. */
  public static final int READ = 16;

  /** The file was closed after writing: read all of it. */
  public static final int CLOSED = 32;

  /** No event told of it: what is published of it was missed. */
  public static final int SUSPECT = 64;

  /** Read its bytes, and publish it only if they are others. */
  public static final int VERIFY = 128;

  /** It was written to and is still open: it may only have grown. */
  public static final int MODIFIED = 256;

  enum State {
    WAITING,
    OUT,
    DROPPED
  }

  private final Directory directory;
  private final Name name;
  private long since;
  private int bits;
  private long due;
  private boolean urgent;
  private long queuedAt = Long.MAX_VALUE;
  private int later;
  private long dueLater = Long.MAX_VALUE;
  private int attempts;
  private int pass;
  private boolean passWaitsForLater;
  private Cause cause;
  private long ticket;
  private State state = State.WAITING;

  Mark(Directory directory, Name name, Cause cause, long since) {
    this.directory = directory;
    this.name = name;
    this.cause = cause;
    this.since = since;
    this.due = Long.MAX_VALUE;
  }

  public Directory directory() {
    return directory;
  }

  public Name name() {
    return name;
  }

  public boolean isRoot() {
    return name.bytes().length == 0;
  }

  public EntryKey key() {
    return isRoot() ? EntryKey.ROOT : new EntryKey(directory.id(), name);
  }

  public int bits() {
    return bits;
  }

  public boolean has(int bit) {
    return (bits & bit) != 0;
  }

  public Cause cause() {
    return cause;
  }

  /** Number of the pass that waits for it; 0 if none does. */
  public int pass() {
    return pass;
  }

  /** How often it was looked at in vain since it was last looked at with success. */
  public int attempts() {
    return attempts;
  }

  /** Names the look under way. */
  public long ticket() {
    return ticket;
  }

  /** When it was marked first, by {@link System#nanoTime}. */
  public long since() {
    return since;
  }

  long due() {
    return due;
  }

  State state() {
    return state;
  }

  boolean isUrgent() {
    return urgent;
  }

  void add(int newBits) {
    bits |= newBits;
  }

  void dueAt(long when, boolean nowUrgent) {
    due = when;
    urgent = nowUrgent;
  }

  /** When the queues will next come to it. */
  long queuedAt() {
    return queuedAt;
  }

  void queuedAt(long when) {
    queuedAt = when;
  }

  void afterwards(int newBits, long newDue) {
    later |= newBits;
    dueLater = Math.min(dueLater, newDue);
  }

  int later() {
    return later;
  }

  /** Whether something more came while it was being looked at. */
  public boolean hasNews() {
    return later != 0;
  }

  long dueLater() {
    return dueLater;
  }

  void out(long newTicket) {
    state = State.OUT;
    ticket = newTicket;
    queuedAt = Long.MAX_VALUE;
  }

  /** What came while it was out is a mark of its own from now on. */
  void again(long now) {
    state = State.WAITING;
    bits = later;
    since = now;
    later = 0;
    dueLater = Long.MAX_VALUE;
    cause = Cause.LIVE;
    urgent = true;
  }

  void waits() {
    state = State.WAITING;
  }

  void tried() {
    attempts++;
  }

  void succeeded() {
    attempts = 0;
  }

  void drop() {
    state = State.DROPPED;
  }

  void cause(Cause newCause) {
    cause = newCause;
  }

  void pass(int newPass) {
    pass = newPass;
    passWaitsForLater = newPass != 0 && state == State.OUT;
  }

  /**
   * The pass came to it while it was out: only the next look is the one that the pass waits for.
   */
  boolean passWaitsForLater() {
    return passWaitsForLater;
  }

  void passWaitsNoLonger() {
    passWaitsForLater = false;
  }
}
