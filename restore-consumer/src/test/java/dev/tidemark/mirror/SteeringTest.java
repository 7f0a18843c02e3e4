package dev.tidemark.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.log.LogConnection;
import dev.tidemark.mirror.Hold.Stage;
import dev.tidemark.schemas.change.TreeName;
import dev.tidemark.schemas.codec.Records;
import dev.tidemark.schemas.cursor.CommandReport;
import dev.tidemark.schemas.cursor.StandbyCommand;
import dev.tidemark.schemas.cursor.StandbyCommand.Kind;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What commands make of where a standby stands. */
final class SteeringTest {
  private static final TreeName WEB = new TreeName("web");
  private static final IOException NOT_KEPT = new IOException("it is not kept");

  @TempDir Path folder;

  private Steering steering(MirrorState state) {
    var config =
        MirrorConfig.of(
            WEB,
            folder.resolve("target"),
            folder.resolve("standby"),
            "one",
            LogConnection.to("localhost:1"));
    StatusBoard board = new StatusBoard(Clock.systemUTC());
    return new Steering(config, state, board, Clock.systemUTC(), () -> {});
  }

  private static void command(Steering steering, long id, long sequence) throws IOException {
    var command = new StandbyCommand(new UUID(0, id), Kind.RESTORE, WEB, "one", sequence, 0);
    steering.hear("web/one", Records.encode(command));
    steering.take();
  }

  private static Hold hold(MirrorState state) throws IOException {
    return state.notes().hold().orElseThrow();
  }

  @Test
  void aStandbyStaysWhereItStoodIfItCannotStandElsewhere() throws Exception {
    try (MirrorState state = MirrorState.open(folder.resolve("state"))) {
      Steering steering = steering(state);
      command(steering, 1, 10);
      state.notes().putHold(hold(state).in(Stage.BACK), "");
      steering.reached(10, 1_000);
      Hold stands = hold(state);
      assertThat(stands.stage()).isEqualTo(Stage.STANDING);

      command(steering, 2, 20);
      assertThat(hold(state).stage()).isEqualTo(Stage.ELSEWHERE);
      command(steering, 3, 30);
      assertThat(hold(state).stage()).isEqualTo(Stage.ELSEWHERE);
      steering.failed(hold(state), NOT_KEPT);

      assertThat(hold(state)).isEqualTo(stands);
      assertThat(state.notes().command().orElseThrow().state())
          .isEqualTo(CommandReport.State.FAILED);
      assertThat(steering.hasCommand()).isFalse();
    }
  }

  @Test
  void oneThatFollowedFollowsOn() throws Exception {
    try (MirrorState state = MirrorState.open(folder.resolve("state"))) {
      Steering steering = steering(state);
      command(steering, 1, 10);

      steering.failed(hold(state), NOT_KEPT);

      assertThat(state.notes().hold()).isEmpty();
    }
  }

  @Test
  void onceTheTargetWasChangedThePlaceOfBeforeIsNoMore() throws Exception {
    try (MirrorState state = MirrorState.open(folder.resolve("state"))) {
      Steering steering = steering(state);
      command(steering, 1, 10);
      state.notes().putHold(hold(state).in(Stage.BACK), "");
      steering.reached(10, 1_000);
      command(steering, 2, 20);
      state.notes().putHold(hold(state).in(Stage.BACK), "");

      steering.failed(hold(state), NOT_KEPT);

      assertThat(hold(state).stage()).isEqualTo(Stage.COMPARED);
    }
  }
}
