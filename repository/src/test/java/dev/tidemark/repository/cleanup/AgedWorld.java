package dev.tidemark.repository.cleanup;

import static dev.tidemark.repository.cleanup.CleanupWorld.DAY;
import static dev.tidemark.repository.cleanup.CleanupWorld.HOUR;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.repository.Repository;
import dev.tidemark.repository.SimulatedTree;
import dev.tidemark.repository.blob.TimedBlobStore.Death;
import dev.tidemark.repository.retention.RetentionPolicy;
import dev.tidemark.repository.retention.TreeRetention;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Random;

/**
 * A repository in which every kind of blob occurs: what retention has taken out, with its
 * snapshots; a hold; clean-up that died while it deleted; and what was sealed since, some of it in
 * segments that were merged.
 */
final class AgedWorld {
  /** What the files of its only tree hold, of all times. */
  static final List<String> TEXTS =
      List.of("old", "new", "newest", "small", "smaller", "tail", "alone", "last but one", "last");

  private AgedWorld() {}

  static CleanupWorld create() throws IOException {
    CleanupWorld world = new CleanupWorld(new Random(1));
    SimulatedTree tree = world.addTree("web", 6);
    put(world, 0, "old");
    world.now += HOUR;
    put(world, 0, "new");
    world.now += 3 * DAY;
    put(world, 1, "newest");
    RetentionPolicy day = RetentionPolicy.keepWithin(Duration.ofDays(1));
    world.retain(day);
    world.now += DAY;
    world.retain(day);
    world.cleanUp();
    world.now += DAY;
    world.store.dieAt(2, Death.AFTER);
    assertThatThrownBy(world::cleanUp).hasMessageContaining("planned");
    world.store.revive();
    world.repository = Repository.open(world.store, world.clock);
    for (String text : List.of("small", "smaller", "tail")) {
      put(world, 2, text);
    }
    world.compactLogs();
    put(world, 4, "alone");
    put(world, 4, "last but one");
    world.repository.history(tree.name()).snapshotNow();
    new TreeRetention(world.repository, tree.name(), CleanupWorld.GRACE)
        .hold(tree.newest().sequence(), "case 7");
    put(world, 3, "last");
    world.repository.history(tree.name()).snapshotNow();
    return world;
  }

  private static void put(CleanupWorld world, int file, String text) throws IOException {
    world.tree().putFile(file, text, world.now);
    world.flush();
  }
}
