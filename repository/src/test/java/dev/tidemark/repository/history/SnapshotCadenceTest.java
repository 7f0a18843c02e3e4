package dev.tidemark.repository.history;

import static dev.tidemark.repository.TestData.DESCRIPTOR;
import static dev.tidemark.repository.TestData.WEB;
import static dev.tidemark.repository.TestData.directory;
import static dev.tidemark.repository.TestData.file;
import static dev.tidemark.repository.TestData.put;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.repository.Repository;
import dev.tidemark.repository.TestData.Script;
import dev.tidemark.repository.blob.CountingBlobStore;
import dev.tidemark.repository.blob.InMemoryBlobStore;
import dev.tidemark.repository.history.History.Pace;
import dev.tidemark.repository.treelog.LogSegment;
import dev.tidemark.schemas.change.NodePath;
import java.io.IOException;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What snapshots cost, and what they leave to be replayed. */
final class SnapshotCadenceTest {
  private static final int FILES = 6_000;
  private static final int CHANGES_PER_SEGMENT = 1_000;
  private static final int SEGMENTS = 60;

  private final CountingBlobStore store = new CountingBlobStore(new InMemoryBlobStore());

  @Test
  void snapshotsCostNoMoreThanTheLogAndLeaveAboutOneOfThemToBeReplayed() throws IOException {
    long seed = Long.getLong("tidemark.seed", System.nanoTime());
    System.out.println("tidemark.seed=" + seed);
    Random random = new Random(seed);
    Repository repository = Repository.create(store, DESCRIPTOR);
    History history = repository.history(WEB);
    Script script = Script.start().append(put("", directory()), 2_000);
    for (int d = 0; d < 60; d++) {
      script.append(put("d" + d, directory()), 2_000);
    }
    long logBytes = 0;
    int snapshots = 0;
    store.take();
    for (int i = 0; i < SEGMENTS; i++) {
      for (int c = 0; c < CHANGES_PER_SEGMENT; c++) {
        int number = random.nextInt(FILES);
        String path = "d%d/f%d".formatted(number % 60, number);
        script.append(put(path, file("text %d,%d,%d".formatted(i, c, number))), 3_000 + i);
      }
      LogSegment segment = repository.log(WEB).append(script.take(), script.cursor());
      logBytes += segment.bytes();
      snapshots += history.snapshotIfDue(Pace.BUSY).isPresent() ? 1 : 0;

      Growth left = history.open().sinceLastSnapshot();
      assertThat(left.bytes())
          .isLessThanOrEqualTo(Math.max(History.FLOOR_BYTES, left.manifestBytes()));
    }

    long written = store.take().putBytes();
    assertThat(snapshots).isGreaterThan(3);
    assertThat(written).as("written for a log of %d bytes", logBytes).isLessThan(2 * logBytes);
    assertThat(history.at(new At.Newest()).tree().find(NodePath.ofText("d7/f7"))).isPresent();
  }
}
