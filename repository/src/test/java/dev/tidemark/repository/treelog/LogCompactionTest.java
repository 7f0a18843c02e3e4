package dev.tidemark.repository.treelog;

import static dev.tidemark.repository.TestData.WEB;
import static dev.tidemark.repository.TestData.directory;
import static dev.tidemark.repository.TestData.file;
import static dev.tidemark.repository.TestData.put;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.repository.Repository;
import dev.tidemark.repository.TestData;
import dev.tidemark.repository.TestData.Script;
import dev.tidemark.repository.blob.BlobName;
import dev.tidemark.repository.blob.ContentHash;
import dev.tidemark.repository.blob.DurablePut;
import dev.tidemark.repository.blob.InMemoryBlobStore;
import dev.tidemark.repository.blob.TimedBlobStore;
import dev.tidemark.repository.blob.TimedBlobStore.Death;
import dev.tidemark.repository.verify.Damage;
import dev.tidemark.repository.verify.VerifyMode;
import dev.tidemark.schemas.change.Change;
import dev.tidemark.schemas.change.SealedChange;
import dev.tidemark.schemas.cursor.Cursor;
import dev.tidemark.schemas.cursor.Cursor.OpenScan;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class LogCompactionTest {
  private static final Duration DAY = Duration.ofHours(24);

  private long now = Instant.parse("2026-01-01T00:00:00Z").toEpochMilli();
  private final TimedBlobStore store =
      new TimedBlobStore(new InMemoryBlobStore(), () -> Instant.ofEpochMilli(now));
  private final TreeLog log = new TreeLog(store, WEB);
  private final Script script =
      new Script(WEB, TestData.WRITER, Cursor.start(TestData.TOPIC, 0, 1));
  private final List<SealedChange> expected = new ArrayList<>();

  private static List<SealedChange> readAll(SealedChangeStream stream) throws IOException {
    List<SealedChange> changes = new ArrayList<>();
    try (stream) {
      for (Optional<SealedChange> next = stream.next(); next.isPresent(); next = stream.next()) {
        changes.add(next.get());
      }
    }
    return changes;
  }

  private LogSegment seal() throws IOException {
    List<SealedChange> changes = script.take();
    expected.addAll(changes);
    return log.append(changes, script.cursor());
  }

  /** One segment of one change each, some time apart. */
  private void sealSingles(int count, Duration apart) throws IOException {
    for (int i = 0; i < count; i++) {
      now += apart.toMillis();
      if (script.cursor().sequence() == 0) {
        script.begin(now);
      } else {
        script.append(put("f" + i % 50, file("text " + i)), now);
      }
      seal();
    }
  }

  private LogCompaction.Report compact() throws IOException {
    return new LogCompaction(store, new TreeLog(store, WEB)).run();
  }

  private int blobs() throws IOException {
    int[] count = {0};
    store.list("trees/web/log/", _ -> count[0]++);
    return count[0];
  }

  private void assertUnchanged() throws IOException {
    TreeLog reader = new TreeLog(store, WEB);
    assertThat(readAll(reader.read(0, Long.MAX_VALUE))).isEqualTo(expected);
    assertThat(readAll(reader.readAndCompareAll())).isEqualTo(expected);
    assertThat(reader.resumePoint()).contains(script.cursor());
    assertThat(reader.first()).contains(expected.getFirst());
  }

  @Test
  void aYearOfQuietSecondsEndsInFewBlobs() throws IOException {
    int count = 6_000;
    Duration apart = Duration.ofDays(365).dividedBy(count);
    int most = 0;
    for (int i = 0; i < count; i += 100) {
      sealSingles(100, apart);
      compact();
      most = Math.max(most, blobs());
    }

    // One of 4,096 changes, up to 63 of 64, up to 63 of one, and those of the last day.
    assertThat(blobs()).isLessThan(200);
    assertThat(most).isLessThan(400);
    assertUnchanged();
    for (int i = 0; i < count; i += 499) {
      SealedChange change = expected.get(i);
      assertThat(log.lastSequenceAt(change.logTimeMillis())).hasValue(change.sequence());
      assertThat(log.lastSequenceAt(change.logTimeMillis() + 1)).hasValue(change.sequence());
    }
  }

  @Test
  void mergedSegmentsAreReadInTheirPlaceAtOnceAndTheSmallOnesGoADayLater() throws IOException {
    sealSingles(70, Duration.ofSeconds(10));

    assertThat(compact()).isEqualTo(new LogCompaction.Report(1, 70, 0));
    assertThat(log.segments(0)).hasSize(1);
    assertThat(blobs()).isEqualTo(70 + 1 + 1);
    assertUnchanged();

    now += DAY.toMillis() - 60_000;
    sealSingles(1, Duration.ZERO);
    assertThat(compact().deleted()).isZero();
    now += 60_000;
    sealSingles(1, Duration.ZERO);
    assertThat(compact()).isEqualTo(new LogCompaction.Report(0, 0, 70));
    assertThat(blobs()).isEqualTo(1 + 2);
    assertUnchanged();
  }

  @Test
  void aReaderThatHasBegunIsNotUndercut() throws IOException {
    sealSingles(70, Duration.ofSeconds(10));
    try (SealedChangeStream begun = log.read(0, Long.MAX_VALUE)) {
      List<SealedChange> read = new ArrayList<>(List.of(begun.next().orElseThrow()));
      compact();
      now += DAY.toMillis() - 60_000;
      sealSingles(1, Duration.ZERO);
      compact();

      read.addAll(readAll(begun));

      assertThat(read).isEqualTo(expected.subList(0, 70));
    }
  }

  @ParameterizedTest
  @EnumSource(Death.class)
  void killedAtAnyStepTheNextRunGoesOn(Death death) throws IOException {
    sealSingles(64, Duration.ofSeconds(10));
    compact();
    sealSingles(64, Duration.ofSeconds(10));
    compact();
    now += DAY.toMillis();
    sealSingles(64, Duration.ofSeconds(10));
    int deaths = 0;
    for (int step = 0; ; step++) {
      store.dieAt(step % 7, death);
      try {
        compact();
        if (!store.isDead()) {
          break;
        }
      } catch (IOException planned) {
        deaths++;
      }
      store.revive();
      assertUnchanged();
    }
    store.revive();
    now += DAY.toMillis();
    sealSingles(1, Duration.ZERO);
    compact();

    assertThat(deaths).isGreaterThan(10);
    assertUnchanged();
    assertThat(log.segments(0)).hasSize(4);
    assertThat(blobs()).isEqualTo(4);
  }

  @Test
  void whoMayNotDeleteMergesAllTheSameAndCleanUpDeletes() throws IOException {
    store.refuseDeletions();
    int written = 0;
    for (int i = 0; i < 5; i++) {
      sealSingles(70, Duration.ofHours(1));
      written += compact().made();
    }
    assertThat(written).isEqualTo(5);
    assertThat(log.segments(0)).hasSize(5);
    assertThat(blobs()).isEqualTo(350 + 5 + 5);
    assertUnchanged();

    store.allowDeletions();
    assertThat(new LogCompaction(store, log).forget(now + DAY.toMillis())).isEqualTo(350);
    assertThat(blobs()).isEqualTo(5);
    assertUnchanged();
  }

  /** A former owner's segment comes when its range was merged already. */
  @Test
  void aSegmentThatDisagreesWithAMergedOneIsStillAFault() throws IOException {
    sealSingles(70, Duration.ofSeconds(10));
    compact();
    Script other = new Script(WEB, new UUID(9, 9), cursorAt(20)).begin(now);
    List<SealedChange> others = other.append(put("x", file("x")), now).take();
    byte[] blind = Segment.encode(others, other.cursor());
    SegmentName name = new SegmentName(WEB, 21, 22, ContentHash.compute(blind));
    DurablePut.put(store, name.blobName(), blind);

    assertThatThrownBy(() -> readAll(log.read(0, Long.MAX_VALUE)))
        .isInstanceOf(LogDisagreementException.class)
        .hasMessageContaining(name.hash().hex());
    // And it stays one: nothing of a dispute is merged, or deleted.
    compact();
    now += DAY.toMillis();
    sealSingles(1, Duration.ZERO);
    compact();
    assertThatThrownBy(() -> readAll(log.read(0, Long.MAX_VALUE)))
        .isInstanceOf(LogDisagreementException.class);
  }

  private Cursor cursorAt(int count) {
    Cursor cursor = Cursor.start(TestData.TOPIC, 0, 1);
    for (SealedChange change : expected.subList(0, count)) {
      cursor =
          cursor.accept(change.change(), change.origin().offset(), change.logTimeMillis()).next();
    }
    return cursor;
  }

  /** Owners that changed have sealed the same changes in other pieces. */
  @Test
  void segmentsThatOverlapBecomeOne() throws IOException {
    script.begin(now);
    for (int i = 0; i < 9; i++) {
      script.append(put("f" + i, file("text " + i)), now);
    }
    List<SealedChange> all = script.take();
    expected.addAll(all);
    log.append(all.subList(0, 6), cursorAt(6));
    new TreeLog(store, WEB).append(all.subList(2, 8), cursorAt(8));
    new TreeLog(store, WEB).append(all.subList(3, 10), script.cursor());
    new TreeLog(store, WEB).append(all.subList(7, 10), script.cursor());

    assertThat(compact().merged()).isEqualTo(4);
    assertThat(log.segments(0)).hasSize(1);
    assertUnchanged();
    // Nothing is to be put where one of them holds all.
    new TreeLog(store, WEB).append(all.subList(4, 10), script.cursor());
    assertThat(compact()).isEqualTo(new LogCompaction.Report(0, 1, 0));
    assertThat(log.segments(0)).hasSize(1);
    assertUnchanged();
  }

  /** Before any write of one run another run may do all of its own, or retention some of its. */
  @Test
  void runsOfSeveralProcessesSideBySideLoseNothing() throws IOException {
    long seed = Long.getLong("tidemark.seed", System.nanoTime());
    System.out.println("tidemark.seed=" + seed);
    Random random = new Random(seed);
    for (int round = 0; round < 150; round++) {
      sealSingles(1 + random.nextInt(12), Duration.ofMinutes(random.nextInt(200)));
      int[] deep = {0};
      store.beforeWrites(
          () -> {
            if (deep[0] < 2 && random.nextInt(4) == 0) {
              deep[0]++;
              compactUnchecked(random);
              deep[0]--;
            }
          });
      compactUnchecked(random);
      store.beforeWrites(() -> {});
      assertUnchanged();
    }
    assertThat(log.segments(0)).hasSizeLessThan(60);
  }

  private void compactUnchecked(Random random) {
    try {
      new LogCompaction(store, new TreeLog(store, WEB), 2 + random.nextInt(6)).run();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The format, byte for byte. */
  @Test
  void aMarkIsLinesOfText() throws IOException {
    ContentHash into = new ContentHash("1".repeat(64));
    ContentHash first = new ContentHash("2".repeat(64));
    ContentHash second = new ContentHash("3".repeat(64));

    byte[] encoded = new MergeMark.Merge(into, Set.of(second, first)).encode();

    assertThat(new String(encoded, StandardCharsets.UTF_8))
        .isEqualTo(
            "tidemark-merged 1\ninto %s\nfrom %s\nfrom %s\nend 8a582826\n"
                .formatted(into, first, second));
    MergeMark mark = new MergeMark(WEB, 1, 7, ContentHash.compute(encoded), 0);
    assertThat(mark.blobName().value())
        .startsWith("trees/web/log/00000000000000000001-00000000000000000007-")
        .endsWith(".merged");
    store.put(mark.blobName(), encoded);
    assertThat(mark.read(store)).isEqualTo(new MergeMark.Merge(into, Set.of(first, second)));
    assertThat(MergeMark.find(WEB, mark.blobName(), 0)).contains(mark);
  }

  /** A mirror that starts inside a full scan begins at the last resume point before it. */
  @Test
  void theResumePointBeforeAFullScanIsKept() throws IOException {
    sealSingles(40, Duration.ofSeconds(10));
    long before = script.cursor().sequence();
    script.append(new Change.ScanStarted(Change.ScanKind.FULL), now);
    seal();
    sealSingles(40, Duration.ofSeconds(10));

    assertThat(compact().made()).isEqualTo(2);
    List<Cursor> points = new ArrayList<>();
    for (LogSegment segment : log.segments(0)) {
      points.add(log.resumePoint(segment));
    }
    assertThat(points).extracting(Cursor::openScan).containsExactly(OpenScan.NONE, OpenScan.FULL);
    assertThat(points.getFirst().sequence()).isEqualTo(before);
    assertUnchanged();
  }

  @Test
  void aDamagedMarkCostsAReaderTimeAndNothingElse() throws IOException {
    sealSingles(70, Duration.ofSeconds(10));
    compact();
    BlobName mark = log.list().marks().getFirst().blobName();
    byte[] damaged = store.get(mark);
    damaged[30] ^= 1;
    store.replace(mark, ByteBuffer.wrap(damaged));

    assertUnchanged();
    compact();
    assertThat(log.segments(0)).hasSize(1);
    assertUnchanged();
  }

  /** What the changes name is in no pack here, which is damage of its own. */
  private static List<String> damagedMarks(Repository repository) throws IOException {
    return repository.verify(VerifyMode.STRUCTURE).damages().stream()
        .map(Damage::subject)
        .filter(subject -> subject.endsWith(".merged"))
        .toList();
  }

  @Test
  void verifyNamesADamagedMarkAndRepairDeletesIt() throws IOException {
    try (Repository repository = Repository.create(store, TestData.DESCRIPTOR)) {
      sealSingles(70, Duration.ofSeconds(10));
      compact();
      assertThat(damagedMarks(repository)).isEmpty();
      BlobName mark = log.list().marks().getFirst().blobName();
      byte[] damaged = store.get(mark);
      damaged[30] ^= 1;
      store.replace(mark, ByteBuffer.wrap(damaged));

      assertThat(damagedMarks(repository)).containsExactly(mark.value());
      repository.repair(List.of(), Optional.empty(), _ -> {});
      assertThat(damagedMarks(repository)).isEmpty();
      assertThat(log.list().marks()).isEmpty();
      assertUnchanged();
    }
  }

  @Test
  void whatIsGoneFromTheHistoryIsNotMergedWithWhatIsNot() throws IOException {
    sealSingles(200, Duration.ofSeconds(10));
    log.addGap(1, 100);

    compact();

    assertThat(log.list().segments().stream().filter(s -> s.first() <= 100 && s.last() > 100))
        .isEmpty();
    assertThat(readAll(log.readKept())).isEqualTo(expected.subList(100, 200));
  }

  @Test
  void changesOfTwoIncarnationsStayApart() throws IOException {
    sealSingles(50, Duration.ofSeconds(10));
    script.newTopic(new UUID(7, 7), now).append(put("", directory()), now);
    seal();
    sealSingles(70, Duration.ofSeconds(10));

    compact();

    assertThat(log.segments(0)).hasSize(51);
    assertUnchanged();
  }
}
