package dev.tidemark.cli.member;

import dev.tidemark.cli.member.RoleFile.Memory;
import dev.tidemark.log.Heads;
import dev.tidemark.log.LogAdmin;
import dev.tidemark.log.LogConnection;
import dev.tidemark.log.LogTopics;
import dev.tidemark.mirror.AppliedTree;
import dev.tidemark.mirror.Rejoin;
import dev.tidemark.schemas.cursor.Cursor;
import dev.tidemark.schemas.cursor.Head;
import dev.tidemark.watcher.WriterTerm;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;

/**
 * From the writer's role to a standby's: notes which term has ended, and where, before anything of
 * the directory is touched.
 */
final class StandDown {
  private static final Duration TRY_AGAIN = Duration.ofSeconds(1);

  /**
   * Of a writer that does not know its last term: its directory is compared with the newest tree.
   */
  private static final Rejoin.Term UNKNOWN = new Rejoin.Term(new UUID(0, 0), Cursor.NO_EPOCH, 0);

  private final MemberConfig config;
  private final MemberState state;

  StandDown(MemberConfig config, MemberState state) {
    this.config = config;
    this.state = state;
  }

  /** The term was ended by this host, all of it acknowledged up to an offset. */
  void handedOver(long offset) throws IOException {
    save(WriterTerm.find(config.watcher().stateFolder()), offset);
  }

  /** The term was ended by another writer's, or before this process began. */
  void becauseAnotherWrites() throws IOException, InterruptedException {
    Optional<WriterTerm> term = WriterTerm.find(config.watcher().stateFolder());
    while (!state.isClosing()) {
      try {
        save(term, term.isPresent() ? end(term.get()) : 0);
        return;
      } catch (IOException e) {
        state.describe("not standing by yet: " + e.getMessage());
        state.pause(TRY_AGAIN);
      }
    }
  }

  private long end(WriterTerm term) throws IOException {
    LogConnection connection = config.watcher().log();
    LogTopics topics;
    try (LogAdmin admin = LogAdmin.connect(connection)) {
      topics = admin.requireTopics();
    }
    Optional<Cursor> accepted =
        Heads.find(connection, topics, config.tree())
            .map(Head::accepted)
            .filter(cursor -> cursor.changesTopic().equals(term.changesTopic()));
    if (accepted.isEmpty()) {
      return 0;
    }
    long newest = accepted.get().epoch().offset();
    return newest > term.epoch().offset() ? newest : accepted.get().lastOffset();
  }

  private void save(Optional<WriterTerm> term, long end) throws IOException {
    // What was applied before this host wrote is of another time. First, since a writer needs none
    // of it: killed here, this host is the writer still.
    AppliedTree.discard(config.mirror());
    Rejoin.Term ended =
        term.map(known -> new Rejoin.Term(known.changesTopic(), known.epoch(), end))
            .orElse(UNKNOWN);
    state.save(new Memory(MemberRole.STANDBY, Optional.of(ended)));
  }
}
