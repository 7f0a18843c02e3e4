package dev.tidemark.cli.reading;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tidemark.schemas.change.Change;
import dev.tidemark.schemas.change.TreeName;
import dev.tidemark.schemas.cursor.CommandReport;
import dev.tidemark.schemas.cursor.Cursor;
import dev.tidemark.schemas.cursor.Fault;
import dev.tidemark.schemas.cursor.StandbyStatus;
import dev.tidemark.schemas.cursor.Verdict;
import java.io.IOException;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

final class StatusTextTest {
  private static final TreeName WEB = new TreeName("web");
  private static final long NOW = 1_800_000_000_000L;
  private static final StatusText TEXT = new StatusText(ZoneId.of("Europe/Berlin"), NOW);

  /** A tree of so many changes, the first of which began the epoch. */
  private static Cursor cursor(long changes, long sequencesAfter) {
    Cursor cursor = Cursor.start(new UUID(1, 1), 0, 0, sequencesAfter);
    for (long i = 0; i < changes; i++) {
      Change.Body body =
          i == 0
              ? new Change.EpochStarted("web1", 1, new Change.Previous.None(), 0)
              : new Change.ScanStarted(Change.ScanKind.DIFFERENCE);
      Change change =
          new Change(
              WEB,
              i == 0 ? Change.NO_EPOCH : 0,
              i,
              new UUID(2, 2),
              0,
              Change.Cause.SCAN,
              Change.Frames.NONE,
              body);
      if (!(cursor.accept(change, i, NOW - 60_000 + i) instanceof Verdict.Accepted(Cursor next))) {
        throw new IllegalStateException("not accepted: " + change);
      }
      cursor = next;
    }
    return cursor;
  }

  private static StandbyStatus standby(long applied, String error) {
    return standby(applied, error, "");
  }

  private static StandbyStatus standby(long applied, String error, String unheard) {
    return new StandbyStatus(
        WEB,
        "host2",
        "host2",
        applied,
        NOW - 30_000,
        applied,
        40,
        error,
        NOW - 2_000,
        "following",
        CommandReport.NONE,
        "",
        0,
        List.of(),
        unheard);
  }

  private static TreeState state(Cursor sealed, long lastHeard, StandbyStatus... standbys) {
    return new TreeState(WEB, cursor(9, 0), sealed, Fault.NONE, lastHeard, List.of(standbys));
  }

  @Test
  void aStandbyThatNoEventTellsWhatOthersChangeSaysWhy() {
    TreeState state = state(cursor(9, 0), NOW - 3_000, standby(9, "", "no watches left"));

    assertThat(TEXT.lines(state, 0))
        .last()
        .asString()
        .contains("hears of what others change only at --drift-interval (no watches left)");
  }

  @Test
  void aTreeOfWhichAllIsWellIsToldInFewWords() {
    TreeState state = state(cursor(9, 0), NOW - 3_000, standby(9, ""));

    assertThat(TEXT.lines(state, 0))
        .containsExactly(
            "tree web",
            "  last change  sequence 9, 2027-01-15 08:59:00.008+01:00, written by web1",
            "  watcher      alive, heard 3.0 s ago",
            "  sealed       all of it",
            "  first scan   not complete yet",
            "  standby      host2 on host2 at sequence 9 (all of it), lag 40 ms, reported 2.0 s"
                + " ago");
  }

  @Test
  void whatIsSilentOrWaitsOrIsBehindIsToldWithItsAge() throws IOException {
    TreeState state = state(cursor(4, 0), NOW - 300_000, standby(7, "the disk is full"));

    assertThat(TEXT.lines(state, NOW - 20_000))
        .contains(
            "  watcher      not heard for 5 min; `tidemark doctor` tells whether it, or the"
                + " chunk-store, is down",
            "  sealed       up to sequence 4, 5 changes to go, the oldest is 20.0 s old",
            "  standby      host2 on host2 at sequence 7 (2 changes behind), lag 40 ms, reported"
                + " 2.0 s ago: the disk is full");
    JsonNode json =
        new ObjectMapper()
            .readTree(Json.trees(List.of(state), Map.of(WEB, NOW - 20_000), Map.of(), NOW))
            .at("/trees/0");
    assertThat(json.path("watcherAlive").asBoolean(true)).isFalse();
    assertThat(json.path("unsealedChanges").asLong()).isEqualTo(5);
    assertThat(json.path("sealedLagMillis").asLong()).isEqualTo(20_000);
    assertThat(json.at("/standbys/0/behindChanges").asLong()).isEqualTo(2);
    assertThat(json.at("/standbys/0/error").asText()).isEqualTo("the disk is full");
  }

  @Test
  void withoutALogNothingIsSaidOfTheWatcher() throws IOException {
    TreeState state = state(cursor(9, 0), 0);

    assertThat(TEXT.lines(state, 0)).noneMatch(line -> line.contains("watcher"));
    JsonNode json =
        new ObjectMapper()
            .readTree(Json.trees(List.of(state), Map.of(), Map.of(), NOW))
            .at("/trees/0");
    assertThat(json.path("watcherAlive").isNull()).isTrue();
    assertThat(json.path("unsealedSince").isNull()).isTrue();
  }

  /** Its sequence is a million millions less, and no count of changes. */
  @Test
  void aStandbyThatStandsInAnEarlierLogIsToldSo() {
    Cursor renewed = cursor(9, Cursor.INCARNATION);
    TreeState state =
        new TreeState(WEB, renewed, renewed, Fault.NONE, NOW, List.of(standby(9, "")));

    assertThat(TEXT.lines(state, 0)).anyMatch(line -> line.contains("(in an earlier log)"));
  }
}
