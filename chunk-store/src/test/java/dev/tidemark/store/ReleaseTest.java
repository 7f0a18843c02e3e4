package dev.tidemark.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.repository.pack.PackId;
import dev.tidemark.repository.victim.Announcement;
import dev.tidemark.repository.victim.Announcements;
import dev.tidemark.repository.victim.VictimList;
import dev.tidemark.schemas.change.Extent;
import dev.tidemark.schemas.cursor.Condemned;
import dev.tidemark.schemas.cursor.Fault;
import java.nio.file.Path;
import java.time.Duration;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the owner of a chunk answers to clean-up, and what follows from it. */
final class ReleaseTest {
  private static final byte[] CHUNK = Changes.plain(1, 1_000);

  @TempDir Path folder;
  private TestTopology topology;

  @BeforeEach
  void open() throws Exception {
    topology = new TestTopology(folder);
  }

  @AfterEach
  void close() throws Exception {
    topology.close();
  }

  private static Condemned question(long basis) {
    return new Condemned(Changes.id(CHUNK), TestTopology.CHUNKS, 0, basis);
  }

  @Test
  void aReleasedChunkIsStoredAgainWhenItComesAgain() {
    topology.frame(CHUNK);
    topology.flush();

    assertThat(topology.condemn(question(0))).isTrue();
    topology.frame(CHUNK);
    topology.flush();

    assertThat(topology.counters.packs.sum()).isEqualTo(2);
    assertThat(topology.counters.duplicates.sum()).isZero();
    assertThat(topology.counters.releasedChunks.sum()).isEqualTo(1);
  }

  @Test
  void aChunkThatWasNamedAfterTheBasisIsRefused() {
    topology.frame(CHUNK);
    topology.flush();
    topology.frame(CHUNK);

    assertThat(topology.condemn(question(0))).isFalse();
    topology.frame(CHUNK);

    assertThat(topology.counters.duplicates.sum()).isEqualTo(2);
  }

  @Test
  void aChunkThatIsNotDurableIsRefused() {
    topology.frame(CHUNK);

    assertThat(topology.condemn(question(5))).isFalse();

    topology.flush();
    assertThat(topology.condemn(question(5))).isTrue();
  }

  @Test
  void aQuestionThatRestsOnAnotherTopicIsRefused() {
    topology.frame(CHUNK);
    topology.flush();

    assertThat(topology.condemn(new Condemned(Changes.id(CHUNK), UUID.randomUUID(), 0, 9)))
        .isFalse();
  }

  @Test
  void anUnknownChunkIsReleased() {
    assertThat(topology.condemn(question(0))).isTrue();
  }

  /**
   * Rule 28: the frame is of 0 h and its change of 13 h, when clean-up has looked for one and found
   * none. The change is not sealed before its chunk is there again.
   */
  @Test
  void aChangeThatComesTooLongAfterItsFrameDoesNotRelyOnIt() throws Exception {
    Changes writer = topology.begun("web");
    Extent.Chunk named = topology.frame(CHUNK);
    topology.flush();
    PackId pack = topology.repository.locate(Changes.id(CHUNK)).orElseThrow().pack();
    Announcements announcements = new Announcements(topology.repository.store());
    announcements.announce(new VictimList(new TreeMap<>(Map.of(pack, new BitSet())), List.of()));
    Announcement announced = announcements.list().getFirst();
    announcements.beginSweep(announced);
    assertThat(topology.condemn(question(0))).isTrue();

    writer.oldestMillis = topology.now.minus(Duration.ofHours(13)).toEpochMilli();
    topology.change(writer.put("a", named));

    assertThat(topology.head("web").sealingFault().kind()).isEqualTo(Fault.Kind.MISSING_CHUNK);
    topology.frame(CHUNK);
    topology.flush();
    topology.settle(() -> topology.head("web").sealed().sequence() == 2);
    topology.repository.index().drop(Set.of(pack));
    topology.repository.store().delete(pack.blobName());
    assertThat(topology.repository.readChunk(Changes.id(CHUNK))).isEqualTo(CHUNK);
  }

  @Test
  void aLateChangeWhoseChunksAreThereIsSealed() {
    Changes writer = topology.begun("web");
    Extent.Chunk named = topology.frame(CHUNK);
    topology.flush();

    writer.oldestMillis = topology.now.minus(Duration.ofHours(13)).toEpochMilli();
    topology.change(writer.put("a", named));

    assertThat(topology.head("web").sealed().sequence()).isEqualTo(2);
  }
}
