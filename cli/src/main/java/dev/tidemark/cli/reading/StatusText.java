package dev.tidemark.cli.reading;

import dev.tidemark.cli.process.Amounts;
import dev.tidemark.schemas.cursor.StandbyStatus;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/**
 * How trees stand, for people.
 *
 * @param nowMillis ages are those at this time
 */
public record StatusText(ZoneId zone, long nowMillis) {
  /**
   * The lines of one tree.
   *
   * @param unsealedSinceMillis log time of the oldest change that only the log holds; 0 if it is
   *     not known, or there is none
   */
  public List<String> lines(TreeState state, long unsealedSinceMillis) {
    List<String> lines = new ArrayList<>();
    lines.add("tree " + state.tree());
    lines.add(
        "  last change  sequence %d, %s, written by %s"
            .formatted(
                state.accepted().sequence(),
                TimeText.millis(state.accepted().logTimeMillis(), zone),
                state.accepted().host()));
    OptionalLong silence = state.silenceMillis(nowMillis);
    if (silence.isPresent()) {
      lines.add("  watcher      " + watcher(silence.getAsLong()));
    }
    lines.add("  sealed       " + sealed(state, unsealedSinceMillis));
    lines.add("  first scan   " + (state.isScanCompleted() ? "complete" : "not complete yet"));
    for (StandbyStatus standby : state.standbys()) {
      lines.add("  standby      " + standby(state, standby));
    }
    if (!state.fault().isNone()) {
      lines.add("  fault        %s: %s".formatted(state.fault().kind(), state.fault().detail()));
    }
    return lines;
  }

  /** Heads are as old as the chunk-store's last look, so that one who is silent may be alive. */
  private static String watcher(long silenceMillis) {
    return silenceMillis <= TreeState.SILENCE.toMillis()
        ? "alive, heard %s ago".formatted(Amounts.millis(silenceMillis))
        : "not heard for %s; `tidemark doctor` tells whether it, or the chunk-store, is down"
            .formatted(Amounts.millis(silenceMillis));
  }

  private String sealed(TreeState state, long since) {
    if (state.unsealed() == 0) {
      return "all of it";
    }
    return "up to sequence %d, %s changes to go%s"
        .formatted(
            state.sealed().sequence(),
            Amounts.count(state.unsealed()),
            since == 0 ? "" : ", the oldest is %s old".formatted(age(since)));
  }

  private String standby(TreeState state, StandbyStatus standby) {
    OptionalLong behind = state.behind(standby);
    String place =
        behind.isEmpty()
            ? "in an earlier log"
            : behind.getAsLong() == 0
                ? "all of it"
                : "%s changes behind".formatted(Amounts.count(behind.getAsLong()));
    return "%s on %s at sequence %d (%s), lag %s, reported %s ago%s%s%s%s"
        .formatted(
            standby.standby(),
            standby.host(),
            standby.appliedSequence(),
            standby.phase().equals("held") ? "held there, " + place : place,
            Amounts.millis(standby.lagMillis()),
            age(standby.reportedAtMillis()),
            standby.subset().isEmpty() ? "" : ", holds only " + String.join(", ", standby.subset()),
            standby.drifted() == 0
                ? ""
                : ", %s entries put right that others had changed"
                    .formatted(Amounts.count(standby.drifted())),
            standby.unheard().isEmpty()
                ? ""
                : ", hears of what others change only at --drift-interval (%s)"
                    .formatted(standby.unheard()),
            standby.error().isEmpty() ? "" : ": " + standby.error());
  }

  /** What a comparison of digests says of a standby. */
  public String line(DigestCheck.Result result) {
    StandbyStatus standby = result.standby();
    return "  digest       "
        + switch (result.verdict()) {
          case EQUAL ->
              "%s holds what the log says at sequence %d: %s"
                  .formatted(standby.standby(), standby.appliedSequence(), standby.digest());
          case DIFFERS ->
              "%s DIFFERS from the log at sequence %d: %s, expected %s"
                  .formatted(
                      standby.standby(),
                      standby.appliedSequence(),
                      standby.digest(),
                      result.expected());
          case SUBSET ->
              "%s: not compared, it holds a subset of the tree".formatted(standby.standby());
          case UNKNOWN -> "%s: not known, %s".formatted(standby.standby(), result.reason());
        };
  }

  private String age(long millis) {
    return Amounts.millis(Math.max(0, nowMillis - millis));
  }
}
