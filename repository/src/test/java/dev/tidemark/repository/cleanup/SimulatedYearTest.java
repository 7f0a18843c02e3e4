package dev.tidemark.repository.cleanup;

import static dev.tidemark.repository.cleanup.CleanupWorld.DAY;
import static dev.tidemark.repository.cleanup.CleanupWorld.HOUR;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.repository.SimulatedTree;
import dev.tidemark.repository.blob.BlobStore;
import dev.tidemark.repository.blob.InMemoryBlobStore;
import dev.tidemark.repository.blob.TimedBlobStore.Death;
import dev.tidemark.repository.blob.s3.TestS3;
import dev.tidemark.repository.pack.PackId;
import dev.tidemark.repository.retention.RetentionPolicy;
import dev.tidemark.repository.verify.VerifyMode;
import dev.tidemark.schemas.chunk.ChunkId;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.time.ZoneId;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Trees that change for long, with retention and clean-up every week and deaths at random: what
 * policy keeps is there at the end, to the byte, and nothing else.
 */
final class SimulatedYearTest {
  private static final RetentionPolicy POLICY =
      new RetentionPolicy(Duration.ofDays(3), 12, 7, 5, 12, 2, ZoneId.of("Europe/Berlin"));

  private final long seed = Long.getLong("tidemark.seed", System.nanoTime());
  private Random random = new Random(seed);
  private CleanupWorld world = new CleanupWorld(random);
  private int deaths;
  private int longest = 1;

  SimulatedYearTest() throws IOException {}

  @Test
  void ofTwoMonthsEveryInstantThatPolicyKeepsRestoresAndNothingElseIsLeft() throws IOException {
    run(seed, new InMemoryBlobStore(), 60, 3);
  }

  @Test
  @Tag("churn")
  void ofAWeekInABucketTheSame() throws IOException {
    run(seed, bucket(TestS3.server().endpoint()), 8, 3);
  }

  @Test
  @Tag("churn")
  void ofAWeekInABucketOfCephTheSame() throws IOException {
    run(seed, bucket(TestS3.rgw().endpoint()), 8, 3);
  }

  @Test
  @Tag("soak")
  void ofAYearInABucketTheSame() throws IOException {
    run(seed, bucket(TestS3.server().endpoint()), 365, 6);
  }

  @Test
  @Tag("soak")
  void ofAYearInABucketOfCephTheSame() throws IOException {
    run(seed, bucket(TestS3.rgw().endpoint()), 365, 6);
  }

  private static BlobStore bucket(URI endpoint) throws IOException {
    BlobStore bucket = TestS3.open(endpoint);
    bucket.prepareForPuts();
    return bucket;
  }

  @Test
  @Tag("soak")
  void ofAYearEveryInstantThatPolicyKeepsRestoresAndNothingElseIsLeft() throws IOException {
    for (int round = 0; round < 5; round++) {
      run(seed + round, new InMemoryBlobStore(), 365, 12);
    }
  }

  private void run(long ofRun, BlobStore store, int days, int changesPerDay) throws IOException {
    System.out.println("tidemark.seed=" + ofRun);
    random = new Random(ofRun);
    world = new CleanupWorld(random, store);
    world.addTree("home", 12);
    world.addTree("web", 5);
    deaths = 0;
    for (int day = 1; day <= days; day++) {
      long evening = world.now + DAY;
      live(evening, changesPerDay);
      world.now = evening;
      if (day % 7 == 0) {
        week();
      }
    }
    // A week may go by without any.
    assertThat(deaths).as("deaths").isGreaterThanOrEqualTo(days / 60);
    settle();
    assertNothingElseIsLeft();
    world.assertAllIsThere(VerifyMode.READ_DATA);
  }

  /** Writers and the chunk-store, which dies now and then. */
  private void live(long until, int changes) throws IOException {
    for (int i = 0; i < changes; i++) {
      world.now = Math.min(until, world.now + random.nextLong(2 * DAY / changes));
      for (SimulatedTree tree : world.trees.values()) {
        change(tree);
      }
      if (random.nextInt(3) == 0) {
        flush();
      }
    }
  }

  private void change(SimulatedTree tree) {
    // Most instants are quiet; a new log is rare.
    if (random.nextInt(400) == 0) {
      tree.newTopic(world.now);
    } else {
      tree.change(world.now);
    }
  }

  private void flush() throws IOException {
    if (random.nextInt(8) == 0) {
      world.store.dieAt(random.nextInt(4), anyDeath());
    }
    try {
      world.flush();
      if (random.nextInt(3) == 0) {
        world.compactLogs();
      }
    } catch (IOException died) {
      recover(died);
    }
    world.store.revive();
  }

  private Death anyDeath() {
    return Death.values()[random.nextInt(Death.values().length)];
  }

  private void recover(IOException died) throws IOException {
    assertThat(died).hasMessageContaining("planned death");
    deaths++;
    world.store.revive();
    world.reopen();
  }

  /** Retention and clean-up; what they are killed in is done by the next week's. */
  private void week() throws IOException {
    world.flush();
    longest = Math.max(longest, runOfWeek(Integer.MAX_VALUE));
    if (random.nextInt(2) == 0) {
      world.now += random.nextLong(2 * DAY);
      change(world.tree());
      world.flush();
      runOfWeek(random.nextInt(longest));
    }
    world.assertMomentsRestore(8);
  }

  /** Returns how many writes it took. */
  private int runOfWeek(int dieAt) throws IOException {
    int before = world.store.writes();
    if (dieAt < Integer.MAX_VALUE) {
      world.store.dieAt(dieAt, anyDeath());
    }
    try {
      world.compactLogs();
      world.retain(POLICY);
      world.cleanUp();
    } catch (IOException died) {
      recover(died);
      world.assertMomentsRestore(8);
      world.retain(POLICY);
    }
    world.store.revive();
    return world.store.writes() - before;
  }

  /** Nothing changes any more; what was announced goes, and what becomes free by that. */
  private void settle() throws IOException {
    world.flush();
    for (int i = 0; i < 6; i++) {
      world.retain(POLICY);
      world.cleanUp();
      world.now += DAY + HOUR;
    }
  }

  private void assertNothingElseIsLeft() throws IOException {
    Set<ChunkId> needed = world.needed();
    Set<ChunkId> found = new HashSet<>();
    for (PackId pack : world.packs()) {
      List<ChunkId> chunks = world.chunksOf(pack);
      assertThat(chunks).as("pack %s", pack).anyMatch(needed::contains);
      long dead = chunks.stream().filter(id -> !needed.contains(id) || !found.add(id)).count();
      assertThat(dead).as("dead or second copies in pack %s", pack).isLessThan(chunks.size());
    }
    assertThat(found).containsAll(needed);
  }
}
