package dev.tidemark.cli.member;

import dev.tidemark.cli.member.RoleFile.Memory;
import dev.tidemark.cli.process.FileFailures;
import dev.tidemark.log.BrokerUnreachableException;
import dev.tidemark.log.ChangeReader;
import dev.tidemark.log.LogAdmin;
import dev.tidemark.log.LogConnection;
import dev.tidemark.log.LogTopics;
import dev.tidemark.log.MissingTopicException;
import dev.tidemark.mirror.AppliedTree;
import dev.tidemark.mirror.Gaps;
import dev.tidemark.mirror.Mirror;
import dev.tidemark.mirror.MirrorStatus;
import dev.tidemark.mirror.MirrorStatus.Phase;
import dev.tidemark.schemas.change.Change.Previous;
import dev.tidemark.schemas.change.Metadata.FileTime;
import dev.tidemark.schemas.change.Node;
import dev.tidemark.schemas.cursor.Cursor;
import dev.tidemark.schemas.cursor.Fault;
import dev.tidemark.watcher.Promotion;
import dev.tidemark.watcher.state.InheritedTree;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** From a standby's role to the writer's. */
final class Promoting {
  private static final Logger log = LoggerFactory.getLogger(Promoting.class);
  private static final Duration HEARTBEAT = Duration.ofSeconds(5);
  private static final Duration TRY_AGAIN = Duration.ofSeconds(3);

  /** A writer without space for its state would be none for long. */
  private static final long LEAST_SPACE_BYTES = 64L << 20;

  private final MemberConfig config;
  private final MemberState state;
  private final InstantSource clock;

  Promoting(MemberConfig config, MemberState state, InstantSource clock) {
    this.config = config;
    this.state = state;
    this.clock = clock;
  }

  /**
   * Promotes, or answers why not. On return the member is the writer; or it stands by as before; or
   * its term has begun and has yet to be gone on with, by another mirror than this one.
   *
   * @param order empty to go on with what was begun
   */
  void run(Mirror mirror, Optional<Order.Promote> order) throws IOException, InterruptedException {
    boolean isNew = state.role() == MemberRole.STANDBY;
    if (isNew) {
      try {
        requireReady(mirror, order.orElseThrow());
      } catch (IOException e) {
        refuse(order, e);
        return;
      }
    }
    // From here on a term of this host may have begun, whatever comes back.
    try {
      Before before = new Before(cursor(mirror), mirror.gaps());
      try (Promotion begun = begin(mirror, before.cursor())) {
        promote(mirror, begun, before, order);
      }
    } catch (OvertakenException e) {
      refuse(order, e);
    } catch (IOException e) {
      if (isNew
          && (e instanceof BrokerUnreachableException || e instanceof MissingTopicException)) {
        // Nothing was sent, and once the broker is back another host may be meant.
        refuse(order, e);
        return;
      }
      log.atWarn().setCause(e).addKeyValue("tree", config.tree()).log("promoting is put off");
      state.describe("promoting, put off: " + FileFailures.describe(e));
      mirror.close();
      order.ifPresent(state::passOn);
      state.pause(TRY_AGAIN);
    }
  }

  private void refuse(Optional<Order.Promote> order, IOException why) throws IOException {
    log.atInfo().setCause(why).addKeyValue("tree", config.tree()).log("not promoted");
    state.save(Memory.of(MemberRole.STANDBY));
    String text = "tree %s: not promoted. %s".formatted(config.tree(), FileFailures.describe(why));
    state.tell(text);
    order.ifPresent(o -> o.failed(text));
  }

  /** Another host has begun a term meanwhile. */
  private static final class OvertakenException extends IOException {
    private static final long serialVersionUID = 1L;

    OvertakenException(String message) {
      super(message);
    }
  }

  private void requireReady(Mirror mirror, Order.Promote order) throws IOException {
    MirrorStatus status = mirror.status();
    if (status.phase() == Phase.HELD) {
      throw new IOException(
          ("This standby is held at sequence %d and has not what came after. Let it follow first:"
                  + " `tidemark resume %s --on %s`.")
              .formatted(status.appliedSequence(), config.tree(), config.mirror().standbyName()));
    }
    if (!status.error().isEmpty()) {
      throw new IOException(
          "This standby stands still, and would write what is not the tree: " + status.error());
    }
    long space = Files.getFileStore(config.mirror().target()).getUsableSpace();
    long stateSpace = Files.getFileStore(config.folder()).getUsableSpace();
    if (Math.min(space, stateSpace) < LEAST_SPACE_BYTES) {
      throw new IOException(
          "There is no space to write: %d MiB are free at %s and %d MiB at %s; make it 64 MiB."
              .formatted(space >> 20, config.mirror().target(), stateSpace >> 20, config.folder()));
    }
    long behind = behind(cursor(mirror));
    if (behind > order.mostBehind()) {
      throw new IOException(
          ("This standby has up to %,d records of the log to apply, and %,d may be left. Wait until"
                  + " it has come nearer, promote another one, or allow more with --max-behind.")
              .formatted(behind, order.mostBehind()));
    }
  }

  private static Cursor cursor(Mirror mirror) throws IOException {
    return mirror.cursor().orElseThrow(() -> new IOException("Nothing has been applied yet."));
  }

  private long behind(Cursor cursor) throws IOException {
    LogConnection connection = config.watcher().log();
    LogTopics topics;
    try (LogAdmin admin = LogAdmin.connect(connection)) {
      topics = admin.requireTopics();
    }
    if (!cursor.changesTopic().equals(topics.changes().id())) {
      return Long.MAX_VALUE;
    }
    try (ChangeReader reader =
        new ChangeReader(connection, topics, cursor.partition(), cursor.nextOffset())) {
      return Math.max(0, reader.endOffset() - cursor.nextOffset());
    }
  }

  private static void requireFollowing(Mirror mirror) throws IOException {
    if (mirror.status().phase() == Phase.HELD) {
      throw new IOException(
          "The standby is held at sequence %d; run `tidemark resume`, or nobody writes."
              .formatted(mirror.status().appliedSequence()));
    }
  }

  /** Where the standby was, and what it had missed, before the term began. */
  private record Before(Cursor cursor, Gaps gaps) {}

  private Promotion begin(Mirror mirror, Cursor known) throws IOException {
    requireFollowing(mirror);
    state.save(Memory.of(MemberRole.PROMOTING));
    Previous previous = known.hasEpoch() ? new Previous.Known(known.epoch()) : new Previous.None();
    return Promotion.begin(config.watcher(), previous, known.number(), clock);
  }

  private void promote(
      Mirror mirror, Promotion promotion, Before before, Optional<Order.Promote> order)
      throws IOException, InterruptedException {
    state.tell(
        "promoting: term begun at offset %d; applying what lies before it"
            .formatted(promotion.epoch().offset()));
    Optional<Order.Told> told = applyAll(mirror, promotion, before);
    if (told.isEmpty()) {
      return;
    }
    mirror.close();
    try (AppliedTree applied = AppliedTree.open(config.mirror())) {
      applied.requireWhole(promotion.epoch().offset());
      promotion.inherit(tree -> inherit(applied, tree));
    }
    state.save(Memory.of(MemberRole.WRITER));
    order.ifPresent(o -> state.passOn(o.with(told.get())));
    withdraw();
  }

  private void withdraw() {
    try {
      Mirror.withdraw(config.mirror());
    } catch (IOException e) {
      // What is told of this host as a standby is old, and says so by its age.
      log.atWarn().setCause(e).addKeyValue("tree", config.tree()).log("still told as a standby");
    }
  }

  /** Until the standby stands at the end of the old term; empty if the member is to close. */
  private Optional<Order.Told> applyAll(Mirror mirror, Promotion promotion, Before start)
      throws IOException, InterruptedException {
    long offset = promotion.epoch().offset();
    Cursor before = start.cursor();
    long shown = System.nanoTime();
    while (!state.isClosing()) {
      requireFollowing(mirror);
      Cursor now = cursor(mirror);
      if (now.nextOffset() > offset) {
        requireOurs(now, promotion);
        return Optional.of(
            new Order.Told(now.sequence() - 1, lost(before, start.gaps(), mirror.gaps())));
      }
      before = now;
      state.describe(
          "promoting, at sequence %d, %,d records to go%s"
              .formatted(
                  now.sequence(),
                  offset - now.nextOffset(),
                  mirror.status().error().isEmpty() ? "" : " | " + mirror.status().error()));
      if (mirror.failure().isDone()) {
        throw new IOException("The standby has stopped: " + mirror.status().error());
      }
      if (System.nanoTime() - shown > HEARTBEAT.toNanos()) {
        promotion.heartbeat();
        shown = System.nanoTime();
      }
      state.idle();
    }
    return Optional.empty();
  }

  private static void requireOurs(Cursor now, Promotion promotion) throws OvertakenException {
    if (!now.epoch().equals(promotion.epoch())) {
      throw new OvertakenException(
          "Host %s has begun a term at offset %d, after this one's at %d; it is the writer."
              .formatted(now.host(), now.epoch().offset(), promotion.epoch().offset()));
    }
  }

  /** A gap in the old term is a loss, also if what heals it came in one batch with it. */
  private static String lost(Cursor before, Gaps known, Gaps now) {
    Fault fault = before.fault();
    if (!fault.isNone()) {
      return fault.detail();
    }
    return now.count() > known.count() ? now.detail() : "";
  }

  private static void inherit(AppliedTree applied, InheritedTree tree) throws IOException {
    applied.tell(
        new AppliedTree.Listener() {
          @Override
          public long directory(long parent, byte[] name, Node.Directory node, long inode)
              throws IOException {
            return name.length == 0
                ? tree.root(node, inode)
                : tree.directory(parent, name, node, inode);
          }

          @Override
          public void entry(long parent, byte[] name, Node node, long inode, FileTime changed)
              throws IOException {
            tree.entry(parent, name, node, inode, changed);
          }
        });
  }
}
