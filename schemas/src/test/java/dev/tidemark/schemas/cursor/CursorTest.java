package dev.tidemark.schemas.cursor;

import static dev.tidemark.schemas.cursor.TestReader.ADA;
import static dev.tidemark.schemas.cursor.TestReader.BOB;
import static dev.tidemark.schemas.cursor.TestReader.NOTHING;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.schemas.change.Change;
import dev.tidemark.schemas.change.Change.Previous;
import dev.tidemark.schemas.change.Change.ScanKind;
import dev.tidemark.schemas.change.Epoch;
import dev.tidemark.schemas.change.TreeName;
import java.util.UUID;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

final class CursorTest {
  private final TestReader reader = new TestReader();

  private Fault.Kind fault() {
    return reader.cursor().fault().kind();
  }

  private static Previous known(Epoch epoch) {
    return new Previous.Known(epoch);
  }

  @Nested
  final class Epochs {
    /** Epoch 1000 was read, the log lost its tail down to 990, the next writer begins at 995. */
    @Test
    void aLowerOffsetBeginsANewEpochInALogThatLostItsTail() {
      reader.stand(Cursor.start(TestReader.TOPIC, 0, 1000));
      Epoch lost = reader.begun(ADA, 1, NOTHING, 0);
      reader.changes(lost, 1, 3);

      reader.stand(reader.cursor().newIncarnation(TestReader.TOPIC, 0, 995));
      Epoch next = reader.nextEpoch(BOB);

      assertThat(reader.begin(BOB, 1, NOTHING, 0)).isInstanceOf(Verdict.Accepted.class);
      assertThat(next.offset()).isLessThan(lost.offset());
      assertThat(reader.change(next, 1)).isInstanceOf(Verdict.Accepted.class);
    }

    @Test
    void aChangeOfTheSameOffsetByAnotherWriterIsRejected() {
      Epoch epoch = reader.begun(ADA, 1, NOTHING, 0);

      assertThat(reader.change(new Epoch(epoch.offset(), BOB), 1))
          .isInstanceOf(Verdict.Rejected.class);
      assertThat(reader.change(epoch, 1)).isInstanceOf(Verdict.Accepted.class);
    }

    @Test
    void whatAnOldWriterStillSendsIsRejectedAndCountsForNothing() {
      Epoch old = reader.begun(ADA, 1, NOTHING, 0);
      reader.changes(old, 1, 2);
      Epoch next = reader.begun(BOB, 1, known(old), 2);
      long sequence = reader.cursor().sequence();

      assertThat(reader.change(old, 3))
          .isInstanceOfSatisfying(
              Verdict.Rejected.class,
              rejected -> assertThat(rejected.reason()).contains(ADA.toString(), BOB.toString()));
      assertThat(reader.heartbeat(old, 17)).isInstanceOf(Verdict.Rejected.class);

      assertThat(reader.cursor().sequence()).isEqualTo(sequence);
      assertThat(reader.cursor().fault()).isEqualTo(Fault.NONE);
      assertThat(reader.change(next, 1)).isInstanceOf(Verdict.Accepted.class);
    }

    /** A stalled connection delivers an old EPOCH_STARTED after the same writer's new one. */
    @Test
    void aWriterIsNotFencedByItsOwnGhost() {
      Epoch live = reader.begun(ADA, 2, NOTHING, 0);
      reader.changes(live, 1, 2);

      assertThat(reader.begin(ADA, 1, NOTHING, 0)).isInstanceOf(Verdict.Rejected.class);
      assertThat(reader.begin(ADA, 2, NOTHING, 0)).isInstanceOf(Verdict.Rejected.class);

      assertThat(reader.cursor().epoch()).isEqualTo(live);
      assertThat(reader.change(live, 3)).isInstanceOf(Verdict.Accepted.class);
    }

    @Test
    void termsOfDifferentWritersAreNotComparedAndAreNotForgottenInBetween() {
      reader.begin(ADA, 5, NOTHING, 0);

      assertThat(reader.begin(BOB, 1, NOTHING, 0)).isInstanceOf(Verdict.Accepted.class);
      assertThat(reader.begin(ADA, 5, NOTHING, 0)).isInstanceOf(Verdict.Rejected.class);
      assertThat(reader.begin(ADA, 6, NOTHING, 0)).isInstanceOf(Verdict.Accepted.class);
    }

    @Test
    void onlyTheLatestWritersAndEpochsAreRemembered() {
      for (int writer = 1; writer <= 200; writer++) {
        reader.begin(new UUID(1, writer), 1, NOTHING, 0);
      }

      assertThat(reader.cursor().terms())
          .hasSize(Cursor.MAX_REMEMBERED)
          .containsKey(new UUID(1, 200))
          .doesNotContainKey(new UUID(1, 1));
      assertThat(reader.cursor().ended()).hasSize(Cursor.MAX_ENDED);
      assertThat(reader.cursor().ended().getLast().epoch().writer()).isEqualTo(new UUID(1, 199));
    }
  }

  @Nested
  final class LostTails {
    /** Changes 7 to 9 were acknowledged, then lost with the log's tail; the writer starts again. */
    @Test
    void acknowledgedChangesThatWereLostAreAFaultUntilAFullScanCompletes() {
      Epoch epoch = reader.begun(ADA, 1, NOTHING, 0);
      reader.changes(epoch, 1, 6);

      Epoch next = reader.begun(ADA, 2, known(epoch), 9);

      assertThat(fault()).isEqualTo(Fault.Kind.LOST_TAIL);
      assertThat(reader.cursor().fault().detail()).contains("number 9", "number 6");
      assertThat(reader.read(next, 1, new Change.ScanStarted(ScanKind.DIFFERENCE)))
          .isInstanceOf(Verdict.Accepted.class);
      reader.read(next, 2, new Change.ScanCompleted(ScanKind.DIFFERENCE));
      assertThat(fault()).isEqualTo(Fault.Kind.LOST_TAIL);
      reader.read(next, 3, new Change.ScanStarted(ScanKind.FULL));
      reader.change(next, 4);
      reader.read(next, 5, new Change.ScanCompleted(ScanKind.FULL));
      assertThat(reader.cursor().fault()).isEqualTo(Fault.NONE);
    }

    @Test
    void aReaderThatAcceptedThatMuchOrMoreGoesOn() {
      Epoch epoch = reader.begun(ADA, 1, NOTHING, 0);
      reader.changes(epoch, 1, 9);

      Epoch next = reader.begun(ADA, 2, known(epoch), 9);
      assertThat(fault()).isEqualTo(Fault.Kind.NONE);
      reader.changes(next, 1, 4);
      reader.begun(ADA, 3, known(next), 2);
      assertThat(fault()).isEqualTo(Fault.Kind.NONE);
    }

    @Test
    void aDebtOfAFullScanOutlivesLaterEpochs() {
      Epoch first = reader.begun(ADA, 1, NOTHING, 0);
      reader.changes(first, 1, 1);
      Epoch second = reader.begun(ADA, 2, known(first), 2);
      reader.read(second, 1, new Change.ScanStarted(ScanKind.FULL));

      Epoch third = reader.begun(ADA, 3, known(second), 1);
      reader.read(third, 1, new Change.ScanCompleted(ScanKind.FULL));

      assertThat(fault()).isEqualTo(Fault.Kind.LOST_TAIL);
      assertThat(reader.cursor().openScan()).isEqualTo(Cursor.OpenScan.NONE);
    }

    /**
     * The writer dies after its EPOCH_STARTED was appended and before it learned of that, twice.
     */
    @Test
    void aWriterThatDiedBeforeItLearnedOfItsOwnEpochHasLostNothing() {
      Epoch epoch = reader.begun(ADA, 1, NOTHING, 0);
      reader.changes(epoch, 1, 5);
      reader.begin(ADA, 2, known(epoch), 5);
      reader.begin(ADA, 3, known(epoch), 5);

      reader.begin(ADA, 4, known(epoch), 5);

      assertThat(fault()).isEqualTo(Fault.Kind.NONE);
    }

    @Test
    void anEpochOfItsOwnThatHoldsChangesIsNotForgottenUnnoticed() {
      Epoch epoch = reader.begun(ADA, 1, NOTHING, 0);
      Epoch forgotten = reader.begun(ADA, 2, known(epoch), 0);
      reader.changes(forgotten, 1, 1);

      reader.begin(ADA, 3, known(epoch), 0);

      assertThat(fault()).isEqualTo(Fault.Kind.LOST_TAIL);
    }

    @Test
    void aWriterThatMissedAnotherOnesTermOwesAFullScan() {
      Epoch ada = reader.begun(ADA, 1, NOTHING, 0);
      reader.begin(BOB, 1, known(ada), 0);

      reader.begin(ADA, 2, known(ada), 0);

      assertThat(fault()).isEqualTo(Fault.Kind.LOST_TAIL);
    }

    @Test
    void anEpochThisReaderNeverSawIsAFault() {
      reader.begin(ADA, 4, known(new Epoch(3, ADA)), 0);

      assertThat(fault()).isEqualTo(Fault.Kind.LOST_TAIL);
    }

    @Test
    void aFirstWriterOwesNothing() {
      reader.begin(ADA, 1, NOTHING, 0);

      assertThat(reader.cursor().fault()).isEqualTo(Fault.NONE);
    }

    @Test
    void aFullScanThatBeganInAnEarlierEpochHealsNothing() {
      Epoch first = reader.begun(ADA, 1, NOTHING, 0);
      reader.read(first, 1, new Change.ScanStarted(ScanKind.FULL));
      reader.stand(reader.cursor().afterLostRange(reader.cursor().nextOffset() + 5));
      Epoch second = reader.begun(ADA, 2, known(first), 1);

      reader.read(second, 1, new Change.ScanCompleted(ScanKind.FULL));

      assertThat(fault()).isEqualTo(Fault.Kind.LOST_RANGE);
    }
  }

  @Nested
  final class Gaps {
    /** The send of 7 expires, 8 lands. */
    @Test
    void nothingCountsBehindAGapUntilAnEpochBegins() {
      Epoch epoch = reader.begun(ADA, 1, NOTHING, 0);
      reader.changes(epoch, 1, 6);
      Cursor before = reader.cursor();

      assertThat(reader.change(epoch, 8)).isInstanceOf(Verdict.Gapped.class);

      assertThat(fault()).isEqualTo(Fault.Kind.GAP);
      assertThat(reader.cursor().fault().detail()).contains("numbers 7 to 7");
      assertThat(reader.change(epoch, 9)).isInstanceOf(Verdict.Rejected.class);
      assertThat(reader.change(epoch, 7)).isInstanceOf(Verdict.Rejected.class);
      assertThat(reader.heartbeat(epoch, 9)).isInstanceOf(Verdict.Rejected.class);
      assertThat(reader.tag(1)).isInstanceOf(Verdict.Rejected.class);
      assertThat(reader.cursor().sequence()).isEqualTo(before.sequence());
      assertThat(reader.cursor().number()).isEqualTo(6);
    }

    @Test
    void aGapIsClearedByAWriterThatKnowsNoMoreAcknowledged() {
      Epoch epoch = reader.begun(ADA, 1, NOTHING, 0);
      reader.changes(epoch, 1, 6);
      reader.change(epoch, 8);

      Epoch next = reader.begun(ADA, 2, known(epoch), 6);

      assertThat(fault()).isEqualTo(Fault.Kind.NONE);
      assertThat(reader.change(next, 1)).isInstanceOf(Verdict.Accepted.class);
    }

    @Test
    void aGapThatHeldAcknowledgedChangesOwesAFullScan() {
      Epoch epoch = reader.begun(ADA, 1, NOTHING, 0);
      reader.changes(epoch, 1, 6);
      reader.change(epoch, 8);

      Epoch next = reader.begun(ADA, 2, known(epoch), 8);

      assertThat(fault()).isEqualTo(Fault.Kind.LOST_TAIL);
      assertThat(reader.change(next, 1)).isInstanceOf(Verdict.Accepted.class);
    }

    @Test
    void aGapAndAWriterThatKnowsNothingOweAFullScan() {
      Epoch epoch = reader.begun(ADA, 1, NOTHING, 0);
      reader.change(epoch, 2);

      reader.begin(BOB, 1, NOTHING, 0);

      assertThat(fault()).isEqualTo(Fault.Kind.LOST_TAIL);
    }

    @Test
    void aGapInATreeThatOwesAFullScanStopsItTooAndTheDebtStays() {
      Epoch first = reader.begun(ADA, 1, NOTHING, 0);
      Epoch second = reader.begun(ADA, 2, known(first), 1);
      assertThat(reader.change(second, 2)).isInstanceOf(Verdict.Gapped.class);

      assertThat(reader.change(second, 1)).isInstanceOf(Verdict.Rejected.class);
      assertThat(reader.tag(1)).isInstanceOf(Verdict.Rejected.class);
      Epoch third = reader.begun(ADA, 3, known(second), 0);

      assertThat(fault()).isEqualTo(Fault.Kind.LOST_TAIL);
      assertThat(reader.change(third, 1)).isInstanceOf(Verdict.Accepted.class);
    }

    @Test
    void aHeartbeatShowsThatTheTailIsMissing() {
      Epoch epoch = reader.begun(ADA, 1, NOTHING, 0);
      reader.changes(epoch, 1, 2);
      assertThat(reader.heartbeat(epoch, 2)).isInstanceOf(Verdict.Alive.class);

      assertThat(reader.heartbeat(epoch, 4)).isInstanceOf(Verdict.Gapped.class);

      assertThat(reader.cursor().fault().detail()).contains("numbers 3 to 4");
    }
  }

  @Nested
  final class Counting {
    @Test
    void everyChangeEpochScanMarkAndFirstTagTakesOneSequence() {
      Epoch epoch = reader.begun(ADA, 1, NOTHING, 0);
      assertThat(reader.cursor().sequence()).isEqualTo(1);
      reader.read(epoch, 1, new Change.ScanStarted(ScanKind.FULL));
      reader.change(epoch, 2);
      reader.read(epoch, 3, new Change.ScanCompleted(ScanKind.FULL));
      assertThat(reader.cursor().sequence()).isEqualTo(4);
      assertThat(reader.cursor().scanCompleted()).isEqualTo(4);

      assertThat(reader.tag(1)).isInstanceOf(Verdict.Accepted.class);
      assertThat(reader.cursor().sequence()).isEqualTo(5);
      assertThat(reader.cursor().number()).isEqualTo(3);
      assertThat(reader.cursor().lastOffset()).isEqualTo(reader.cursor().nextOffset() - 1);
    }

    @Test
    void heartbeatsRepetitionsAndRejectedOnesTakeNone() {
      Epoch epoch = reader.begun(ADA, 1, NOTHING, 0);
      reader.change(epoch, 1);
      reader.tag(1);
      Cursor before = reader.cursor();

      assertThat(reader.heartbeat(epoch, 1)).isInstanceOf(Verdict.Alive.class);
      assertThat(reader.change(epoch, 1)).isInstanceOf(Verdict.Repeated.class);
      assertThat(reader.tag(1)).isInstanceOf(Verdict.Repeated.class);
      assertThat(reader.change(new Epoch(1, BOB), 2)).isInstanceOf(Verdict.Rejected.class);

      Draft expected = new Draft(before);
      expected.nextOffset += 4;
      assertThat(reader.cursor()).isEqualTo(expected.build());
    }

    @Test
    void aTagOfATreeThatHasNoEpochIsRejected() {
      assertThat(reader.tag(1)).isInstanceOf(Verdict.Rejected.class);
      reader.begin(ADA, 1, NOTHING, 0);
      assertThat(reader.tag(1)).isInstanceOf(Verdict.Accepted.class);
    }

    @Test
    void onlyTheLatestTagsAreRemembered() {
      reader.begin(ADA, 1, NOTHING, 0);
      for (int id = 0; id < 100; id++) {
        reader.tag(id);
      }

      assertThat(reader.cursor().tags()).hasSize(Cursor.MAX_REMEMBERED);
      assertThat(reader.tag(99)).isInstanceOf(Verdict.Repeated.class);
    }

    @Test
    void aChangeBeforeTheFirstEpochIsRejected() {
      assertThat(reader.change(Cursor.NO_EPOCH, 1)).isInstanceOf(Verdict.Rejected.class);
      assertThat(reader.tag(1)).isInstanceOf(Verdict.Rejected.class);
    }

    @Test
    void aHeartbeatOfNoEpochChangesNothing() {
      Epoch epoch = reader.begun(ADA, 1, NOTHING, 0);
      Cursor before = reader.cursor();

      assertThat(reader.heartbeat(Cursor.NO_EPOCH, 0)).isInstanceOf(Verdict.Asked.class);

      assertThat(reader.cursor().nextOffset()).isGreaterThan(before.nextOffset());
      assertThat(reader.cursor().sequence()).isEqualTo(before.sequence());
      assertThat(reader.cursor().epoch()).isEqualTo(epoch);
      assertThat(reader.change(epoch, 1)).isInstanceOf(Verdict.Accepted.class);
    }

    @Test
    void anOffsetThatWasReadBeforeIsACallersError() {
      reader.begin(ADA, 1, NOTHING, 0);
      var change =
          new Change(
              new TreeName("home"),
              0,
              0,
              ADA,
              0,
              Change.Cause.LIVE,
              Change.Frames.NONE,
              new Change.Heartbeat(0));

      assertThatThrownBy(() -> reader.cursor().accept(change, 100, 0))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("home")
          .hasMessageContaining("101");
    }

    @Test
    void offsetsOfOtherTreesMayLieBetween() {
      Epoch epoch = reader.begun(ADA, 1, NOTHING, 0);
      reader.change(epoch, 1);
      Draft later = new Draft(reader.cursor());
      later.nextOffset += 1000;
      reader.stand(later.build());

      assertThat(reader.change(epoch, 2)).isInstanceOf(Verdict.Accepted.class);
      assertThat(reader.cursor().lastOffset()).isEqualTo(1102);
    }
  }

  @Nested
  final class Scans {
    @Test
    void aNewEpochEndsAnOpenScan() {
      Epoch epoch = reader.begun(ADA, 1, NOTHING, 0);
      reader.read(epoch, 1, new Change.ScanStarted(ScanKind.FULL));
      assertThat(reader.cursor().openScan()).isEqualTo(Cursor.OpenScan.FULL);

      reader.begin(ADA, 2, known(epoch), 1);

      assertThat(reader.cursor().openScan()).isEqualTo(Cursor.OpenScan.NONE);
      assertThat(reader.cursor().scanCompleted()).isZero();
    }

    @Test
    void aCompletionThatIsRejectedCompletesNothing() {
      Epoch epoch = reader.begun(ADA, 1, NOTHING, 0);
      reader.read(epoch, 1, new Change.ScanStarted(ScanKind.FULL));

      reader.read(epoch, 3, new Change.ScanCompleted(ScanKind.FULL));

      assertThat(reader.cursor().scanCompleted()).isZero();
      assertThat(reader.cursor().openScan()).isEqualTo(Cursor.OpenScan.FULL);
    }
  }

  @Nested
  final class Incarnations {
    /**
     * Sealed to 1000, applied to 1005, Kafka is lost: the new log's changes are none of the old
     * one's.
     */
    @Test
    void sequencesOfANewLogAreNeverThoseOfTheOldOne() {
      Epoch epoch = reader.begun(ADA, 1, NOTHING, 0);
      reader.changes(epoch, 1, 1004);
      assertThat(reader.cursor().sequence()).isEqualTo(1005);

      reader.stand(reader.cursor().newIncarnation(new UUID(8, 8), 3, 0));
      Epoch next = reader.begun(ADA, 2, NOTHING, 0);
      reader.changes(next, 1, 41);

      assertThat(reader.cursor().sequence()).isEqualTo(1_000_000_000_042L);
      assertThat(reader.cursor().changesTopic()).isEqualTo(new UUID(8, 8));
      assertThat(reader.cursor().partition()).isEqualTo(3);
      reader.stand(reader.cursor().newIncarnation(TestReader.TOPIC, 0, 0));
      reader.stand(reader.cursor().newIncarnation(new UUID(9, 9), 0, 0));
      assertThat(reader.cursor().sequence()).isEqualTo(3_000_000_000_000L);
    }

    @Test
    void nothingOfTheOldLogIsAcceptedInTheNewOne() {
      Epoch epoch = reader.begun(ADA, 1, NOTHING, 0);
      reader.tag(1);
      reader.stand(reader.cursor().newIncarnation(new UUID(8, 8), 0, 0));

      assertThat(reader.cursor().lastOffset()).isEqualTo(-1);
      assertThat(reader.change(epoch, 1)).isInstanceOf(Verdict.Rejected.class);
      assertThat(reader.begin(ADA, 1, NOTHING, 0)).isInstanceOf(Verdict.Rejected.class);
      reader.begin(ADA, 2, NOTHING, 0);
      assertThat(reader.tag(1)).isInstanceOf(Verdict.Repeated.class);
    }

    /** Offsets of the new log may by chance be those of an epoch of the old one. */
    @Test
    void whatTheWriterKnowsOfTheOldLogProvesNothingInTheNewOne() {
      Epoch epoch = reader.begun(ADA, 1, NOTHING, 0);
      reader.stand(reader.cursor().newIncarnation(new UUID(8, 8), 0, 0));

      reader.begin(ADA, 2, known(epoch), 0);

      assertThat(fault()).isEqualTo(Fault.Kind.LOST_TAIL);
    }

    @Test
    void whatWasWrongStaysWrong() {
      Epoch epoch = reader.begun(ADA, 1, NOTHING, 0);
      reader.change(epoch, 2);
      reader.stand(reader.cursor().newIncarnation(new UUID(8, 8), 0, 0));

      reader.begin(ADA, 2, NOTHING, 0);

      assertThat(fault()).isEqualTo(Fault.Kind.LOST_TAIL);
    }
  }

  @Nested
  final class LogTime {
    @Test
    void effectiveLogTimeNeverStepsBack() {
      reader.clock(5000);
      Epoch epoch = reader.begun(ADA, 1, NOTHING, 0);
      reader.clock(4000);
      reader.change(epoch, 1);
      assertThat(reader.cursor().logTimeMillis()).isEqualTo(5000);
      reader.clock(6000);
      reader.tag(1);
      assertThat(reader.cursor().logTimeMillis()).isEqualTo(6000);

      reader.stand(reader.cursor().newIncarnation(new UUID(8, 8), 0, 0));
      reader.clock(10);
      reader.begin(ADA, 2, NOTHING, 0);
      assertThat(reader.cursor().logTimeMillis()).isEqualTo(6000);
    }

    @Test
    void whatIsNotCountedDoesNotMoveIt() {
      Epoch epoch = reader.begun(ADA, 1, NOTHING, 0);
      reader.clock(9000);

      reader.heartbeat(epoch, 0);
      reader.change(new Epoch(1, BOB), 1);

      assertThat(reader.cursor().logTimeMillis()).isEqualTo(1000);
    }
  }

  @Nested
  final class LostRanges {
    @Test
    void aLostRangeIsAFaultUntilAFullScanCompletes() {
      Epoch epoch = reader.begun(ADA, 1, NOTHING, 0);
      reader.stand(reader.cursor().afterLostRange(120));

      assertThat(fault()).isEqualTo(Fault.Kind.LOST_RANGE);
      assertThat(reader.cursor().nextOffset()).isEqualTo(120);
      assertThat(reader.cursor().fault().detail()).contains("101 to 119");
      assertThat(reader.change(epoch, 1)).isInstanceOf(Verdict.Accepted.class);
      reader.read(epoch, 2, new Change.ScanStarted(ScanKind.FULL));
      reader.read(epoch, 3, new Change.ScanCompleted(ScanKind.FULL));
      assertThat(reader.cursor().fault()).isEqualTo(Fault.NONE);
    }

    @Test
    void aFullScanThatLostItsOwnChangesHealsNothing() {
      Epoch epoch = reader.begun(ADA, 1, NOTHING, 0);
      reader.read(epoch, 1, new Change.ScanStarted(ScanKind.FULL));
      reader.stand(reader.cursor().afterLostRange(120));

      assertThat(reader.read(epoch, 4, new Change.ScanCompleted(ScanKind.FULL)))
          .isInstanceOf(Verdict.Gapped.class);

      assertThat(fault()).isEqualTo(Fault.Kind.LOST_RANGE);
      assertThat(reader.change(epoch, 2)).isInstanceOf(Verdict.Rejected.class);
    }

    @Test
    void aLostRangeBehindAGapOpensNothing() {
      Epoch epoch = reader.begun(ADA, 1, NOTHING, 0);
      reader.change(epoch, 2);
      reader.stand(reader.cursor().afterLostRange(120));

      assertThat(reader.change(epoch, 1)).isInstanceOf(Verdict.Rejected.class);

      reader.begin(ADA, 2, known(epoch), 0);
      assertThat(fault()).isEqualTo(Fault.Kind.LOST_RANGE);
    }
  }
}
