package dev.tidemark.repository.cleanup;

import static dev.tidemark.repository.cleanup.CleanupWorld.DAY;
import static dev.tidemark.repository.cleanup.CleanupWorld.HOUR;
import static dev.tidemark.repository.cleanup.CleanupWorld.id;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.repository.Repository;
import dev.tidemark.repository.SimulatedTree;
import dev.tidemark.repository.TestData;
import dev.tidemark.repository.blob.BlobName;
import dev.tidemark.repository.blob.TimedBlobStore.Death;
import dev.tidemark.repository.cleanup.SimulatedOwner.Answering;
import dev.tidemark.repository.history.At;
import dev.tidemark.repository.history.TreeAt;
import dev.tidemark.repository.pack.Pack;
import dev.tidemark.repository.pack.PackId;
import dev.tidemark.repository.retention.RetentionPolicy;
import dev.tidemark.repository.retention.TreeRetention;
import dev.tidemark.repository.verify.VerifyMode;
import dev.tidemark.repository.victim.Announcements;
import dev.tidemark.repository.victim.VictimList;
import dev.tidemark.schemas.change.NodePath;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PrimitiveIterator;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class CleanupTest {
  private static final RetentionPolicy DAY_ONLY = RetentionPolicy.keepWithin(Duration.ofDays(1));

  private CleanupWorld world;
  private SimulatedTree tree;

  @BeforeEach
  void create() throws IOException {
    world = new CleanupWorld(new Random(1));
    tree = world.addTree("web", 6);
  }

  private void putAndFlush(int file, String text) throws IOException {
    tree.putFile(file, text, world.now);
    world.flush();
  }

  /** "old" was replaced, and lies alone in a pack; its instants are gone, and so is their log. */
  private void oldIsUnreached() throws IOException {
    putAndFlush(0, "old");
    world.now += HOUR;
    putAndFlush(0, "new");
    world.now += 3 * DAY;
    putAndFlush(1, "newest");
    world.retain(DAY_ONLY);
    world.now += DAY;
    world.retain(DAY_ONLY);
  }

  @Test
  void whatNothingReachesIsAnnouncedAndDeletedAGraceLater() throws IOException {
    oldIsUnreached();

    CleanupReport first = world.cleanUp();
    assertThat(first.packsAnnounced()).isEqualTo(1);
    assertThat(first.packsDeleted()).isZero();
    assertThat(world.storedChunks()).contains(id("old"));

    world.now += DAY - 1;
    assertThat(world.cleanUp().packsDeleted()).isZero();
    world.now += 1;
    CleanupReport last = world.cleanUp();

    assertThat(last.packsDeleted()).isEqualTo(1);
    assertThat(last.released()).isEqualTo(1);
    assertThat(world.storedChunks()).containsExactlyInAnyOrder(id("new"), id("newest"));
    assertThat(world.owner.knows("old")).isFalse();
    world.assertAllIsThere(VerifyMode.READ_DATA);
  }

  @Test
  void aChunkThatComesAgainBetweenAnnouncementAndDeletionIsKept() throws IOException {
    oldIsUnreached();
    world.cleanUp();
    world.now += DAY;
    putAndFlush(2, "old"); // Its body is dropped as known.

    CleanupReport report = world.cleanUp();

    assertThat(report.packsDeleted()).isEqualTo(1);
    assertThat(report.chunksCopied()).isEqualTo(1);
    world.assertAllIsThere(VerifyMode.READ_DATA);
  }

  /** Rule 27: no answer means alive. */
  @Test
  void aChunkWhoseOwnerDoesNotAnswerIsKept() throws IOException {
    oldIsUnreached();
    world.cleanUp();
    world.now += DAY;
    world.owner.answer(Answering.NOBODY);

    CleanupReport report = world.cleanUp();

    assertThat(report.packsDeleted()).isZero();
    assertThat(report.packsLeft()).isEqualTo(1);
    putAndFlush(2, "old");
    world.assertAllIsThere(VerifyMode.READ_DATA);
    world.owner.answer(Answering.YES);
    world.cleanUp();
    world.assertAllIsThere(VerifyMode.READ_DATA);
  }

  /** Rule 27: the body comes again, and is named by a change, just when the chunk is condemned. */
  @Test
  void aChunkNamedAfterItsReleaseIsStoredAgain() throws IOException {
    oldIsUnreached();
    world.cleanUp();
    world.now += DAY;
    world.cleanUp();

    putAndFlush(2, "old");

    assertThat(world.storedChunks()).contains(id("old"));
    world.assertAllIsThere(VerifyMode.READ_DATA);
  }

  /** Rule 28: the frame is in the log, its change is not. */
  @Test
  void aChunkWhoseChangeIsStillToComeIsKept() throws IOException {
    oldIsUnreached();
    world.cleanUp();
    world.now += DAY;
    world.owner.take("old"); // The frame of 0 h.
    world.now += 11 * HOUR;

    CleanupReport report = world.cleanUp();
    putAndFlush(2, "old"); // Its change, of 11 h.

    assertThat(report.refused()).isEqualTo(1);
    world.assertAllIsThere(VerifyMode.READ_DATA);
  }

  /** Rule 28: what a lagging cataloguer has not sealed counts as well. */
  @Test
  void aChunkThatOnlyAnUnsealedChangeNamesIsKept() throws IOException {
    oldIsUnreached();
    world.cleanUp();
    tree.putFile(2, "old", world.now);
    world.now += 2 * DAY;

    assertThat(world.cleanUp().chunksCopied()).isEqualTo(1);
    world.flush();

    world.assertAllIsThere(VerifyMode.READ_DATA);
  }

  /** A chunk-store that begins anew must not know what is just being deleted. */
  @Test
  void anOwnerThatLosesItsStateDuringASweepDoesNotRelyOnItsVictims() throws IOException {
    oldIsUnreached();
    world.cleanUp();
    world.now += DAY;
    world.store.dieAt(2, Death.AFTER); // After the probe of the clock and the mark of the sweep.
    assertThatThrownBy(() -> world.cleanUp()).hasMessageContaining("planned");
    world.store.revive();
    world.repository = Repository.open(world.store, world.clock);

    world.owner.startOver(world.repository);

    assertThat(world.owner.knows("old")).isFalse();
    assertThat(world.owner.knows("new")).isTrue();
    putAndFlush(2, "old");
    world.cleanUp();
    world.assertAllIsThere(VerifyMode.READ_DATA);
  }

  /** Rule 29: a pack is made again with equal bytes, and the old one is just being deleted. */
  @Test
  void aPackThatIsMadeAgainDoesNotShareTheFateOfTheFirst() throws IOException {
    oldIsUnreached();
    world.cleanUp();
    world.now += DAY;
    // Another process deletes it in the moment after this one was told that it is there.
    world.owner.startOver(world.repository);
    PackId doomed =
        world.packs().stream()
            .filter(pack -> pack.equals(Pack.encode(List.of(TestData.entry("old"))).id()))
            .findFirst()
            .orElseThrow();

    PackId made = world.repository.storePack(List.of(TestData.entry("old"))).pack();

    assertThat(made).isNotEqualTo(doomed);
    world.memory.delete(doomed.blobName());
    assertThat(world.repository.readChunk(id("old"))).isEqualTo(TestData.plain("old"));
  }

  /** Rule 29: a maker that stalls between a pack and its index puts the pack again. */
  @Test
  void aPackWhoseIndexCameTooLateIsPutAgain() throws IOException {
    int before = world.packs().size();
    Repository inTime = Repository.open(world.store, clockOf(0, 11));
    inTime.storePack(List.of(TestData.entry("in time")));
    assertThat(world.packs()).hasSize(before + 1);

    Repository slow = Repository.open(world.store, clockOf(0, 13, 13, 14));
    slow.storePack(List.of(TestData.entry("slow")));

    assertThat(world.packs()).hasSize(before + 3);
    assertThat(world.storedChunks()).filteredOn(id("slow")::equals).hasSize(2);
  }

  /** Shows these hours, one at each look. */
  private static InstantSource clockOf(int... hours) {
    PrimitiveIterator.OfInt next = Arrays.stream(hours).iterator();
    return () -> Instant.ofEpochMilli(next.nextInt() * HOUR);
  }

  /** Rule 29: two packs that nothing names yet, of a crash and of a maker under way. */
  @Test
  void aPackThatNoIndexNamesIsKeptForAGraceAndThenGoes() throws IOException {
    Pack crashed = Pack.encode(List.of(TestData.entry("crashed")));
    world.store.put(crashed.id().blobName(), crashed.bytes());
    putAndFlush(0, "first");

    assertThat(world.cleanUp().packsAnnounced()).isZero();
    world.now += DAY;
    assertThat(world.cleanUp().packsAnnounced()).isEqualTo(1);
    world.now += DAY;
    assertThat(world.cleanUp().packsDeleted()).isEqualTo(1);

    assertThat(world.packs()).doesNotContain(crashed.id()).hasSize(1);
    world.assertAllIsThere(VerifyMode.READ_DATA);
  }

  /** Rule 30: each of two runs has one of two copies for its victim. */
  @Test
  void twoRunsNeverDeleteOneCopyEach() throws IOException {
    putAndFlush(0, "twice");
    world.repository.storePack(List.of(TestData.entry("twice"), TestData.entry("alone")));
    world.now += 2 * DAY;
    var announcements = new Announcements(world.store);
    for (PackId pack : world.packs()) {
      // As two runs would that began at one moment, neither of which saw the other's.
      announcements.announce(new VictimList(new TreeMap<>(Map.of(pack, new BitSet())), List.of()));
    }
    world.now += DAY;

    world.store.dieAt(9, Death.BEFORE);
    assertThatThrownBy(() -> world.cleanUp()).hasMessageContaining("planned");
    world.store.revive();
    Repository other = Repository.open(world.store, world.clock);
    new Cleanup(other, world.config, world.clock, new Random(2)).run(Optional.of(world.owner));

    assertThat(world.storedChunks()).contains(id("twice"));
    world.assertAllIsThere(VerifyMode.READ_DATA);
  }

  @Test
  void aRestoreThatHasBegunReadsToItsEnd() throws IOException {
    putAndFlush(0, "old");
    world.now += HOUR;
    putAndFlush(0, "new");
    world.now += 3 * DAY;
    putAndFlush(1, "newest");
    Repository reader = Repository.open(world.store);
    TreeAt begun = reader.history(tree.name()).at(new At.Sequence(3));

    world.retain(DAY_ONLY);
    world.cleanUp();
    world.now += DAY - 1;
    world.retain(DAY_ONLY);
    world.cleanUp();

    assertThat(SimulatedTree.filesOf(reader, begun)).isEqualTo(tree.moment(3).files());
  }

  /** Its pack was announced while the instant was kept, and is due when the instant is not. */
  @Test
  void aRestoreThatBeganJustBeforeItsInstantWentReadsToItsEnd() throws IOException {
    for (int file = 0; file < 6; file++) {
      tree.putFile(file, "old content of " + file, world.now);
    }
    world.flush();
    for (int file = 0; file < 5; file++) {
      tree.putFile(file, "new content of " + file, world.now + HOUR);
    }
    world.flush();
    long held = tree.newest().sequence();
    world.now += DAY;
    putAndFlush(5, "between");
    world.now += 3 * DAY;
    putAndFlush(5, "newest");
    var retention = new TreeRetention(world.repository, tree.name(), CleanupWorld.GRACE);
    retention.hold(held, "");
    retainAll(retention);
    world.now += DAY;
    retainAll(retention);
    assertThat(world.cleanUp().packsAnnounced()).isEqualTo(1);
    world.now += DAY;
    Repository reader = Repository.open(world.store);
    TreeAt begun = reader.history(tree.name()).at(new At.Sequence(held));
    var files = begun.tree();
    assertThat(files.find(NodePath.ofText("f5"))).isPresent();

    retention.release(held);
    retainAll(retention);
    CleanupReport report = world.cleanUp();

    world.assertGone(tree, held);
    assertThat(report.packsDeleted()).isEqualTo(1);
    assertThat(SimulatedTree.filesOf(reader, begun)).isEqualTo(tree.moment(held).files());
  }

  private void retainAll(TreeRetention retention) throws IOException {
    retention.sweep(world.now);
    retention.apply(retention.plan(DAY_ONLY).orElseThrow());
  }

  /** Rule 29, for manifests: one that is found may be announced. */
  @Test
  void aManifestThatIsFoundIsPutUnderAnotherName() throws IOException {
    putAndFlush(0, "a");
    var first = world.repository.history(tree.name()).snapshotNow().orElseThrow();
    putAndFlush(0, "b");
    var second = world.repository.history(tree.name()).snapshotNow().orElseThrow();
    putAndFlush(0, "a");

    var third = world.repository.history(tree.name()).snapshotNow().orElseThrow();

    assertThat(third.manifests()).doesNotContainAnyElementsOf(first.manifests());
    assertThat(second.manifests()).doesNotContainAnyElementsOf(first.manifests());
    first.manifests().forEach(manifest -> world.memory.delete(manifest.blobName(tree.name())));
    SimulatedTree.assertRestores(world.repository, tree.name(), tree.newest());
  }

  @Test
  void manifestsOfSnapshotsThatAreGoneAreDeletedAGraceLater() throws IOException {
    putAndFlush(0, "a");
    var gone = world.repository.history(tree.name()).snapshotNow().orElseThrow();
    world.now += HOUR;
    putAndFlush(0, "b");
    world.now += 3 * DAY;
    putAndFlush(0, "c");
    world.retain(DAY_ONLY);
    assertThat(world.repository.snapshots(tree.name()).sequences()).doesNotContain(gone.sequence());

    assertThat(world.cleanUp().manifestsAnnounced()).isPositive();
    BlobName manifest = gone.manifests().getFirst().blobName(tree.name());
    assertThat(world.memory.length(manifest)).isPresent();
    world.now += DAY;
    assertThat(world.cleanUp().manifestsDeleted()).isPositive();

    assertThat(world.memory.length(manifest)).isEmpty();
    world.assertAllIsThere(VerifyMode.READ_DATA);
  }

  /** Rule 29, for snapshots: what they share with the one before may be gone by then. */
  @Test
  void aSnapshotThatTookTooLongIsNotPut() throws IOException {
    putAndFlush(0, "a");
    long[] time = {0};
    Repository slow =
        Repository.open(world.store, () -> Instant.ofEpochMilli(time[0] += 13 * HOUR));

    assertThatThrownBy(() -> slow.history(tree.name()).snapshotNow())
        .isInstanceOf(IOException.class)
        .hasMessageContaining("12 hours");

    assertThat(world.repository.snapshots(tree.name()).sequences()).isEmpty();
  }

  @Test
  void whatDeadRunsHaveLeftBesideTheirListsIsDeletedLater() throws IOException {
    world.store.dieAt(0, Death.AFTER); // At the probe of the clock.
    assertThatThrownBy(() -> world.cleanUp()).hasMessageContaining("planned");
    world.store.revive();
    world.store.put(new BlobName("cleanup/" + "a".repeat(64) + ".sweep"), new byte[0]);
    world.cleanUp();
    assertThat(cleanupBlobs()).hasSize(2);
    world.now += DAY;

    world.cleanUp();

    assertThat(cleanupBlobs()).isEmpty();
  }

  private List<BlobName> cleanupBlobs() {
    List<BlobName> blobs = new ArrayList<>();
    world.memory.list("cleanup/", status -> blobs.add(status.name()));
    return blobs;
  }

  @Test
  void aRunThatTookTooLongDeletesNothing() throws IOException {
    oldIsUnreached();
    world.cleanUp();
    world.now += DAY;
    long[] time = {0};

    assertThatThrownBy(
            () ->
                new Cleanup(
                        world.repository,
                        world.config,
                        () -> Instant.ofEpochMilli(time[0] += 13 * HOUR),
                        new Random(1))
                    .run(Optional.of(world.owner)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("run it again");

    assertThat(world.storedChunks()).contains(id("old"));
  }

  @Test
  void aReaderOfAPackThatWasRewrittenFindsItsChunkElsewhere() throws IOException {
    putAndFlush(0, "stays");
    Repository reader = Repository.open(world.store);
    assertThat(reader.readChunk(id("stays"))).isEqualTo(TestData.plain("stays"));
    tree.putFile(1, "goes", world.now);
    PackId pack = world.packs().iterator().next();
    var announcements = new Announcements(world.store);
    announcements.announce(new VictimList(new TreeMap<>(Map.of(pack, new BitSet())), List.of()));
    world.now += DAY;

    world.cleanUp();

    assertThat(world.packs()).doesNotContain(pack);
    assertThat(reader.readChunk(id("stays"))).isEqualTo(TestData.plain("stays"));
  }

  @Test
  void packsThatAreMostlyDeadAreRewritten() throws IOException {
    for (int file = 0; file < 6; file++) {
      tree.putFile(file, "first of " + file, world.now);
    }
    world.flush();
    PackId mixed = world.packs().iterator().next();
    world.now += HOUR;
    for (int file = 0; file < 5; file++) {
      tree.putFile(file, "second of " + file, world.now);
    }
    world.flush();
    passGraces(3);

    assertThat(world.packs()).doesNotContain(mixed);
    assertThat(world.storedChunks()).contains(id("first of 5")).doesNotContain(id("first of 0"));
    world.assertAllIsThere(VerifyMode.READ_DATA);
  }

  private void passGraces(int count) throws IOException {
    for (int i = 0; i < count; i++) {
      world.now += 2 * DAY;
      tree.putFile(5, "day " + i, world.now);
      tree.putFile(5, "first of 5", world.now);
      world.flush();
      world.retain(DAY_ONLY);
      world.cleanUp();
    }
  }

  @Test
  void manySmallPacksBecomeOne() throws IOException {
    for (int file = 0; file < 6; file++) {
      putAndFlush(file, "content of " + file);
    }
    for (int i = 0; i < 6; i++) {
      putAndFlush(0, "version " + i);
    }
    assertThat(world.packs()).hasSize(12);
    world.now += DAY;
    world.cleanUp();
    world.now += DAY;
    world.cleanUp();

    assertThat(world.packs()).hasSize(1);
    world.assertAllIsThere(VerifyMode.READ_DATA);
    world.now += DAY;
    assertThat(world.cleanUp().packsAnnounced()).isZero();
  }

  @Test
  void aDamagedLogEndsARunBeforeAnythingIsDeleted() throws IOException {
    oldIsUnreached();
    world.cleanUp();
    world.now += DAY;
    BlobName segment =
        world.repository.log(tree.name()).list().segments().getLast().name().blobName();
    byte[] bytes = world.memory.get(segment);
    bytes[bytes.length / 2] ^= 1;
    world.memory.replace(segment, bytes);

    assertThatThrownBy(() -> world.cleanUp()).hasMessageContaining("damaged");

    assertThat(world.storedChunks()).contains(id("old"));
  }

  @Test
  void withLittleMemorySomeGarbageStaysButNothingNeededGoes() throws IOException {
    world.config = CleanupConfig.DEFAULT.withFilterBytes(1 << 10);
    List<String> dead = new ArrayList<>();
    for (int round = 0; round < 300; round++) {
      for (int i = 0; i < 10; i++) {
        String text = "round %d of %d".formatted(round, i);
        tree.putFile(i % 6, text, world.now);
        dead.add(text);
      }
    }
    world.flush();
    passGraces(4);

    assertThat(world.storedChunks()).hasSizeLessThan(dead.size());
    world.assertAllIsThere(VerifyMode.READ_DATA);
  }

  @Test
  void theEstimateIsWhatTheRunsFree() throws IOException {
    putAndFlush(0, "old, and rather longer than the others");
    world.now += HOUR;
    putAndFlush(0, "new");
    world.now += 3 * DAY;
    putAndFlush(1, "newest");
    var retention = new TreeRetention(world.repository, tree.name(), CleanupWorld.GRACE);
    var plan = retention.plan(DAY_ONLY).orElseThrow();
    int writes = world.store.writes();

    CleanupReport estimate =
        new Cleanup(world.repository, world.config, world.clock, new Random(3))
            .estimate(List.of(plan));

    assertThat(world.store.writes()).isEqualTo(writes);
    assertThat(estimate.packsAnnounced()).isEqualTo(1);
    world.retain(DAY_ONLY);
    world.now += DAY;
    CleanupReport announced = world.cleanUp();
    assertThat(announced.announcedBytes()).isEqualTo(estimate.announcedBytes());
    world.now += DAY;
    assertThat(world.cleanUp().bytesDeleted()).isEqualTo(estimate.announcedBytes());
  }

  @Test
  void lostAnswersCostNothingButRepetition() throws IOException {
    world.store.loseAnswers(_ -> true);
    oldIsUnreached();
    world.cleanUp();
    world.now += DAY;
    putAndFlush(2, "another");

    CleanupReport report = world.cleanUp();

    assertThat(report.packsDeleted()).isPositive();
    assertThat(world.storedChunks()).doesNotContain(id("old"));
    world.assertAllIsThere(VerifyMode.READ_DATA);
  }

  /** Segments and snapshots that a listing does not show yet name chunks all the same. */
  @Test
  void aListingThatLacksTheNewestBlobsLosesNothing() throws IOException {
    oldIsUnreached();
    world.cleanUp();
    world.now += DAY;
    world.store.listStale(blob -> blob.value().startsWith("trees/"));
    putAndFlush(2, "old");
    putAndFlush(3, "of this minute");
    world.repository.history(tree.name()).snapshotNow();

    CleanupReport report = world.cleanUp();

    assertThat(report.refused()).isEqualTo(1);
    world.store.listFresh();
    world.assertAllIsThere(VerifyMode.READ_DATA);
  }

  @Test
  void aRunThatIsKilledAtAnyStepLosesNothingAndIsFinishedByTheNext() throws IOException {
    for (Death death : Death.values()) {
      for (int step = 0; ; step++) {
        Random random = new Random(11);
        world = new CleanupWorld(random);
        tree = world.addTree("web", 6);
        SimulatedTree other = world.addTree("home", 6);
        churn(10);
        RetentionPolicy policy =
            new RetentionPolicy(Duration.ofDays(1), 0, 2, 0, 0, 0, ZoneId.of("UTC"));
        boolean died = false;
        for (int run = 0; run < 4; run++) {
          world.retain(policy);
          world.store.dieAt(step, death);
          died |= diesCleaningUp();
          world.store.revive();
          world.reopen();
          churn(2);
          world.assertMomentsRestore(3);
          world.now += DAY + HOUR;
        }
        world.cleanUp();
        world.assertAllIsThere(VerifyMode.READ_DATA);
        assertThat(other.moments()).isNotEmpty();
        if (!died) {
          break;
        }
      }
    }
  }

  private boolean diesCleaningUp() throws IOException {
    try {
      world.cleanUp();
      return false;
    } catch (IOException planned) {
      assertThat(planned).hasMessageContaining("planned death");
      return true;
    }
  }

  private void churn(int changes) throws IOException {
    for (int i = 0; i < changes; i++) {
      world.now += world.random.nextLong(3 * HOUR);
      for (SimulatedTree each : world.trees.values()) {
        each.change(world.now);
      }
      if (world.random.nextInt(3) == 0) {
        world.flush();
      }
    }
    world.flush();
  }
}
