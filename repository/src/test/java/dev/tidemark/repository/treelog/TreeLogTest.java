package dev.tidemark.repository.treelog;

import static dev.tidemark.repository.TestData.WEB;
import static dev.tidemark.repository.TestData.directory;
import static dev.tidemark.repository.TestData.file;
import static dev.tidemark.repository.TestData.put;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.repository.TestData;
import dev.tidemark.repository.TestData.Script;
import dev.tidemark.repository.blob.BlobName;
import dev.tidemark.repository.blob.ContentHash;
import dev.tidemark.repository.blob.FaultyBlobStore;
import dev.tidemark.repository.blob.FaultyBlobStore.PutFault;
import dev.tidemark.repository.blob.InMemoryBlobStore;
import dev.tidemark.schemas.change.SealedChange;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class TreeLogTest {
  private final InMemoryBlobStore store = new InMemoryBlobStore();
  private final TreeLog log = new TreeLog(store, WEB);

  private static List<SealedChange> readAll(SealedChangeStream stream) throws IOException {
    List<SealedChange> changes = new ArrayList<>();
    try (stream) {
      for (Optional<SealedChange> next = stream.next(); next.isPresent(); next = stream.next()) {
        changes.add(next.get());
      }
    }
    return changes;
  }

  private static Script withPuts(Script script, int count, long logTime) {
    for (int i = 0; i < count; i++) {
      script.append(put("f" + i, file("text " + i)), logTime + i);
    }
    return script;
  }

  @Test
  void whatWasSealedIsReadInOrderWithItsResumePoint() throws IOException {
    Script script = withPuts(Script.start().append(put("", directory()), 1_001), 3, 1_002);
    List<SealedChange> first = script.take();
    log.append(first, script.cursor());
    List<SealedChange> second = withPuts(script, 2, 2_000).take();
    LogSegment segment = log.append(second, script.cursor());

    assertThat(readAll(log.read(0, Long.MAX_VALUE)))
        .containsExactlyElementsOf(concat(first, second));
    assertThat(readAll(log.read(2, 6)))
        .extracting(SealedChange::sequence)
        .containsExactly(3L, 4L, 5L, 6L);
    assertThat(log.resumePoint()).contains(script.cursor());
    assertThat(segment.name().blobName().value())
        .startsWith("trees/web/log/00000000000000000006-00000000000000000007-");
    assertThat(log.segments(6)).containsExactly(segment);
    assertThat(log.first()).contains(first.getFirst());
  }

  private static List<SealedChange> concat(List<SealedChange> first, List<SealedChange> second) {
    List<SealedChange> all = new ArrayList<>(first);
    all.addAll(second);
    return all;
  }

  @Test
  void aTreeWithoutChangesHasNoResumePoint() throws IOException {
    assertThat(log.resumePoint()).isEmpty();
    assertThat(log.first()).isEmpty();
    assertThat(log.lastSequenceAt(Long.MAX_VALUE)).isEmpty();
    assertThat(readAll(log.read(0, Long.MAX_VALUE))).isEmpty();
  }

  /** A segment is sealed, its owner moves, the new owner seals from an earlier point on. */
  @Test
  void eachSequenceOfOverlappingSegmentsIsReadOnce() throws IOException {
    Script script = withPuts(Script.start(), 9, 1_001);
    List<SealedChange> all = script.take();
    log.append(all.subList(0, 6), cursorAt(all, 6));
    new TreeLog(store, WEB).append(all.subList(2, 8), cursorAt(all, 8));
    new TreeLog(store, WEB).append(all.subList(3, 10), script.cursor());

    assertThat(readAll(log.read(0, Long.MAX_VALUE))).isEqualTo(all);
    assertThat(readAll(log.read(4, 9))).isEqualTo(all.subList(4, 9));
    assertThat(log.resumePoint()).contains(script.cursor());
  }

  /** Replays the changes, to have the resume point behind a certain one. */
  private static dev.tidemark.schemas.cursor.Cursor cursorAt(List<SealedChange> all, int count) {
    var cursor = dev.tidemark.schemas.cursor.Cursor.start(TestData.TOPIC, 0, 100);
    for (SealedChange change : all.subList(0, count)) {
      cursor =
          cursor.accept(change.change(), change.origin().offset(), change.logTimeMillis()).next();
    }
    return cursor;
  }

  /** Changes are sealed, the Kafka log loses its tail, others come under the same sequences. */
  @Test
  void segmentsThatDisagreeAreAFaultThatNamesBoth() throws IOException {
    Script script = withPuts(Script.start(), 5, 1_001);
    List<SealedChange> all = script.take();
    log.append(all, script.cursor());
    Script other = new Script(WEB, new UUID(9, 9), cursorAt(all, 3)).begin(5_000);
    List<SealedChange> others = withPuts(other, 4, 5_001).take();

    assertThatThrownBy(() -> new TreeLog(store, WEB).append(others, other.cursor()))
        .isInstanceOf(LogDisagreementException.class);
    // Put there by an owner that had not seen the first segment.
    byte[] blind = Segment.encode(others, other.cursor());
    SegmentName name =
        new SegmentName(WEB, 4, others.getLast().sequence(), ContentHash.compute(blind));
    store.replace(name.blobName(), blind);

    assertThatThrownBy(() -> readAll(log.read(0, Long.MAX_VALUE)))
        .isInstanceOf(LogDisagreementException.class)
        .hasMessageContaining("Change 4 of tree web")
        .hasMessageContaining(name.hash().hex())
        .hasMessageContaining(log.segments(0).getFirst().name().hash().hex());
    assertThat(readAll(log.read(0, 3))).hasSize(3);
  }

  @Test
  void aMissingSegmentIsAHoleAndNotPassedOver() throws IOException {
    Script script = withPuts(Script.start(), 3, 1_001);
    log.append(script.take(), script.cursor());
    LogSegment middle = log.append(withPuts(script, 3, 2_000).take(), script.cursor());
    log.append(withPuts(script, 3, 3_000).take(), script.cursor());
    store.delete(middle.name().blobName());

    assertThatThrownBy(() -> readAll(log.read(0, Long.MAX_VALUE)))
        .isInstanceOf(LogHoleException.class)
        .hasMessageContaining("Changes 5 to 7 of tree web");
    assertThat(readAll(log.read(7, Long.MAX_VALUE))).hasSize(3);
  }

  @Test
  void whatWouldLeaveAHoleIsNotSealed() throws IOException {
    Script script = withPuts(Script.start(), 3, 1_001);
    log.append(script.take(), script.cursor());
    withPuts(script, 1, 2_000).take();
    List<SealedChange> later = withPuts(script, 1, 2_001).take();

    assertThatThrownBy(() -> log.append(later, script.cursor()))
        .isInstanceOf(LogHoleException.class);
    assertThat(log.segments(0)).hasSize(1);
  }

  /** Kafka is lost and made anew: the sequences go on at the next multiple of a million million. */
  @Test
  void aNewIncarnationOfTheLogIsNoHole() throws IOException {
    Script script = withPuts(Script.start(), 3, 1_001);
    log.append(script.take(), script.cursor());
    List<SealedChange> later = script.newTopic(new UUID(7, 7), 9_000).take();
    log.append(later, script.cursor());

    assertThat(readAll(log.read(0, Long.MAX_VALUE)))
        .extracting(SealedChange::sequence)
        .containsExactly(1L, 2L, 3L, 4L, 1_000_000_000_001L);
    assertThat(log.resumePoint()).contains(script.cursor());
  }

  @Test
  void anInstantIsFoundWithoutReadingAllSegments() throws IOException {
    Script script = Script.start();
    for (int i = 0; i < 64; i++) {
      // Two changes of one millisecond, and one whose broker's clock has stepped back.
      script.append(put("a", file("x" + i)), 2_000 + i * 10);
      script.append(put("b", file("y" + i)), 2_000 + i * 10);
      script.append(put("c", file("z" + i)), 1_500);
      log.append(script.take(), script.cursor());
    }

    assertThat(log.lastSequenceAt(999)).isEmpty();
    assertThat(log.lastSequenceAt(1_000)).hasValue(1);
    assertThat(log.lastSequenceAt(1_999)).hasValue(1);
    assertThat(log.lastSequenceAt(2_000)).hasValue(4);
    assertThat(log.lastSequenceAt(2_009)).hasValue(4);
    assertThat(log.lastSequenceAt(2_315)).hasValue(1 + 32 * 3);
    assertThat(log.lastSequenceAt(Long.MAX_VALUE)).hasValue(1 + 64 * 3);
  }

  @Test
  void everyFlippedBitAndTruncationOfASegmentShows() throws IOException {
    Script script = withPuts(Script.start(), 3, 1_001);
    BlobName name = log.append(script.take(), script.cursor()).name().blobName();
    byte[] whole = store.get(name);
    for (int i = 0; i < whole.length; i += 7) {
      byte[] damaged = whole.clone();
      damaged[i] ^= (byte) (1 << i % 8);
      store.replace(name, damaged);
      assertThatThrownBy(() -> readAll(log.read(0, Long.MAX_VALUE)))
          .as("byte %d", i)
          .isInstanceOf(CorruptSegmentException.class)
          .hasMessageContaining(name.value())
          .hasMessageContaining("another copy");
      store.replace(name, Arrays.copyOf(whole, i));
      assertThatThrownBy(log::resumePoint).isInstanceOf(CorruptSegmentException.class);
    }
  }

  @ParameterizedTest
  @EnumSource(PutFault.class)
  void anAppendThatWentWrongIsRepeatedWithoutHarm(PutFault fault) throws IOException {
    FaultyBlobStore faulty = new FaultyBlobStore(store);
    TreeLog faultyLog = new TreeLog(faulty, WEB);
    Script script = withPuts(Script.start(), 3, 1_001);
    List<SealedChange> first = script.take();
    faultyLog.append(first, script.cursor());
    List<SealedChange> second = withPuts(script, 3, 2_000).take();
    faulty.failPut(0, fault);

    try {
      faultyLog.append(second, script.cursor());
    } catch (IOException planned) {
      faultyLog.append(second, script.cursor());
    }

    assertThat(readAll(log.read(0, Long.MAX_VALUE))).isEqualTo(concat(first, second));
    assertThat(log.segments(0)).hasSize(2);
  }
}
