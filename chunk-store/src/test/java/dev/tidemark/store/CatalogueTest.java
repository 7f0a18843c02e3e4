package dev.tidemark.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.repository.pack.PackEntry;
import dev.tidemark.schemas.change.Change;
import dev.tidemark.schemas.change.Extent;
import dev.tidemark.schemas.change.FramePosition;
import dev.tidemark.schemas.change.NodePath;
import dev.tidemark.schemas.change.SealedChange;
import dev.tidemark.schemas.change.TreeName;
import dev.tidemark.schemas.codec.Records;
import dev.tidemark.schemas.cursor.Fault;
import dev.tidemark.schemas.cursor.Head;
import dev.tidemark.schemas.topic.Partitioning;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the changes side accepts, holds back and seals. */
final class CatalogueTest {
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

  @Test
  void changesAreSealedInTheirOrderOnceTheirChunksAreDurable() throws Exception {
    Changes writer = topology.begun("web");
    topology.change(writer.directory(""));
    Extent.Chunk chunk = topology.frame(Changes.plain(1, 1_000));
    topology.change(writer.put("a", chunk));
    topology.change(writer.symlink("b"));
    assertThat(topology.head("web").accepted().sequence()).isEqualTo(4);
    assertThat(topology.head("web").sealed().sequence()).isEqualTo(2);

    topology.flush();

    assertThat(topology.head("web").sealed().sequence()).isEqualTo(4);
    assertThat(sealed("web")).extracting(SealedChange::sequence).containsExactly(1L, 2L, 3L, 4L);
  }

  @Test
  void anUnknownPositionOfAnOmittedBodyHoldsNothingBack() {
    Changes writer = topology.begun("web");
    byte[] plain = Changes.plain(1, 100);
    topology.change(
        writer.put("a", new Extent.Chunk(Changes.id(plain), 100, FramePosition.UNKNOWN)));

    assertThat(topology.head("web").sealed().sequence()).isEqualTo(2);
  }

  @Test
  void aRepeatedChangeIsDroppedAndCounted() {
    Changes writer = topology.begun("web");
    Change change = writer.symlink("a");
    topology.change(change);
    topology.change(change);

    Head head = topology.head("web");
    assertThat(head.accepted().sequence()).isEqualTo(2);
    assertThat(head.repeated()).isEqualTo(1);
    assertThat(head.sealed()).isEqualTo(head.accepted());
  }

  @Test
  void aGapStopsTheTreeUntilItsWriterBeginsAnew() {
    Changes writer = topology.begun("web");
    topology.change(writer.symlink("a"));
    writer.symlink("lost");
    topology.change(writer.symlink("b"));
    topology.change(writer.symlink("c"));

    Head stopped = topology.head("web");
    assertThat(stopped.accepted().fault().kind()).isEqualTo(Fault.Kind.GAP);
    assertThat(stopped.accepted().sequence()).isEqualTo(2);
    assertThat(stopped.gapped()).isEqualTo(1);

    // The lost change was never acknowledged: nothing is missing once the writer says so.
    writer.number = 1;
    topology.begin(writer);
    topology.change(writer.symlink("b"));

    Head healed = topology.head("web");
    assertThat(healed.accepted().fault().isNone()).isTrue();
    assertThat(healed.sealed().sequence()).isEqualTo(4);
  }

  @Test
  void changesOfAFencedWriterAreRejectedAndCounted() throws Exception {
    Changes old = topology.begun("web");
    topology.change(old.symlink("a"));
    Changes young = topology.begun("web");
    topology.change(old.symlink("late"));
    topology.change(young.symlink("b"));

    Head head = topology.head("web");
    assertThat(head.rejected()).isEqualTo(1);
    assertThat(head.accepted().epoch().writer()).isEqualTo(young.writer);
    assertThat(head.sealed().sequence()).isEqualTo(4);
    assertThat(sealed("web")).hasSize(4);
  }

  @Test
  void aTreeInAnotherPartitionThanItsOwnIsRejected() throws Exception {
    topology.close();
    topology = new TestTopology(folder.resolve("two"), 2, 1 << 20);
    String elsewhere = tree(1);
    String here = tree(0);

    topology.begun(elsewhere);
    topology.begun(here);

    assertThat(topology.knows(here)).isTrue();
    assertThat(topology.knows(elsewhere)).isFalse();
    assertThat(topology.counters.rejectedChanges.sum()).isEqualTo(1);
  }

  private static String tree(int partition) {
    int i = 0;
    while (Partitioning.of(new TreeName("tree" + i), 2) != partition) {
      i++;
    }
    return "tree" + i;
  }

  @Test
  void anUnreadableRecordIsCountedAndShowsAsAGap() {
    Changes writer = topology.begun("web");
    writer.symlink("unreadable");
    topology.rawChange("web".getBytes(StandardCharsets.UTF_8), new byte[] {1, 2, 3});
    topology.change(writer.symlink("b"));

    assertThat(topology.counters.undecodableChanges.sum()).isEqualTo(1);
    assertThat(topology.head("web").accepted().fault().kind()).isEqualTo(Fault.Kind.GAP);
  }

  @Test
  void aRecordUnderTheKeyOfAnotherTreeIsRejected() {
    Changes writer = topology.writer("web");
    topology.rawChange(
        "other".getBytes(StandardCharsets.UTF_8), Records.encode(writer.epochStarted()));

    assertThat(topology.counters.rejectedChanges.sum()).isEqualTo(1);
    assertThat(topology.knows("web")).isFalse();
    assertThat(topology.knows("other")).isFalse();
  }

  @Test
  void aTagCountsOnceAndAHeartbeatNotAtAll() throws Exception {
    Changes writer = topology.begun("web");
    Change tag = writer.tag("release");
    topology.change(tag);
    topology.change(tag);
    topology.now = topology.now.plusSeconds(5);
    topology.change(writer.heartbeat());

    Head head = topology.head("web");
    assertThat(head.sealed().sequence()).isEqualTo(2);
    assertThat(head.repeated()).isEqualTo(1);
    assertThat(head.lastHeartbeatMillis()).isEqualTo(topology.now.toEpochMilli());
    assertThat(head.sealed().nextOffset()).isEqualTo(4);
    assertThat(sealed("web")).hasSize(2);
  }

  @Test
  void headsAreToldAtIntervalsNotPerChange() {
    Changes writer = topology.begun("web");
    topology.tick();
    int before = topology.headRecords;
    for (int i = 0; i < 1_000; i++) {
      topology.change(writer.symlink("s" + i));
    }
    topology.tick();
    topology.tick();

    assertThat(topology.headRecords - before).isLessThanOrEqualTo(4);
    assertThat(topology.head("web").sealed().sequence()).isEqualTo(1_001);
  }

  @Test
  void changesPastTheMemoryBoundAreReadAgain() throws Exception {
    topology.close();
    topology = new TestTopology(folder.resolve("small"), 1, 2_000);
    Changes writer = topology.begun("web");
    Extent.Chunk chunk = topology.frame(Changes.plain(1, 1_000));
    topology.change(writer.put("a", chunk));
    for (int i = 0; i < 50; i++) {
      topology.change(writer.symlink("s" + i));
      topology.change(writer.heartbeat());
    }
    assertThat(topology.head("web").sealed().sequence()).isEqualTo(1);

    topology.flush();
    topology.settle(() -> topology.head("web").sealed().sequence() == 52);

    assertThat(topology.log.readings).isGreaterThan(1);
    assertThat(topology.head("web").sealed()).isEqualTo(topology.head("web").accepted());
    assertThat(sealed("web")).hasSize(52);
  }

  @Test
  void aChunkInAHoleStopsSealingUntilItsBodyIsSentAgain() throws Exception {
    byte[] plain = Changes.plain(1, 1_000);
    Changes writer = topology.begun("web");
    long offset = topology.rawFrame(Changes.id(plain).bytes(), new byte[] {0});
    topology.change(writer.put("a", Changes.extent(plain, 0, offset)));
    topology.change(writer.symlink("b"));

    topology.settle(() -> topology.head("web").sealed().sequence() == 1);
    Head faulty = topology.head("web");
    assertThat(faulty.sealingFault().kind()).isEqualTo(Fault.Kind.MISSING_CHUNK);
    assertThat(faulty.sealingFault().path()).isEqualTo(NodePath.ofText("a"));
    assertThat(faulty.sealingFault().chunks()).containsExactly(Changes.id(plain));

    topology.change(writer.put("a", topology.frame(plain)));
    topology.flush();
    topology.settle(() -> topology.head("web").sealed().sequence() == 4);

    assertThat(topology.head("web").sealingFault().isNone()).isTrue();
    assertThat(sealed("web").get(1).change().body()).isInstanceOf(Change.Put.class);
    assertThat(topology.counters.abandonedVersions.sum()).isZero();
  }

  @Test
  void aLostVersionIsLeftOutOnceALaterOneIsDurable() throws Exception {
    byte[] lost = Changes.plain(1, 1_000);
    Changes writer = topology.begun("web");
    topology.change(writer.put("a", topology.frame(Changes.plain(2, 1_000))));
    topology.flush();
    long offset = topology.rawFrame(Changes.id(lost).bytes(), new byte[] {0});
    topology.change(writer.put("a", Changes.extent(lost, 0, offset)));
    topology.change(writer.put("a", topology.frame(Changes.plain(3, 1_000))));
    assertThat(topology.head("web").sealingFault().kind()).isEqualTo(Fault.Kind.MISSING_CHUNK);

    topology.flush();
    topology.settle(() -> topology.head("web").sealed().sequence() == 4);

    List<SealedChange> sealed = sealed("web");
    assertThat(sealed.get(2).change().body()).isEqualTo(new Change.Keep(NodePath.ofText("a")));
    assertThat(sealed.get(2).origin().offset()).isEqualTo(2);
    assertThat(sealed.get(3).change().body()).isInstanceOf(Change.Put.class);
    assertThat(topology.counters.abandonedVersions.sum()).isEqualTo(1);
    assertThat(topology.head("web").sealingFault().isNone()).isTrue();
  }

  @Test
  void aListInsideAListDoesNotHideAChunkInAHole() {
    byte[] lost = Changes.plain(1, 1_000);
    long offset = topology.rawFrame(Changes.id(lost).bytes(), new byte[] {0});
    byte[] list = Records.encode(List.of((Extent) Changes.extent(lost, 0, offset)));
    Extent.Chunk listChunk = topology.frame(list);
    topology.flush();
    Changes writer = topology.begun("web");

    topology.change(
        writer.put(
            "a",
            List.of(new Extent.Nested(listChunk, 1_000)),
            List.of(new FramePosition(0, offset))));

    Head head = topology.head("web");
    assertThat(head.sealingFault().kind()).isEqualTo(Fault.Kind.MISSING_CHUNK);
    assertThat(head.sealingFault().chunks()).containsExactly(Changes.id(lost));
  }

  @Test
  void positionsOfATopicThatIsGoneAreLookedUpById() throws Exception {
    byte[] plain = Changes.plain(1, 1_000);
    Changes writer = new Changes("web", UUID.randomUUID(), new UUID(9, 9));
    topology.begin(writer);
    topology.change(writer.put("a", Changes.extent(plain, 0, 5)));
    assertThat(topology.head("web").sealingFault().kind()).isEqualTo(Fault.Kind.MISSING_CHUNK);

    topology.repository.storePack(List.of(new PackEntry(Changes.id(plain), Changes.frame(plain))));
    topology.settle(() -> topology.head("web").sealed().sequence() == 2);

    assertThat(topology.head("web").sealingFault().isNone()).isTrue();
  }

  @Test
  void effectiveLogTimeNeverStepsBack() throws Exception {
    Changes writer = topology.begun("web");
    topology.now = TestTopology.START.plusSeconds(60);
    topology.change(writer.symlink("a"));
    topology.now = TestTopology.START.plusSeconds(30);
    topology.change(writer.symlink("b"));
    topology.head("web");

    long late = TestTopology.START.plusSeconds(60).toEpochMilli();
    assertThat(sealed("web"))
        .extracting(SealedChange::logTimeMillis)
        .containsExactly(TestTopology.START.toEpochMilli(), late, late);
  }

  private List<SealedChange> sealed(String tree) throws Exception {
    return SealingTest.sealed(topology.repository, tree);
  }
}
